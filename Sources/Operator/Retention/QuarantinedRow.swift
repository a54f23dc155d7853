import CygniModel
import CygniPostgres

/// A partition that can be put back.
struct QuarantinedRow: Sendable {
    let id: String
    let source: String
    let partition: String
    let start: Timestamp
    let end: Timestamp
    let bytes: Int
    let detached: Timestamp
    let dropAfter: Timestamp
    let obstacle: String?

    init(row: Row) throws {
        id = try row.get("id")
        source = try row.get("source")
        partition = try row.get("partition")
        start = try row.get("range_start")
        end = try row.get("range_end")
        bytes = try row.get("bytes")
        detached = try row.get("detached_at")
        dropAfter = try row.get("drop_after")
        obstacle = try row.get("obstacle")
    }

    static let headings = ["PARTITION", "BYTES", "TAKEN OUT", "DROPPED AFTER", "STATE"]

    var cells: [String] {
        [partition, bytes.grouped, detached.rfc3339, dropAfter.rfc3339, obstacle ?? "the next purge drops it"]
    }

    var json: JSONValue {
        .object([
            ("id", .string(id)), ("source", .string(source)), ("partition", .string(partition)),
            ("bytes", .integer(bytes)), ("detached_at", .string(detached.rfc3339)),
            ("drop_after", .string(dropAfter.rfc3339)), ("obstacle", .optional(obstacle)),
        ])
    }
}
