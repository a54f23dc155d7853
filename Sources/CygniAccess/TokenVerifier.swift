import CygniModel
import FoundationEssentials
import JWTKit
import Synchronization

/// Decides whether a text is an access token of ours that holds now (RFC 9068, 4, and RFC 8725).
///
/// The algorithm and the type are ours to choose, not the token's: `alg` must be ES256 and `typ` `at+jwt`, the key is named
/// by `kid` and must be one of ours; no other way to name one (`jku`, `jwk`, `x5u`, `crit`) is looked at.
package final class TokenVerifier: Sendable {
    /// Why a token was refused; for the log, as the caller is told only that it was.
    package enum Refusal: String, Error, Sendable {
        case malformed, algorithm, type, unknownKey, signature, issuer, audience, notYet, expired
    }

    private let keys: SigningKeys
    private let issuer: String
    /// Tokens whose signature was found good, so that a client's second request costs no more of it.
    private let known = Mutex<[String: AccessToken]>([:])
    private static let mostKnown = 10_000
    /// How far clocks of two hosts may be apart, seconds.
    private static let leeway = 5
    private static let longest = 4096

    package init(keys: SigningKeys, issuer: String) {
        (self.keys, self.issuer) = (keys, issuer)
    }

    /// - Parameter now: Unix time, seconds.
    package func verify(_ text: String, now: Int) async throws(Refusal) -> AccessToken {
        let token: AccessToken
        if let seen = known.withLock({ $0[text] }) {
            token = seen
        } else {
            token = try await checkSignature(text)
            known.withLock { known in
                if known.count >= Self.mostKnown { known.removeAll(keepingCapacity: true) }
                known[text] = token
            }
        }
        guard token.iss == issuer else { throw .issuer }
        guard token.aud == issuer else { throw .audience }
        guard token.nbf <= now + Self.leeway, token.iat <= now + Self.leeway else { throw .notYet }
        guard token.exp > now else { throw .expired }
        return token
    }

    private func checkSignature(_ text: String) async throws(Refusal) -> AccessToken {
        guard text.utf8.count <= Self.longest else { throw .malformed }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let bytes = Base64URL.decode(exactly: parts[0]),
            Base64URL.decode(exactly: parts[1]) != nil,
            Base64URL.decode(exactly: parts[2]) != nil,
            let header = try? JSONDecoder().decode(Header.self, from: Data(bytes))
        else { throw .malformed }
        guard header.alg == "ES256" else { throw .algorithm }
        guard header.typ?.lowercased() == "at+jwt" else { throw .type }
        guard header.crit == nil, let kid = header.kid, keys.has(kid) else { throw .unknownKey }
        do {
            return try await keys.collection.verify(text, as: AccessToken.self)
        } catch let error as JWTError where error.errorType == .signatureVerificationFailed {
            throw .signature
        } catch {
            throw .malformed
        }
    }

    private struct Header: Decodable {
        var alg: String
        var typ: String?
        var kid: String?
        var crit: [String]?
    }
}
