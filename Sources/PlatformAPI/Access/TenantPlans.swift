import CygniPostgres
import FoundationEssentials
import Synchronization

/// Each tenant's plan, remembered for a while: it is asked for with every request and changes once a year.
final class TenantPlans: Sendable {
    private static let statements = ServerStatements.server
    private static let keptFor = Duration.seconds(60)
    private static let mostKept = 10_000

    private struct Entry {
        /// nil: there is no such tenant.
        var plan: String?
        var since: ContinuousClock.Instant
    }

    private let entries = Mutex<[UUID: Entry]>([:])

    /// - Returns: nil when there is no such tenant.
    func plan(of tenant: UUID, _ database: ServerDatabase) async throws -> String? {
        let kept = entries.withLock { $0[tenant] }
        if let kept, kept.since.duration(to: .now) < Self.keptFor { return kept.plan }
        let plan = try await database.read(tenant, Self.statements["plan"], binds: [tenant], isPlannedOnce: true) {
            rows in
            try rows.first?.get("plan", as: String.self)
        }
        entries.withLock { entries in
            if entries.count >= Self.mostKept { entries.removeAll() }
            entries[tenant] = Entry(plan: plan, since: .now)
        }
        return plan
    }
}
