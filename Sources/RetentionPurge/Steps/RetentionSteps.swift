import CygniAudit
import CygniJobs
import CygniModel
import CygniObjectStore
package import CygniPostgres
import FoundationEssentials

/// Applies the steps of a plan. What goes, goes in one transaction with its receipt.
package struct RetentionSteps: Sendable {
    package static let statements = StatementFile("retention_steps", PackageResources.retention_steps_sql)

    let settings: RetentionSettings
    let store: any ObjectStore
    let policies: [String: Policy]
    let context: JobContext

    func apply(_ step: RetentionStep) async throws {
        switch step {
        case .addClass(let name):
            try await context.transaction { _ = try $0.query(Self.statements["add_class"], name) }
        case .finalize: try await finalize()
        case .dropCopies:
            let dropped = try await patiently { try $0.query(Self.statements["drop_copies"]).count }
            context.count("copies_dropped", dropped)
        case .detach(let leaf): try await detach(leaf)
        case .rewrite(let leaf, let share): try await rewrite(leaf, share)
        case .deleteFrom(let leaf, let share): try await delete(from: leaf, share)
        case .deleteRows(let table, let due): try await delete(from: table, due)
        case .drop(let entry): try await drop(entry)
        case .closeReceipt(let receipt): try await finish(receipt.id, wal: 0)
        case .objects(let archives): try await deleteObjects(archives)
        case .dropRelation(let relation): try await drop(relation)
        case .closeSegment(let segment): try await close(segment)
        }
    }

    /// What a receipt says of the policy it goes by.
    func policy(_ name: String) -> JSONText {
        JSONText(policies[name]?.json ?? JSONValue.object([("name", .string(name))]).text)
    }

    /// Does what needs locks that others may hold, again and again until they are had.
    ///
    /// - Throws: ``JobFailure`` when they were not to be had for as long as the settings say.
    func patiently<Value: Sendable>(_ body: @Sendable (Session) throws -> Value) async throws -> Value {
        let deadline = ContinuousClock.now + settings.lockPatience
        var tries = 0
        while true {
            tries += 1
            do {
                return try await context.transaction(body)
            } catch let error as PostgresError where error.sqlState == "55P03" || error.sqlState == "40P01" {
                guard ContinuousClock.now < deadline else {
                    throw JobFailure(
                        "its locks were not to be had in \(settings.lockPatience.text) and \(tries) tries, as queries read it all the time; see lock_patience"
                    )
                }
                context.count("lock_retries")
                try await context.checkpoint()
                try await Task.sleep(for: .milliseconds(200))
            }
        }
    }

    /// Runs what raises CY001 when something stands against it, and says so in the database's words.
    func obeying<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as PostgresError where error.sqlState == "CY001" {
            throw JobFailure(error.serverMessage)
        }
    }

    /// Ends a receipt with its entry in the audit log.
    func finish(_ receipt: String, wal: Int) async throws {
        context.crashPoint("purge.before-receipt")
        try await context.transaction { session in
            let id = UUID(uuidString: receipt)
            guard let row = try session.query(Self.statements["finish_purge"], id, wal).first else { return }
            let entry = try append("retention.purged", try row.get("item"), try row.get("details"), in: session)
            try session.query(Self.statements["note_audit"], id, entry)
        }
        context.crashPoint("purge.receipt")
    }

    func append(_ action: String, _ subject: String, _ details: String, in session: Session) throws -> Int {
        Int(
            try AuditLog.append(
                AuditEvent(
                    tenant: nil,
                    actor: "job:retention-purge",
                    action: action,
                    subject: subject,
                    details: JSONText(details)
                ),
                in: session
            )
        )
    }

    func wal() async throws -> Int {
        try await context.read { try $0.query(Self.statements["wal"])[0].get("position", as: Int.self) }
    }

    var run: UUID { context.runID }
}
