import CygniAccess
import CygniModel
import CygniPostgres

/// What the data takes, what is not archived yet, what retention is behind with, and what keeps it from taking more.
enum StoragePage {
    private static let statements = ServerStatements.pages

    static let route = PageRoute.get("/storage", .platform(.platformRead)) { call in
        let now = call.now
        let content = try await call.server.database.platform(isReading: true) { session in
            StorageView(
                tables: try session.query(statements["days"]).map { try StorageView.Table($0, now) },
                archives: try session.query(statements["archives"]).map { try StorageView.Archives($0, now) },
                drill: try session.query(statements["last_drill"]).first.map { try StorageView.Drill($0, now) },
                debts: try session.query(statements["debts"]).map { try StorageView.Debt($0, now) },
                plans: try session.query(statements["plans"]).map { try StorageView.Plan($0, now) },
                quarantined: try session.query(statements["quarantined"]).map { try StorageView.Quarantined($0, now) },
                purges: try session.query(statements["purges"]).map { try StorageView.Purge($0, now) },
                holds: try session.query(statements["holds"]).map { try StorageView.Hold($0, now) }
            )
        }
        return .page(PageView(template: "storage", title: content.title, content: content))
    }
}
