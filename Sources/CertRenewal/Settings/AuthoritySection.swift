package import CygniConfig
package import CygniModel

/// A CA that speaks ACME. What it limits is Let's Encrypt's unless the file says otherwise
/// (letsencrypt.org/docs/rate-limits, 2026-08-05).
package struct AuthoritySection: ConfigSection {
    package var directory: ConfigURL
    package var caFile: String?
    package var contact: [String]
    package var externalAccount: String?
    package var externalKey: Secret?
    package var profile: String?
    package var preferredChain: String?
    package var identities: [String]
    package var timeout: Duration
    package var orders: Rate?
    package var registeredDomain: Rate?
    package var names: Rate?
    package var failures: Rate?

    package init(reading reader: inout ConfigReader) {
        directory = reader.required(
            "directory",
            .url(["https"]),
            "The URL of its directory.",
            example: "https://acme-v02.api.letsencrypt.org/directory"
        )
        caFile = reader.optional(
            "ca_file",
            .path,
            "PEM certificates that are trusted beside the system's, for a CA of one's own.",
            example: "/etc/cygni/internal-ca.pem"
        )
        contact = reader.value(
            "contact",
            .list(of: .text, count: 0...10),
            default: [],
            "Addresses of mail that the CA may write to.",
            example: "[ops@example.com]"
        )
        externalAccount = reader.optional(
            "external_account",
            .text,
            "The key identifier of an external account, for CAs that want one (RFC 8555, 7.3.4).",
            example: "kid-1"
        )
        externalKey = reader.optional(
            "external_key",
            .secret,
            "The MAC key of that account, in base64url.",
            example: "{file: /etc/cygni/eab-key}"
        )
        profile = reader.optional(
            "profile",
            .text,
            "The profile that certificates are asked for with, if the CA has it.",
            example: "tlsserver"
        )
        preferredChain = reader.optional(
            "preferred_chain",
            .text,
            "The common name of the issuer at the end of the chain that is wanted, where the CA offers several.",
            example: "ISRG Root X1"
        )
        identities = reader.value(
            "caa_identities",
            .list(of: .text, count: 0...20),
            default: [],
            "The names by which CAA records allow this CA. None: those that its directory tells.",
            example: "[letsencrypt.org]"
        )
        timeout = reader.value(
            "timeout",
            .duration(.seconds(1) ... .minutes(10)),
            default: .seconds(30),
            "How long one exchange may take."
        )
        orders = reader.optionalDefault(
            "orders",
            .rate,
            default: Rate(300, per: .hours(3)),
            "New orders of the account. null: no limit."
        )
        registeredDomain = reader.optionalDefault(
            "registered_domain",
            .rate,
            default: Rate(50, per: .days(7)),
            "Certificates for one registered domain. null: no limit."
        )
        names = reader.optionalDefault(
            "names",
            .rate,
            default: Rate(5, per: .days(7)),
            "Certificates for exactly the same names. null: no limit."
        )
        failures = reader.optionalDefault(
            "failures",
            .rate,
            default: Rate(5, per: .hours(1)),
            "Failed validations of one name. null: no limit."
        )
        reader.check(
            ["external_account", "external_key"],
            "must be given together with external_key",
            (externalAccount == nil) == (externalKey == nil)
        )
    }
}
