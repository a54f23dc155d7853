import CygniAudit
package import CygniModel
package import CygniPostgres
package import FoundationEssentials

/// That somebody has seen to a run which did not end well. Every call is part of its caller's transaction.
package enum AcknowledgementBook {
    private static let statements = StatementFile("job_book", PackageResources.job_book_sql)

    package struct Acknowledgement: Hashable, Sendable {
        package var at: Timestamp
        package var actor: String
        package var why: String

        package var members: [(name: String, value: JSONValue)] {
            [("at", .string(at.rfc3339)), ("actor", .string(actor)), ("why", .string(why))]
        }

        init(_ row: Row) throws {
            at = try row.get("at")
            actor = try row.get("actor")
            why = try row.get("why")
        }
    }

    package enum Outcome: Sendable {
        /// What stands now, and whether it is this call's.
        case stands(Acknowledgement, isNew: Bool)
        /// The run is under way or ended well; its state.
        case needless(String)
        case noSuchRun
    }

    /// - Parameter details: more for the audit log.
    package static func acknowledge(
        _ run: UUID,
        why: String,
        by actor: String,
        details: [(name: String, value: JSONValue)] = [],
        in session: Session
    ) throws -> Outcome {
        guard let found = try session.query(statements["state_of_run"], run).first else { return .noSuchRun }
        let state = try found.get("state", as: String.self)
        guard state != "running", state != "succeeded" else { return .needless(state) }
        guard let row = try session.query(statements["acknowledge"], run, actor, why).first else {
            return .stands(try Acknowledgement(session.query(statements["acknowledgement"], run)[0]), isNew: false)
        }
        let words: [(name: String, value: JSONValue)] = [
            ("why", .string(why)), ("job", .string(try found.get("job"))), ("state", .string(state)),
        ]
        try AuditLog.append(
            AuditEvent(
                tenant: nil,
                actor: actor,
                action: "run.acknowledge",
                subject: "run:\(run.text)",
                details: JSONText(JSONValue.object(words + details).text)
            ),
            in: session
        )
        return .stands(try Acknowledgement(row), isNew: true)
    }
}
