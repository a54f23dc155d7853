import CygniArchive
import CygniAudit
import CygniModel
import CygniObjectStore
import CygniPostgres
import FoundationEssentials

/// Erases what a plan says, each thing with a receipt in the audit log. Every step can be done again.
struct ErasureSteps: Sendable {
    static let statements = ErasureReading.statements
    /// Of 8 KiB, in one statement.
    private static let pagesPerBatch = 2000
    /// For the locks of a roll-up: a minute of tries.
    private static let attempts = 300

    let run: UUID
    let tenant: UUID
    let actor: String
    let reading: ErasureReading
    let archives: ArchiveErasure
    /// As cygni_owner.
    let owner: Connection
    /// As the role of the jobs, who own the roll-ups.
    let jobs: Connection

    var id: String { tenant.text }

    func erase(_ item: ErasurePlan.Item) async throws {
        switch item.target {
        case .rows(let relation, let source, let name): try await delete(relation, source, name, item)
        case .archive(let object): try await erase(object, item)
        case .rollup(let relation): try await leaveOut(relation, item)
        case .leftovers(let receipt, let keys): try await delete(keys, receipt)
        case .artifacts(let prefix): try await deleteArtifacts(prefix, item)
        }
    }

    /// Stops when a hold was set meanwhile; none is set before the transaction ends.
    func demandNoHold(_ item: ErasurePlan.Item, in session: Session) throws {
        _ = try session.query(Self.statements["freeze_holds"])
        if let held = try reading.obstacle(item.sources, item.range, in: session) {
            throw ToolError("\(item.name) stays: \(held)", status: .failure)
        }
    }

    func openReceipt(
        _ source: String,
        _ name: String,
        _ item: ErasurePlan.Item,
        keys: [String] = [],
        in session: Session
    ) throws -> String {
        let proof = JSONValue.object(
            [("tenant", .string(id))] + (keys.isEmpty ? [] : [("keys", .array(keys.map(JSONValue.string)))])
        )
        return try session.query(
            Self.statements["open_receipt"],
            run,
            actor,
            source,
            name,
            item.range?.lowerBound,
            item.range?.upperBound,
            JSONText(proof.text)
        )[0].get("id")
    }

    func finish(_ receipt: String, in session: Session) throws {
        guard let row = try session.query(Self.statements["finish"], receipt).first else { return }
        let event = AuditEvent(
            tenant: nil,
            actor: try row.get("actor"),
            action: "retention.purged",
            subject: try row.get("item"),
            details: JSONText(try row.get("details"))
        )
        _ = try session.query(Self.statements["note_audit"], receipt, Int(try AuditLog.append(event, in: session)))
    }

    private func delete(_ relation: String, _ source: String, _ name: String, _ item: ErasurePlan.Item) async throws {
        let column = source == "tenants" ? "id" : "tenant_id"
        let pages = try await owner.access { session in
            // sql-here: any table with rows of tenants
            let text = "SELECT pg_relation_size($1::regclass) / 8192 + 1 AS pages"
            return try session.query(Statement("erasure.pages", text), relation)[0].get("pages", as: Int.self)
        }
        for start in stride(from: 0, to: max(1, pages), by: Self.pagesPerBatch) {
            // The last batch takes what was added meanwhile too.
            let end = start + Self.pagesPerBatch >= pages ? Int(UInt32.max) : start + Self.pagesPerBatch
            try await owner.transaction { session in
                try demandNoHold(item, in: session)
                let pages = "ctid >= '(\(start),0)' AND ctid < '(\(end),0)'"
                // sql-here: any table with rows of tenants
                let text = "DELETE FROM \(relation) WHERE \(column) = $1 AND \(pages)"
                let rows = try session.query(Statement("erasure.delete", text), tenant).affected
                let receipt = try openReceipt(source, name, item, in: session)
                _ = try session.query(Self.statements["add_rows"], receipt, rows, 0)
                if end == Int(UInt32.max) { try finish(receipt, in: session) }
            }
        }
        // So that the rows are not only invisible.
        // sql-here: the same table
        try await owner.access { try $0.script("VACUUM \(relation)", name: "erasure.vacuum") }
    }

    private func leaveOut(_ relation: String, _ item: ErasurePlan.Item) async throws {
        try await owner.transaction { session in
            _ = try session.query(Self.statements["note_erased"], tenant)
        }
        for attempt in 1... {
            do {
                try await jobs.transaction { session in
                    try demandNoHold(item, in: session)
                    let receipt = try openReceipt("metrics", item.name, item, in: session)
                    _ = try session.query(Self.statements["add_rows"], receipt, item.count, 0)
                    _ = try session.query(Self.statements["leave_out"], relation)
                    try finish(receipt, in: session)
                }
                break
            } catch let error as PostgresError where error.sqlState == "55P03" {
                guard attempt < Self.attempts else {
                    throw ToolError(
                        "the roll-up is at work, or queries read it all the time; run this again, or pause metrics-rollup first",
                        status: .failure
                    )
                }
                try await Task.sleep(for: .milliseconds(200))
            }
        }
        // sql-here: one made anew has nothing to clean
        let vacuum = "VACUUM cygni_rollup.\"\(relation)\""
        let isThere = try await jobs.access { session in
            try session.query(RetentionQuestion.statements["relation_exists"], "cygni_rollup.\"\(relation)\"")[0].get(
                "found",
                as: Bool.self
            )
        }
        if isThere { try await jobs.access { try $0.script(vacuum, name: "erasure.vacuum") } }
    }
}
