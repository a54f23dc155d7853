import CygniModel
package import FoundationEssentials
package import JWTKit

/// The claims of an access token (RFC 9068).
package struct AccessToken: JWTPayload, Hashable {
    package var iss: String
    package var aud: String
    package var sub: String
    /// The client it was given to (RFC 8693, 4.3); here the same as the subject's own tool.
    package var clientID: String
    package var iat: Int
    package var nbf: Int
    package var exp: Int
    package var jti: String
    /// A tenant's id, lower case; nil for the platform's own people.
    package var tenant: String?
    package var role: String

    enum CodingKeys: String, CodingKey {
        case iss, aud, sub, iat, nbf, exp, jti, tenant, role
        case clientID = "client_id"
    }

    /// Who checks the time and the audience is ``TokenVerifier``, which is told the time.
    package func verify(using algorithm: some JWTAlgorithm) throws {}

    /// - Parameters:
    ///   - lifetime: seconds.
    ///   - now: Unix time, seconds.
    package init(
        issuer: String,
        subject: String,
        tenant: UUID?,
        role: String,
        lifetime: Int,
        now: Int,
        id: UUID = UUID()
    ) {
        (iss, aud, sub, clientID) = (issuer, issuer, subject, "cygni")
        (iat, nbf, exp) = (now, now, now + lifetime)
        jti = id.text
        self.tenant = tenant?.text
        self.role = role
    }
}
