import CygniAccess
import CygniModel
import CygniPostgres

/// What was changed, by whom and from where, in every chain of the audit log; newest first.
enum AuditPage {
    struct EntryView: Sendable {
        let at: TimeView
        let chain: String
        let actor: String
        let action: String
        let subject: String
        let actorHref: String
        let actionHref: String
        let entryDetails: String?
        let hash: String
        let cursor: Cursor

        init(_ row: Row, now: Timestamp) throws {
            let time = try row.get("at", as: Timestamp.self)
            at = TimeView(time, now: now)
            chain = try row.get("tenant", as: String?.self) ?? "platform"
            actor = try row.get("actor")
            action = try row.get("action")
            subject = try row.get("subject")
            actorHref = "/audit?actor=\(actor.percentEncodedForQuery)"
            actionHref = "/audit?action=\(action.percentEncodedForQuery)"
            let details = try JSONInput(parsing: row.get("details"))
            entryDetails = details.members.isEmpty ? nil : PrettyJSON.text(details.json)
            hash = String(try row.get("hash", as: String.self).prefix(12))
            cursor = Cursor(time: time, id: "\(try row.get("id", as: Int.self))")
        }
    }

    private struct Content: Sendable {
        let entries: [EntryView]
        let chosenAction: String
        let chosenActor: String
        let chosenSubject: String
        let nextHref: String?
        let isFiltered: Bool
    }

    static let route = PageRoute.get("/audit", .platform(.platformRead)) { call in
        let now = call.now
        let (action, actor, subject) = (call.query("action"), call.query("actor"), call.query("subject"))
        let cursor = try call.cursor("/audit", [action, actor, subject])
        let rows = try await call.server.database.platform(isReading: true) { session in
            try session.query(
                ServerStatements.pages["audit"],
                cursor.flatMap { Int($0.id) } ?? Int.max,
                action,
                actor,
                subject,
                ListPart<EntryView>.size + 1
            ).map { try EntryView($0, now: now) }
        }
        let part = ListPart(rows, cursor: \.cursor)
        return .page(
            PageView(
                template: "audit",
                title: "Audit log",
                content: Content(
                    entries: part.items,
                    chosenAction: action ?? "",
                    chosenActor: actor ?? "",
                    chosenSubject: subject ?? "",
                    nextHref: call.next(
                        "/audit",
                        [("action", action), ("actor", actor), ("subject", subject)],
                        part.last
                    ),
                    isFiltered: action != nil || actor != nil || subject != nil
                )
            )
        )
    }
}
