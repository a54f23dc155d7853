package import CygniPostgres
package import FoundationEssentials

/// Something that was done, to be put on record.
package struct AuditEvent: Sendable {
    /// Whose chain it goes into; nil is the platform's own.
    package var tenant: UUID?
    /// Who did it, as in `user:anna` or `job:log-archive`.
    package var actor: String
    /// What was done, as in `domain.verify`.
    package var action: String
    /// What it was done to.
    package var subject: String
    /// The rest, a JSON object. It stays readable for ever, so never a secret.
    package var details: JSONText

    package init(
        tenant: UUID?,
        actor: String,
        action: String,
        subject: String = "",
        details: JSONText = JSONText("{}")
    ) {
        self.tenant = tenant
        self.actor = actor
        self.action = action
        self.subject = subject
        self.details = details
    }
}
