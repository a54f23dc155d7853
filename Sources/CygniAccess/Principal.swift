package import FoundationEssentials

/// Whoever makes a request, as far as the API knows after looking at its credentials.
package struct Principal: Hashable, Sendable {
    /// As the audit log names it: `user:anna@example.test`, `key:3f0c…`.
    package var subject: String
    /// The tenant it acts for; nil is the platform's own.
    package var tenant: UUID?
    /// The role's name, one of ``Role`` or of the tenant's own.
    package var role: String
    package var permissions: Set<Permission>

    package init(subject: String, tenant: UUID?, role: String, permissions: Set<Permission>) {
        (self.subject, self.tenant, self.role, self.permissions) = (subject, tenant, role, permissions)
    }

    package func may(_ permission: Permission) -> Bool { permissions.contains(permission) }
}
