import CygniAccess
import FoundationEssentials
import HTTPTypes
import Hummingbird

/// Finds out who makes a request, by its Authorization field (RFC 6750, 2.1): an access token, or a key.
struct Authenticator: Sendable {
    let parts: ServerParts

    /// - Returns: nil when there are no credentials.
    /// - Throws: ``Problem`` of kind `unauthenticated` for credentials that do not hold; which of all reasons it is goes to
    ///   the log alone.
    func principal(_ request: Request, _ finding: Finding) async throws -> Principal? {
        guard let field = request.headers[.authorization] else { return nil }
        let words = field.split(separator: " ", maxSplits: 1)
        guard words.count == 2, words[0].lowercased() == "bearer" else { throw refuse("scheme", finding) }
        let text = String(words[1])
        let principal =
            try await text.hasPrefix(RandomCredential.Kind.key.rawValue) ? key(text, finding) : token(text, finding)
        finding.principal = principal
        return principal
    }

    private func key(_ text: String, _ finding: Finding) async throws -> Principal {
        guard let key = RandomCredential(.key, reading: text) else { throw refuse("key malformed", finding) }
        let found = try await parts.database.platform { session in try AccessBook.use(key: key, in: session) }
        guard let found else { throw refuse("key unknown or over", finding) }
        return found
    }

    private func token(_ text: String, _ finding: Finding) async throws -> Principal {
        let token: AccessToken
        do throws(TokenVerifier.Refusal) {
            token = try await parts.verifier.verify(text, now: Int(Date().timeIntervalSince1970))
        } catch {
            throw refuse("token \(error.rawValue)", finding)
        }
        let tenant = token.tenant.flatMap { UUID(uuidString: $0) }
        guard (token.tenant == nil) == (tenant == nil) else { throw refuse("token tenant", finding) }
        let grant = Grant(subject: token.sub, tenant: tenant, role: token.role)
        if Role(rawValue: grant.role) != nil { return grant.principal(own: nil) }
        // A tenant's own role may have changed since the token was given.
        return try await parts.database.platform(isReading: true) { session in
            do {
                return try AccessBook.principal(grant, in: session)
            } catch is AccessError {
                return grant.principal(own: nil)
            }
        }
    }

    private func refuse(_ reason: String, _ finding: Finding) -> Problem {
        finding.refusal = reason
        return Problem(.unauthenticated)
    }
}
