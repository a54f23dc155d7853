package import CygniDNS

/// What a tenant says is theirs, and what proves it.
package struct Claim: Hashable, Sendable {
    /// What a proof is for.
    package enum Scope: String, Hashable, Sendable {
        case host, wildcard
        /// The name and all below it.
        case domain
    }

    /// In front of a domain's name.
    package static let label = "_cygni-challenge"

    package let name: HostName
    package let scope: Scope
    package let token: String
    /// Where the TXT record is to stand: scopes apart, so that who adds one knows what it is for
    /// (draft-ietf-dnsop-domain-verification-techniques, scope).
    package let challenge: DomainName
    /// Which name is to lead to us. A wildcard is what stands below it: any label will do, and this one is nobody's.
    package let host: DomainName

    /// - Throws: ``HostName/Fault``; a name too long to be proven is too long.
    package init(name: String, coversSubdomains: Bool = false, token: String) throws(HostName.Fault) {
        let name = try HostName(name)
        let scope: Scope = name.isWildcard ? .wildcard : coversSubdomains ? .domain : .host
        let challenge = name.base.prefixed(Self.label).flatMap {
            scope == .host ? $0 : $0.prefixed("_\(scope.rawValue)")
        }
        let host = name.isWildcard ? name.base.prefixed("cygni-wildcard-probe") : name.base
        guard let challenge, let host else { throw .tooLong }
        (self.name, self.scope, self.token, self.challenge, self.host) = (
            name, scope, token.lowercased(), challenge, host
        )
    }
}
