import CygniModel
import CygniPostgres
import FoundationEssentials

/// A receipt, as `cygni archive list` shows it.
struct ArchiveRow: Sendable {
    static let statements = StatementFile("archives", PackageResources.archives_sql)

    let id: String
    let source: String
    let part: Int
    let objectKey: String
    let manifestKey: String?
    let rows: Int
    let bytes: Int
    let rawBytes: Int
    let rangeStart: Timestamp?
    let rangeEnd: Timestamp?
    let verifiedAt: Timestamp?
    let isSealed: Bool
    let createdAt: Timestamp

    init(row: Row) throws {
        id = try row.get("id")
        source = try row.get("source")
        part = Int(try row.get("part", as: Int32.self))
        objectKey = try row.get("object_key")
        manifestKey = try row.get("manifest_key")
        rows = try row.get("rows")
        bytes = try row.get("bytes")
        rawBytes = try row.get("raw_bytes")
        rangeStart = try row.get("range_start")
        rangeEnd = try row.get("range_end")
        verifiedAt = try row.get("verified_at")
        isSealed = try row.get("is_sealed")
        createdAt = try row.get("created_at")
    }

    var json: JSONValue {
        .object([
            ("id", .string(id)), ("source", .string(source)), ("part", .integer(part)),
            ("object_key", .string(objectKey)), ("manifest_key", .optional(manifestKey)), ("rows", .integer(rows)),
            ("bytes", .integer(bytes)), ("raw_bytes", .integer(rawBytes)),
            ("range_start", .optional(rangeStart?.rfc3339)), ("range_end", .optional(rangeEnd?.rfc3339)),
            ("verified_at", .optional(verifiedAt?.rfc3339)), ("sealed", .bool(isSealed)),
            ("created_at", .string(createdAt.rfc3339)),
        ])
    }

    /// Columns of ``headings``.
    var cells: [String] {
        let state = (verifiedAt == nil ? "not proven" : "proven") + (isSealed ? ", sealed" : "")
        return [
            source, part == 0 ? "" : "+\(part)", rows.grouped, bytes.grouped, rawBytes.grouped, state, objectKey,
        ]
    }

    static let headings = ["SOURCE", "PART", "ROWS", "STORED", "LINES", "STATE", "OBJECT"]
}
