import Crypto
import CygniModel

/// A JWS in flattened JSON, as ACME takes every request (RFC 8555, section 6.2; RFC 7515, section 7.2.2).
struct SignedMessage {
    enum Signer {
        /// An account that the CA knows, by its URL.
        case account(AccountKey, url: String)
        /// A key that the CA does not know yet.
        case key(AccountKey)
        /// A MAC that the CA handed out, for an external account (RFC 8555, section 7.3.4).
        case external(kid: String, mac: [UInt8])
    }

    let text: String

    /// - Parameters:
    ///   - payload: nil is the empty one of POST-as-GET.
    ///   - nonce: nil inside of another message.
    init(_ payload: JSONValue?, to url: String, nonce: String?, by signer: Signer) throws {
        var header: [(name: String, value: JSONValue)] = []
        switch signer {
        case .account(_, let account): header += [("alg", .string("ES256")), ("kid", .string(account))]
        case .key(let key): header += [("alg", .string("ES256")), ("jwk", key.jwk)]
        case .external(let kid, _): header += [("alg", .string("HS256")), ("kid", .string(kid))]
        }
        if let nonce { header.append(("nonce", .string(nonce))) }
        header.append(("url", .string(url)))
        let protected = Base64URL.encode(JSONValue.object(header).text.utf8)
        let body = Base64URL.encode((payload?.text ?? "").utf8)
        let input = "\(protected).\(body)"
        let signature: [UInt8]
        switch signer {
        case .account(let key, _), .key(let key): signature = try key.signature(input)
        case .external(_, let mac):
            signature = Array(
                HMAC<SHA256>.authenticationCode(for: Array(input.utf8), using: SymmetricKey(data: mac))
            )
        }
        json = .object([
            ("protected", .string(protected)), ("payload", .string(body)),
            ("signature", .string(Base64URL.encode(signature))),
        ])
        text = json.text
    }

    /// For a message inside of another.
    let json: JSONValue
}
