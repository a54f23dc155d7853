import CygniHTTP
import CygniModel
import Crypto
import FoundationEssentials
import Synchronization
import CryptoExtras

/// A GitHub App's installation token, asked for with a JWT signed by the App's key (GitHub Docs, Generating an installation
/// access token for a GitHub App).
final class GitHubApp: Sendable {
    private let root: String
    private let id: String
    private let installation: String
    private let key: _RSA.Signing.PrivateKey
    private let http: HTTPClient
    private let now: Timestamp
    private let current = Mutex(String?.none)

    init?(_ settings: ForgeSection, _ http: HTTPClient, now: Timestamp) throws {
        guard let id = settings.appID, let secret = settings.appKey, let installation = settings.appInstallation else {
            return nil
        }
        do {
            key = try _RSA.Signing.PrivateKey(pemRepresentation: secret.reveal())
        } catch {
            throw ForgeFault(description: "app_key is not an RSA key in PEM")
        }
        root = settings.root
        (self.id, self.installation, self.http, self.now) = (id, installation, http, now)
    }

    func token() async throws -> String {
        if let known = current.withLock({ $0 }) { return known }
        let seconds = now.microseconds / 1_000_000
        let claims = JSONValue.object([
            // Issued a minute ago, as clocks differ.
            ("iat", .integer(Int(seconds) - 60)), ("exp", .integer(Int(seconds) + 540)), ("iss", .string(id)),
        ])
        let head = JSONValue.object([("alg", .string("RS256")), ("typ", .string("JWT"))])
        let text = "\(Self.encode(Data(head.text.utf8))).\(Self.encode(Data(claims.text.utf8)))"
        let signature = try key.signature(for: Data(text.utf8), padding: .insecurePKCS1v1_5)
        let jwt = "\(text).\(Self.encode(signature.rawRepresentation))"
        var limits = HTTPLimits()
        limits.total = .seconds(30)
        let request = HTTPRequest(
            "POST",
            "\(root)/app/installations/\(installation.percentEncoded)/access_tokens",
            headers: [("Accept", "application/json"), ("Authorization", "Bearer \(jwt)")],
            body: .bytes([]),
            limits: limits
        )
        let response = try await http.send(request)
        let body = try await response.body.collect(upTo: 1 << 20)
        guard response.status == 201, let answer = try? JSONReading.decode(Answer.self, body) else {
            throw ForgeFault(description: "the forge gave the App no token (status \(response.status))")
        }
        current.withLock { $0 = answer.token }
        return answer.token
    }

    private struct Answer: Decodable { let token: String }

    private static func encode(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
