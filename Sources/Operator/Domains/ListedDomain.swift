import CygniModel
import CygniPostgres

/// A domain, as it is shown.
struct ListedDomain: Sendable {
    let name: String
    let tenant: String
    let state: String
    let since: Timestamp
    let reason: String
    /// Codes, with blanks between them.
    let concerns: String
    let fix: String?
    let next: Timestamp?

    init(_ row: Row) throws {
        name = try row.get("name")
        tenant = try row.get("tenant")
        state = try row.get("state")
        since = try row.get("state_since")
        reason = try row.get("reason")
        concerns = try row.get("concerns")
        fix = try row.get("fix", as: String?.self)
        next = try row.get("next_check_at", as: Timestamp?.self)
    }

    static let headings = ["TENANT", "NAME", "STATE", "REASON", "NEXT LOOK", "TO CHANGE"]

    var cells: [String] {
        let next = next.map { "\($0.rfc3339.prefix(16))Z" } ?? "never"
        return [tenant, name, state, reason, next, fix ?? (concerns.isEmpty ? "" : "(\(concerns))")]
    }

    var json: JSONValue {
        .object([
            ("tenant", .string(tenant)), ("name", .string(name)), ("state", .string(state)),
            ("since", .string(since.rfc3339)),
            ("reason", .string(reason)),
            ("concerns", .array(concerns.split(separator: " ").map { .string(String($0)) })),
            ("fix", .optional(fix)), ("next_check_at", .optional(next?.rfc3339)),
        ])
    }
}
