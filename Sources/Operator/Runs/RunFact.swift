import CygniModel
import CygniPostgres
import FoundationEssentials

/// One run as the ledger has it.
struct RunFact: Hashable, Sendable {
    var id: UUID
    var host: String
    var pid: Int?
    var trigger: String
    var state: String
    var slot: Timestamp?
    var startedAt: Timestamp
    var finishedAt: Timestamp?
    var error: String?

    /// Run 0d1f… on host 'web1', pid 4711, from … to …
    var words: String {
        let process = pid.map { ", pid \($0)" } ?? ""
        let end = finishedAt.map { " to \($0.rfc3339)" } ?? ", not ended yet"
        return
            "run \(id.uuidString.lowercased()) (\(trigger)) on host '\(host)'\(process), from \(startedAt.rfc3339)\(end)"
    }
}

extension RunFact {
    init(_ row: Row) throws {
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
