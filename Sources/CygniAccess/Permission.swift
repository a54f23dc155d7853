/// What a caller of the API may do: an area and a verb.
///
/// Those of the platform itself (`jobs`, `platform`) are the operator's: they concern no tenant, or all of them.
package enum Permission: String, CaseIterable, Hashable, Sendable {
    case deploymentsRead = "deployments:read"
    case deploymentsWrite = "deployments:write"
    case domainsRead = "domains:read"
    case domainsWrite = "domains:write"
    case certificatesRead = "certificates:read"
    case auditRead = "audit:read"
    case keysRead = "keys:read"
    case keysWrite = "keys:write"
    case jobsRead = "jobs:read"
    case jobsWrite = "jobs:write"
    case platformRead = "platform:read"

    /// Whether it is about the platform and not about one tenant's things.
    package var isOfPlatform: Bool { [.jobsRead, .jobsWrite, .platformRead].contains(self) }

    /// All that a tenant's roles can be made of.
    package static let ofTenants = Set(allCases.filter { !$0.isOfPlatform })
}
