import CygniModel

/// How names are resolved. Every run has a fresh resolver, so that nothing that another run saw is taken for new.
package struct ResolverSettings: Hashable, Sendable {
    /// Zones and the servers that are asked about them, `address` or `address@port`.
    package struct Zone: Hashable, Sendable {
        package var name: String
        package var servers: [String]

        package init(_ name: String, _ servers: [String]) {
            self.name = name
            self.servers = servers
        }
    }

    /// Resolvers that are asked instead of the authoritative servers; empty: it iterates from the root by itself.
    package var forwarders: [String] = []
    /// Zones whose authoritative servers are given.
    package var stubs: [Zone] = []
    /// Zones whose answers are not validated, whatever the anchors say.
    package var unsigned: [String] = []
    /// A file of the root's servers; nil: the library's own list.
    package var rootHints: String?
    /// Trust anchors as DS or DNSKEY records, one a text; empty: those of ``anchorFile``.
    package var anchors: [String] = []
    /// A file of trust anchors, as Debian's dns-root-data installs it; nil: answers are not validated.
    package var anchorFile: String?
    /// Lookups in flight at once.
    package var window = 1000
    /// For one lookup, all tries together.
    package var deadline = Duration.seconds(8)
    /// The longest that one server is waited for.
    package var maxRoundTrip = Duration.seconds(1)
    /// Tries at other servers.
    package var retries = 2
    /// Servers on loopback are asked too.
    package var asksLoopback = false

    package init() {}

    /// Options of libunbound (unbound.conf(5)), in the order they are set.
    var options: [(name: String, value: String)] {
        [
            ("num-queries-per-thread:", "\(max(1024, window * 2))"), ("outgoing-range:", "\(max(1024, window * 2))"),
            ("infra-cache-max-rtt:", "\(maxRoundTrip.microseconds / 1000)"), ("outbound-msg-retry:", "\(retries)"),
            // What was absent a moment ago is asked again: a tenant is about to add it.
            ("cache-max-negative-ttl:", "0"), ("msg-cache-size:", "1m"), ("rrset-cache-size:", "2m"),
            ("key-cache-size:", "1m"), ("neg-cache-size:", "256k"),
            ("so-rcvbuf:", "4m"), ("edns-buffer-size:", "1232"), ("qname-minimisation:", "yes"),
            // What is forged has to guess the letters too, beside port and id. A forwarder is an operator's own, and may be one
            // that takes letters as they come.
            ("use-caps-for-id:", forwarders.isEmpty ? "yes" : "no"),
            ("do-not-query-localhost:", asksLoopback ? "no" : "yes"), ("module-config:", "validator iterator"),
        ]
    }
}
