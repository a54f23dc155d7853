import CygniModel
import FoundationEssentials

extension DomainRow {
    /// For `settle`.
    func settleLine(_ outcome: Looked.Outcome) -> String {
        let after = outcome.after
        var members: [(name: String, value: JSONValue)] = [
            ("tenant_id", .string(tenant.text)), ("id", .string(id.text)),
            ("was", .string(standing.state.rawValue)), ("had", .string(token)),
            ("state", .string(after.state.rawValue)),
            ("reason", .string(after.reason.rawValue)), ("since", .string(after.since.rfc3339)),
            ("misses", .integer(after.misses)), ("made", .string(after.tokenMadeAt.rfc3339)),
            ("next", .optional(outcome.next?.rfc3339)),
        ]
        // What did not change is not carried along.
        if after.zone != standing.zone { members.append(("zone", .optional(after.zone))) }
        if outcome.provider != provider { members.append(("provider", .optional(outcome.provider))) }
        if outcome.isWell, after.state == .verified { members.append(("proven", .bool(true))) }
        if let token = outcome.newToken { members.append(("token", .string(token))) }
        if outcome.wasSurveyed { members.append(("surveyed", .bool(true))) }
        return JSONValue.object(members).text
    }

    /// For `record`; the evidence is JSON already.
    func checkLine(_ outcome: Looked.Outcome, _ spool: LineSpool) throws -> String {
        let reason = outcome.after.reason == .heldByOther ? outcome.after.reason : outcome.found
        let head = JSONValue.object([
            ("tenant_id", .string(tenant.text)), ("id", .string(id.text)),
            ("name", .string(name)), ("state", .string(outcome.after.state.rawValue)),
            ("reason", .string(reason.rawValue)),
            ("fix", .optional(outcome.fix)), ("next", .optional(outcome.next?.rfc3339)),
        ]).text
        return "\(head.dropLast()),\"found\":\(try outcome.evidence.map(spool.read) ?? "{}")}"
    }
}

extension Looked {
    /// For `note`.
    var changeJSON: JSONValue {
        .object([
            ("tenant_id", .string(row.tenant.text)), ("id", .string(row.id.text)),
            ("name", .string(row.name)), ("old_state", .string(row.standing.state.rawValue)),
            ("state", .string(outcome.after.state.rawValue)), ("reason", .string(outcome.after.reason.rawValue)),
        ])
    }
}
