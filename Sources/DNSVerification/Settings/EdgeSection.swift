package import CygniConfig
import CygniDNS

/// Where the platform serves from.
package struct EdgeSection: ConfigSection {
    package var addresses: [String]
    package var names: [String]
    package var proxies: [String]

    package init(reading reader: inout ConfigReader) {
        addresses = reader.value(
            "addresses",
            .list(of: .ipAddress),
            default: [],
            "The addresses that domains are to lead to, IPv4 and IPv6. None: where a domain leads is not looked at."
        )
        names = reader.value(
            "names",
            .list(of: .domainName),
            default: [],
            "The names that domains are to be aliases of; the first one is what tenants are told to use."
        )
        proxies = reader.value(
            "proxies",
            .list(of: .network),
            default: [],
            "Networks of proxies that tenants may put in front. An address there proves nothing by itself."
        )
    }

    package var edge: Edge {
        Edge(
            addresses: Set(addresses.compactMap { ServerAddress($0)?.bytes }),
            names: Set(names.compactMap { DomainName($0) }),
            proxies: proxies.compactMap { Edge.Network($0) }
        )
    }
}
