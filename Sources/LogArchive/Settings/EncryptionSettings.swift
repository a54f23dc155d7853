package import CygniConfig
package import CygniModel

/// Who can open archives.
package struct EncryptionSettings: ConfigSection {
    /// Files of PEM certificates.
    package var recipients: [String]
    /// PEM; nil on a host that only writes.
    package var key: Secret?

    package init(reading reader: inout ConfigReader) {
        recipients = reader.required(
            "recipients",
            .list(of: .path, count: 1...16),
            "Files with the X.509 certificates (PEM, RSA or EC) of those who can open what is written.",
            example: "[/etc/cygni/archive-2026.pem]"
        )
        key = reader.optional(
            "key",
            .secret,
            """
            The private key of the first certificate. Best left out: the archiver needs none. With it, rows are counted \
            and digested when an object is read back; without it, its bytes are compared.
            """,
            example: "{file: /etc/cygni/archive-2026.key}"
        )
    }
}
