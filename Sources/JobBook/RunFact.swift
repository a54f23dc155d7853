package import CygniModel
package import CygniPostgres
package import FoundationEssentials

/// One run as the ledger has it.
package struct RunFact: Hashable, Sendable {
    package var id: UUID
    package var host: String
    package var pid: Int?
    package var trigger: String
    package var state: String
    package var slot: Timestamp?
    package var startedAt: Timestamp
    package var finishedAt: Timestamp?
    package var error: String?

    /// Run 0d1f… on host 'web1', pid 4711, from … to …
    package var words: String {
        let process = pid.map { ", pid \($0)" } ?? ""
        let end = finishedAt.map { " to \($0.rfc3339)" } ?? ", not ended yet"
        return
            "run \(id.text) (\(trigger)) on host '\(host)'\(process), from \(startedAt.rfc3339)\(end)"
    }
}

extension RunFact {
    package init(_ row: Row) throws {
        id = try row.get("id")
        host = try row.get("host")
        pid = try row.get("pid", as: Int32?.self).map { Int($0) }
        trigger = try row.get("trigger")
        state = try row.get("state")
        slot = try row.get("slot", as: Timestamp?.self)
        startedAt = try row.get("started_at")
        finishedAt = try row.get("finished_at", as: Timestamp?.self)
        error = try row.get("error", as: String?.self)
    }
}
