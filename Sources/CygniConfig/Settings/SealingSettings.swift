package import CygniModel

/// The keys that secrets in the database are sealed with.
package struct SealingSettings: ConfigSection {
    /// By version.
    package let keys: [String: Secret]
    /// The version that seals; nil: no secret can be kept.
    package let current: String?

    package init(reading reader: inout ConfigReader) {
        keys = reader.value(
            "keys",
            .map(of: .secret, count: 0...100),
            default: [:],
            """
            Key-encryption keys by version, each 32 bytes in base64 as `openssl rand -base64 32` prints them. Private keys \
            of certificates and accounts are sealed with them. An old one stays until `cygni-cert-renew rewrap` has run.
            """,
            example: "{'2026': {file: /etc/cygni/kek-2026}}"
        )
        current = reader.optional(
            "current",
            .text,
            "The version that new secrets are sealed with.",
            example: "'2026'"
        )
        reader.check(
            ["keys", "current"],
            "must have the version that current names",
            current.map { keys[$0] != nil } ?? true
        )
        reader.check(
            ["keys"],
            "must have names of 1 to 64 characters",
            keys.keys.allSatisfy { (1...64).contains($0.utf8.count) }
        )
    }

    package init(keys: [String: Secret], current: String?) { (self.keys, self.current) = (keys, current) }
}
