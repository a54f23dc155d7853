import CygniModel

package import FoundationEssentials

/// Whom a key, a link or a token lets in, and as what.
package struct Grant: Hashable, Sendable {
    /// As in `user:anna@example.test`.
    package var subject: String
    /// nil: the platform itself.
    package var tenant: UUID?
    package var role: String

    package init(subject: String, tenant: UUID?, role: String) {
        (self.subject, self.tenant, self.role) = (subject, tenant, role)
    }

    /// - Parameter own: the permissions of the tenant's own role of that name, as the database has them; nil: none.
    package func principal(own: [String]?, scopes: [String]? = nil) -> Principal {
        var allowed: Set<Permission> = []
        if let role = Role(rawValue: role) {
            // A role of the platform given to a tenant's member, or the other way round, allows nothing.
            if role.isOfTenant == (tenant != nil) { allowed = role.permissions }
        } else if tenant != nil {
            allowed = Set((own ?? []).compactMap(Permission.init(rawValue:))).intersection(Permission.ofTenants)
        }
        if let scopes { allowed.formIntersection(scopes.compactMap(Permission.init(rawValue:))) }
        return Principal(subject: subject, tenant: tenant, role: role, permissions: allowed)
    }
}

/// What is wrong with what was asked for.
package enum AccessError: Error, Hashable, CustomStringConvertible {
    case unknownRole(String)
    case unknownScope(String)

    package var description: String {
        switch self {
        case .unknownRole(let role):
            "there is no role '\(role)': there are \(Role.allCases.map(\.rawValue).joined(separator: ", ")) "
                + "and a tenant's own; operator is the platform's, the rest a tenant's"
        case .unknownScope(let scope):
            "'\(scope)' is no permission of that role: \(Permission.allCases.map(\.rawValue).joined(separator: ", "))"
        }
    }
}
