package import CygniConfig
package import CygniDNS
import CygniModel

/// The keys of `jobs/dns-verify.yaml` beside the common ones.
package struct VerificationSettings: ConfigSection {
    package var resolver: ResolverSection
    package var edge: EdgeSection
    /// The CAs we use, by what a CAA record calls them.
    package var authorities: [String: AuthoritySection]
    /// Where `_acme-challenge` of a domain is to lead; nil: nowhere.
    package var acmeDelegation: String?
    package var patience: PatienceSection
    package var looks: LookSection
    package var flipGuard: FlipGuardSection
    package var pace: LookPaceSection

    package init(reading reader: inout ConfigReader) {
        resolver = reader.section("resolver", ResolverSection.self, "How names are resolved.")
        edge = reader.section("edge", EdgeSection.self, "Where the platform serves from.")
        authorities = reader.value(
            "authorities",
            .map(of: .section("a CA that certificates come from")),
            default: [:],
            "The CAs that must be allowed to issue, by the name that CAA records have for them.",
            example: "{letsencrypt.org: {account: https://acme-v02.api.letsencrypt.org/acme/acct/123}}"
        )
        acmeDelegation = reader.optional(
            "acme_delegation",
            .domainName,
            """
            The zone below which _acme-challenge of a wildcard's domain must be an alias, so that we can answer dns-01. \
            Left out, nobody has to delegate.
            """,
            example: "acme.edge.example"
        )
        patience = reader.section("patience", PatienceSection.self, "How patient the states are.")
        looks = reader.section("looks", LookSection.self, "When a domain is looked at again.")
        flipGuard = reader.section(
            "flip_guard",
            FlipGuardSection.self,
            "Stops a run that would take too many domains out of service at once."
        )
        pace = reader.section("pace", LookPaceSection.self, "How providers of DNS are spared.")
    }

    package static var standard: VerificationSettings { ConfigReader.standard(VerificationSettings.self) }
}

/// A CA, as CAA records are to allow it.
package struct AuthoritySection: ConfigSection {
    /// Our account there, a URL.
    package var account: String?
    /// How it validates.
    package var method: String?

    package init(reading reader: inout ConfigReader) {
        account = reader.optional(
            "account",
            .text,
            "The URL of our ACME account, for records that name one (RFC 8657, accounturi).",
            example: "https://acme-v02.api.letsencrypt.org/acme/acct/123"
        )
        method = reader.optional(
            "method",
            .oneOf(["http-01", "dns-01", "tls-alpn-01"]),
            "How names are validated there, for records that name ways (RFC 8657, validationmethods).",
            example: "http-01"
        )
    }
}
