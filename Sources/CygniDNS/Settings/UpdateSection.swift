package import CygniConfig
package import CygniModel

/// A primary server that takes updates (RFC 2136), and what they are signed with.
package struct UpdateSection: ConfigSection {
    package var server: String?
    package var zone: String?
    package var keyName: String?
    package var keyAlgorithm: String
    package var key: Secret?

    package init(reading reader: inout ConfigReader) {
        server = reader.optional(
            "server",
            .serverAddress,
            "The server that takes updates (RFC 2136).",
            example: "192.0.2.53"
        )
        zone = reader.optional(
            "zone",
            .domainName,
            "The zone that is updated. Left out, it is found out by asking that server.",
            example: "edge.example"
        )
        keyName = reader.optional(
            "key_name",
            .domainName,
            "The name of the TSIG key (RFC 8945).",
            example: "cygni-updates"
        )
        keyAlgorithm = reader.value(
            "key_algorithm",
            .oneOf(TransactionKey.algorithms),
            default: "hmac-sha256",
            "Its algorithm."
        )
        key = reader.optional("key", .secret, "The TSIG key, in base64.", example: "{file: /etc/cygni/tsig}")
        reader.check(
            ["key_name", "key"],
            "must be given together with key",
            (keyName == nil) == (key == nil)
        )
    }

    /// - Returns: nil when no server is given.
    /// - Throws: ``UpdateFault`` for a key that is none.
    package func client() throws -> UpdateClient? {
        guard let server = server.flatMap({ ServerAddress($0) }) else { return nil }
        var transactionKey: TransactionKey?
        if let keyName, let key {
            transactionKey = TransactionKey(name: keyName, algorithm: keyAlgorithm, secret: key)
            guard transactionKey != nil else { throw UpdateFault("dns.key is not a TSIG key in base64") }
        }
        return try UpdateClient(server: server, zone: zone.flatMap { DomainName($0) }, key: transactionKey)
    }
}
