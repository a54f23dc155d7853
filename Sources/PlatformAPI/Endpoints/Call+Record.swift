import CygniAccess
import CygniAudit
import CygniModel
import CygniPostgres
import FoundationEssentials

extension Call {
    /// Where the call comes from, for the audit log.
    var origin: [(name: String, value: JSONValue)] {
        [("address", .string(caller.address)), ("request_id", .string(caller.requestID))]
    }

    /// Puts what the call changed on record: who, from where, in which request, before and after. Secrets are no part of it.
    func record(
        _ action: String,
        _ subject: String,
        before: JSONValue = .null,
        after: JSONValue = .null,
        in session: Session
    ) throws {
        let details = JSONValue.object(origin + [("before", before), ("after", after)])
        try AuditLog.append(
            AuditEvent(
                tenant: principal?.tenant,
                actor: actor,
                action: action,
                subject: subject,
                details: JSONText(details.text)
            ),
            in: session
        )
    }
}

extension JSONValue {
    static func time(_ time: Timestamp?) -> JSONValue { .optional(time?.rfc3339) }
}
