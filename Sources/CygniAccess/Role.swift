/// A name for a set of permissions.
///
/// `owner`, `admin`, `developer` and `viewer` are for the members of a tenant and `operator` is for those who run the
/// platform; a tenant's own roles are in `cygni.api_roles`.
package enum Role: String, CaseIterable, Hashable, Sendable {
    case owner, admin, developer, viewer, `operator`

    /// What it allows.
    package var permissions: Set<Permission> {
        switch self {
        case .owner: Permission.ofTenants
        case .admin: Permission.ofTenants.subtracting([.keysWrite])
        case .developer:
            [
                .deploymentsRead, .deploymentsWrite, .domainsRead, .domainsWrite, .certificatesRead,
            ]
        case .viewer: [.deploymentsRead, .domainsRead, .certificatesRead]
        case .operator: [.jobsRead, .jobsWrite, .platformRead]
        }
    }

    /// Whether its holder belongs to one tenant.
    package var isOfTenant: Bool { self != .operator }
}
