import CygniACME
import CygniDNS

/// Where the record for dns-01 belongs: `_acme-challenge.NAME`, or where a CNAME there leads (RFC 8555, section 8.4).
enum DNSAlias {
    /// - Parameter resolver: nil: aliases are not looked for.
    static func place(_ name: CertificateName, _ resolver: Resolver?) async throws -> (
        name: DomainName, target: DomainName
    ) {
        guard let record = name.base?.prefixed("_acme-challenge") else {
            throw ChallengeFault("\(name.identifier.value) can't be validated over DNS")
        }
        guard let resolver else { return (record, record) }
        // Whatever is there already, the answer begins with the aliases.
        switch try await resolver.find(record, .txt) {
        case .present(_, let aliases, _), .absent(_, let aliases, _, _): return (record, aliases.last ?? record)
        case .unknown(let why): throw ChallengeFault("where \(record) leads can't be told: \(why)")
        }
    }
}
