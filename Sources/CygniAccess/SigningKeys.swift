package import CygniModel
import Crypto
import FoundationEssentials
import JWTKit

/// The keys that access tokens are signed with, by their `kid`: the current one signs, the others still verify.
package struct SigningKeys: Sendable {
    /// What is wrong with a key.
    package struct BadKey: Error, CustomStringConvertible {
        package let kid: String
        package var description: String {
            "signing key '\(kid)' is no EC private key of curve P-256 in PEM: "
                + "openssl ecparam -name prime256v1 -genkey -noout"
        }
    }

    /// The `kid` that signs.
    package let current: String
    private let keys: [String: P256.Signing.PrivateKey]
    let collection: JWTKeyCollection

    /// - Parameters:
    ///   - pem: private keys of curve P-256 (RFC 5915 or PKCS #8) by `kid`.
    ///   - current: one of them.
    /// - Throws: ``BadKey``.
    package init(pem: [String: Secret], current: String) async throws {
        var keys: [String: P256.Signing.PrivateKey] = [:]
        let collection = JWTKeyCollection()
        for (kid, secret) in pem {
            guard let key = try? P256.Signing.PrivateKey(pemRepresentation: secret.reveal()) else {
                throw BadKey(kid: kid)
            }
            keys[kid] = key
            try await collection.add(ecdsa: ES256PrivateKey(backing: key), kid: JWKIdentifier(string: kid))
        }
        // Without one of its own, a token with an unknown kid would be tried with the first key.
        await collection.clearDefault()
        guard keys[current] != nil else { throw BadKey(kid: current) }
        (self.keys, self.current, self.collection) = (keys, current, collection)
    }

    package func has(_ kid: String) -> Bool { keys[kid] != nil }

    /// - Returns: the token, signed by the current key with ES256, `typ` `at+jwt` (RFC 9068, 2.1).
    package func sign(_ token: AccessToken) async throws -> String {
        try await collection.sign(token, kid: JWKIdentifier(string: current), header: ["typ": "at+jwt"])
    }

    /// The public halves, as a JWK Set (RFC 7517, 5), in the order of their names.
    package var jwks: JSONValue {
        .object([
            (
                "keys",
                .array(
                    keys.sorted { $0.key < $1.key }.map { kid, key in
                        let point = key.publicKey.rawRepresentation
                        return .object([
                            ("kty", .string("EC")), ("crv", .string("P-256")), ("alg", .string("ES256")),
                            ("use", .string("sig")), ("kid", .string(kid)),
                            ("x", .string(Base64URL.encode(point.prefix(32)))),
                            ("y", .string(Base64URL.encode(point.suffix(32)))),
                        ])
                    }
                )
            )
        ])
    }
}
