package import CygniConfig
import CygniModel

/// How names are resolved.
package struct ResolverSection: ConfigSection {
    package var forwarders: [String]
    /// Servers by zone.
    package var stubs: [String: [String]]
    package var rootHints: String?
    /// DS or DNSKEY records; nil: the root's own.
    package var trustAnchors: [String]?
    package var trustAnchorFile: String?
    package var window: Int
    package var deadline: Duration
    package var maxRoundTrip: Duration
    package var retries: Int
    package var asksLoopback: Bool
    package var vantages: [String]
    /// How many of the vantages must see a proof too.
    package var quorum: Int

    /// The root's keys of 2017 and 2024 (IANA, root-anchors.xml).
    static let rootAnchors = [
        ". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D",
        ". IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16",
    ]

    package init(reading reader: inout ConfigReader) {
        forwarders = reader.value(
            "forwarders",
            .list(of: .serverAddress, count: 0...16),
            default: [],
            """
            Resolvers to ask instead of the authoritative servers. None: it asks these by itself, from the root on, and \
            keeps nothing from one run to the next, so that no cache stands between a tenant's record and us.
            """
        )
        stubs = reader.value(
            "stubs",
            .map(of: .list(of: .serverAddress, count: 1...16)),
            default: [:],
            """
            Zones whose authoritative servers are given here, as for a private zone. Where no trust anchor of the file \
            stands at or below such a zone, its answers are not validated.
            """,
            example: "{corp.example: [10.0.0.53]}"
        )
        rootHints = reader.optional(
            "root_hints",
            .path,
            "A file with the root's servers. Left out, those that the library knows.",
            example: "/usr/share/dns/root.hints"
        )
        trustAnchors = reader.optional(
            "trust_anchors",
            .list(of: .trustAnchor, count: 0...100),
            "DS or DNSKEY records that answers are validated from. Left out, the root's; an empty list: nothing is validated.",
            example: "['. IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D']"
        )
        trustAnchorFile = reader.optional(
            "trust_anchor_file",
            .path,
            "A file of such records, in place of trust_anchors.",
            example: "/usr/share/dns/root.key"
        )
        window = reader.value("window", .integer(10...10_000), default: 1000, "Lookups in flight at once.")
        deadline = reader.value(
            "deadline",
            .duration(.seconds(1) ... .seconds(60)),
            default: .seconds(8),
            "How long one lookup may take, all tries together."
        )
        maxRoundTrip = reader.value(
            "max_round_trip",
            .duration(.milliseconds(500) ... .seconds(10)),
            default: .seconds(1),
            "The longest that one server is waited for. libunbound takes a server that it does not know yet to need 376 ms."
        )
        retries = reader.value("retries", .integer(1...10), default: 2, "Tries at other servers.")
        asksLoopback = reader.value(
            "asks_loopback",
            .boolean,
            default: false,
            "Whether servers at addresses of this host may be asked, as for a test."
        )
        vantages = reader.value(
            "vantages",
            .list(of: .serverAddress, count: 0...16),
            default: [],
            "Resolvers elsewhere that must see the proof of an unsigned zone too before it is believed."
        )
        quorum = reader.value("quorum", .integer(0...16), default: 0, "How many of the vantages must; 0: none.")
        reader.check(["quorum", "vantages"], "must not be more than there are vantages", quorum <= vantages.count)
        reader.check(
            ["trust_anchors", "trust_anchor_file"],
            "must not be given both",
            trustAnchors == nil || trustAnchorFile == nil
        )
    }

    /// What a resolver is made with.
    package var settings: ResolverSettings {
        var settings = ResolverSettings()
        settings.forwarders = forwarders
        settings.stubs = stubs.sorted { $0.key < $1.key }.map { .init($0.key, $0.value) }
        settings.rootHints = rootHints
        settings.anchorFile = trustAnchorFile
        settings.anchors = trustAnchors ?? (trustAnchorFile == nil ? Self.rootAnchors : [])
        settings.window = window
        settings.deadline = deadline
        settings.maxRoundTrip = maxRoundTrip
        settings.retries = retries
        settings.asksLoopback = asksLoopback
        settings.unsigned = stubs.keys.filter { !hasAnchor(below: $0) }.sorted()
        return settings
    }

    private func hasAnchor(below zone: String) -> Bool {
        guard trustAnchorFile == nil, let zone = DomainName(zone) else { return true }
        return (trustAnchors ?? []).contains { anchor in
            let owner = anchor.split(separator: " ").first.flatMap { DomainName(String($0)) }
            return owner?.isWithin(zone) ?? false
        }
    }
}
