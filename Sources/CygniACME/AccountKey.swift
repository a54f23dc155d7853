import Crypto
package import CygniModel

/// The key that an ACME account is known by: P-256, which signs with ES256 (RFC 7518, section 3.4).
package struct AccountKey: Sendable {
    private let key: P256.Signing.PrivateKey

    /// A new one.
    package init() { key = P256.Signing.PrivateKey() }

    /// - Throws: what swift-crypto says of a text that is no private key of P-256.
    package init(pem: String) throws { key = try P256.Signing.PrivateKey(pemRepresentation: pem) }

    package init(rawRepresentation: [UInt8]) throws {
        key = try P256.Signing.PrivateKey(rawRepresentation: rawRepresentation)
    }

    package var rawRepresentation: [UInt8] { Array(key.rawRepresentation) }

    /// The public half; its members are in the order that the thumbprint wants (RFC 7638, section 3.3).
    package var jwk: JSONValue {
        let point = key.publicKey.rawRepresentation
        return .object([
            ("crv", .string("P-256")), ("kty", .string("EC")), ("x", .string(Base64URL.encode(point.prefix(32)))),
            ("y", .string(Base64URL.encode(point.suffix(32)))),
        ])
    }

    /// RFC 7638.
    package var thumbprint: String { Base64URL.encode(SHA256.hash(data: Array(jwk.text.utf8))) }

    /// RFC 8555, section 8.1.
    package func keyAuthorization(_ token: String) -> String { "\(token).\(thumbprint)" }

    /// The value of a TXT record for dns-01 (RFC 8555, section 8.4).
    package func dnsValue(_ token: String) -> String {
        Base64URL.encode(SHA256.hash(data: Array(keyAuthorization(token).utf8)))
    }

    func signature(_ text: String) throws -> [UInt8] {
        Array(try key.signature(for: Array(text.utf8)).rawRepresentation)
    }
}
