import CygniModel
import CygniPostgres

/// A legal hold, as it is shown.
struct HoldRow: Sendable {
    let id: String
    let tenant: String?
    let source: String?
    let start: Timestamp?
    let end: Timestamp?
    let expires: Timestamp?
    let created: Timestamp
    let createdBy: String
    let released: Timestamp?
    let releasedBy: String?
    let reason: String

    init(row: Row) throws {
        id = try row.get("id")
        tenant = try row.get("tenant")
        source = try row.get("source")
        start = try row.get("starts_at")
        end = try row.get("ends_at")
        expires = try row.get("expires_at")
        created = try row.get("created_at")
        createdBy = try row.get("created_by")
        released = try row.get("released_at")
        releasedBy = try row.get("released_by")
        reason = try row.get("reason")
    }

    private var scope: String {
        let whose = tenant.map { "tenant \($0)" } ?? "every tenant"
        let what = source.map { ", \($0)" } ?? ""
        guard start != nil || end != nil else { return whose + what }
        return "\(whose)\(what), \(start?.rfc3339 ?? "since ever") to \(end?.rfc3339 ?? "whenever")"
    }

    var words: String {
        "\(id) on \(scope), by \(createdBy.isEmpty ? "hand" : createdBy): \(reason)"
    }

    static let headings = ["ID", "SCOPE", "SET", "BY", "ENDS", "REASON"]

    var cells: [String] {
        let end =
            released.map { "released \($0.rfc3339) by \(releasedBy ?? "?")" } ?? expires?.rfc3339 ?? "when released"
        return [id, scope, created.rfc3339, createdBy, end, reason]
    }

    var json: JSONValue {
        .object([
            ("id", .string(id)), ("tenant", .optional(tenant)), ("source", .optional(source)),
            ("starts_at", .optional(start?.rfc3339)), ("ends_at", .optional(end?.rfc3339)),
            ("expires_at", .optional(expires?.rfc3339)), ("created_at", .string(created.rfc3339)),
            ("created_by", .string(createdBy)), ("released_at", .optional(released?.rfc3339)),
            ("released_by", .optional(releasedBy)), ("reason", .string(reason)),
        ])
    }
}
