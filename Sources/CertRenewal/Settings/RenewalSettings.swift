package import CygniConfig
package import CygniDNS
import CygniModel

/// The keys of `jobs/cert-renew.yaml` beside the common ones.
package struct RenewalSettings: ConfigSection {
    package var authorities: [String: AuthoritySection]
    package var prefer: [String]
    package var coverDomains: Bool
    package var keyType: KeyType
    package var challenges: [String]
    package var http: HTTPChallengeSection
    package var dns: DNSChallengeSection
    package var tlsALPN: TLSChallengeSection
    package var preflight: Preflight
    package var resolver: ResolverSection
    package var pace: RenewalPaceSection
    package var trafficMetric: String
    package var deploy: DeploySection
    package var serving: ServingSection

    /// What a look at DNS before an order may do.
    package enum Preflight: String, CaseIterable, Sendable {
        /// Keeps an order back that can't succeed.
        case stop
        /// Only says so.
        case warn
        case off
    }

    package init(reading reader: inout ConfigReader) {
        authorities = reader.value(
            "authorities",
            .map(of: .section("a CA that speaks ACME"), count: 0...20),
            default: [:],
            "The CAs, by a name of yours. Their terms of service are agreed to by naming them here.",
            example: "{letsencrypt: {directory: https://acme-v02.api.letsencrypt.org/directory}}"
        )
        prefer = reader.value(
            "prefer",
            .list(of: .text, count: 0...20),
            default: [],
            "The order in which CAs are tried; those that are left out follow by name.",
            example: "[letsencrypt, zerossl]"
        )
        coverDomains = reader.value(
            "cover_domains",
            .boolean,
            default: true,
            "Whether each verified domain gets a certificate by itself."
        )
        keyType = reader.value("key_type", .oneOf(KeyType.self), default: .p256, "The kind of key of new certificates.")
        challenges = reader.value(
            "challenges",
            .list(of: .oneOf(["http-01", "dns-01", "tls-alpn-01"]), count: 1...3),
            default: ["http-01", "dns-01"],
            "The ways to validate a name, the first one that suits it is used. A wildcard is for dns-01 alone."
        )
        http = reader.section("http", HTTPChallengeSection.self, "How http-01 is answered.")
        dns = reader.section("dns", DNSChallengeSection.self, "How dns-01 is answered.")
        tlsALPN = reader.section("tls_alpn", TLSChallengeSection.self, "How tls-alpn-01 is answered.")
        preflight = reader.value(
            "preflight",
            .oneOf(Preflight.self),
            default: .stop,
            """
            What is done before a CA is asked: stop keeps an order back where there is no such domain or CAA forbids; warn \
            only says so; off looks at nothing.
            """
        )
        resolver = reader.section("resolver", ResolverSection.self, "How names are resolved for that look.")
        pace = reader.section("pace", RenewalPaceSection.self, "How much at once, and when again.")
        trafficMetric = reader.value(
            "traffic_metric",
            .text,
            default: "requests",
            "The metric that tells how much a project is asked for: replace --by traffic begins with the largest."
        )
        deploy = reader.section("deploy", DeploySection.self, "Where certificates go.")
        serving = reader.section("serving", ServingSection.self, "Who serves them.")
        reader.check(
            ["prefer", "authorities"],
            "must name CAs of authorities",
            prefer.allSatisfy { authorities[$0] != nil }
        )
    }

    package static var standard: RenewalSettings { ConfigReader.standard(RenewalSettings.self) }

    /// The CAs in the order in which they are tried.
    package var order: [String] { prefer + authorities.keys.filter { !prefer.contains($0) }.sorted() }
}

/// The kind of a certificate's key.
package enum KeyType: String, CaseIterable, Sendable {
    case p256, p384, rsa2048, rsa3072, rsa4096
}

/// How much at once, and when again.
package struct RenewalPaceSection: ConfigSection {
    package var concurrency: Int
    package var atMost: Int
    package var headroom: Int
    package var askWindow: Duration
    package var breakAfter: Int
    package var quarantineAfter: Int
    package var lookEvery: Duration

    package init(reading reader: inout ConfigReader) {
        concurrency = reader.value("concurrency", .integer(1...64), default: 8, "Orders in hand at once.")
        atMost = reader.value("at_most", .integer(1...100_000), default: 1000, "So many certificates in one run.")
        headroom = reader.value(
            "headroom",
            .integer(0...90),
            default: 20,
            "Per cent of each limit that is left to tenants without a certificate."
        )
        askWindow = reader.value(
            "ask_window",
            .duration(.minutes(1) ... .days(1)),
            default: .hours(12),
            "How often a CA is asked when it would like a certificate renewed (RFC 9773)."
        )
        breakAfter = reader.value(
            "break_after",
            .integer(1...100),
            default: 3,
            "After so many failures of its own in a row a CA is left alone for a while."
        )
        quarantineAfter = reader.value(
            "quarantine_after",
            .integer(1...1000),
            default: 10,
            "After so many failed attempts in a row a certificate is tried more and more rarely."
        )
        lookEvery = reader.value(
            "look_every",
            .duration(.minutes(1) ... .days(7)),
            default: .hours(1),
            "How often DNS is looked at then: a change starts over."
        )
    }
}
