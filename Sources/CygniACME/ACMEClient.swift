import CygniHTTP
package import CygniModel
import FoundationEssentials
import Synchronization

/// Talks to one CA, RFC 8555: connections and nonces are kept for the next call.
package final class ACMEClient: Sendable {
    package struct Configuration: Sendable {
        package var directory: String
        /// PEM certificates that are trusted beside the system's, for a CA of one's own.
        package var caFile: String?
        /// For one exchange.
        package var timeout = Duration.seconds(30)
        package var connections = 8
        package var userAgent = "cygni-cert-renew"

        package init(directory: String) { self.directory = directory }
    }

    /// An account as the CA knows it.
    package struct Account: Sendable {
        package let url: String
        package let key: AccountKey

        package init(url: String, key: AccountKey) { (self.url, self.key) = (url, key) }
    }

    struct Reply: Sendable {
        let response: HTTPResponse
        let body: [UInt8]
        let retryAfter: Duration?

        func decode<Value: Decodable>(_ type: Value.Type, _ what: String) throws(ACMEError) -> Value {
            do {
                return try JSONDecoder().decode(type, from: Data(body))
            } catch {
                throw .malformed("\(what): \(ACMEClient.excerpt(body))")
            }
        }

        func location() throws(ACMEError) -> String {
            guard let url = response.header("location") else {
                throw .malformed("no Location with status \(response.status)")
            }
            return url
        }
    }

    package let configuration: Configuration
    private let http: HTTPClient
    private let nonces = Mutex<[String]>([])
    private let directory = Mutex<ACMEDirectory?>(nil)
    private let now: @Sendable () -> Timestamp

    /// So often is one request sent when the CA does not take its nonce.
    private static let tries = 25

    /// - Parameter now: this host's time, to read a `Retry-After` that is a date.
    package init(_ configuration: Configuration, now: @escaping @Sendable () -> Timestamp) throws {
        self.configuration = configuration
        self.now = now
        var settings = HTTPClient.Configuration()
        // The operator names the CA, which may be one inside.
        settings.addresses = .any
        settings.caFile = configuration.caFile
        settings.connectionsPerHost = configuration.connections
        settings.userAgent = configuration.userAgent
        http = try HTTPClient(settings)
    }

    /// What the CA offers; asked once.
    package func offers() async throws -> ACMEDirectory {
        if let known = directory.withLock({ $0 }) { return known }
        let reply = try await send("GET", configuration.directory, nil)
        let found = try reply.decode(ACMEDirectory.self, "directory")
        directory.withLock { $0 = found }
        return found
    }

    /// Sends a signed request, again with another nonce while the CA refuses the one it had (section 6.5).
    func post(_ url: String, _ payload: JSONValue?, _ signer: SignedMessage.Signer) async throws -> Reply {
        for _ in 1..<Self.tries {
            do {
                return try await postOnce(url, payload, signer)
            } catch let error as ACMEError where error.problem?.type == "badNonce" {
                continue
            }
        }
        return try await postOnce(url, payload, signer)
    }

    private func postOnce(_ url: String, _ payload: JSONValue?, _ signer: SignedMessage.Signer) async throws -> Reply {
        let message = try SignedMessage(payload, to: url, nonce: try await nonce(), by: signer)
        return try await send("POST", url, message.text)
    }

    private func nonce() async throws -> String {
        if let kept = nonces.withLock({ $0.popLast() }) { return kept }
        _ = try await send("HEAD", try await offers().newNonce, nil)
        guard let fresh = nonces.withLock({ $0.popLast() }) else {
            throw ACMEError.malformed("newNonce without a nonce")
        }
        return fresh
    }

    /// - Throws: ``ACMEError`` for every status but 2xx; `CancellationError`.
    func send(_ method: String, _ url: String, _ body: String?, accept: String? = nil) async throws -> Reply {
        var limits = HTTPLimits()
        limits.connect = min(configuration.timeout, .seconds(10))
        limits.total = configuration.timeout
        limits.body = 1 << 20
        var headers: [(name: String, value: String)] = []
        if body != nil { headers.append(("Content-Type", "application/jose+json")) }
        if let accept { headers.append(("Accept", accept)) }
        let request = HTTPRequest(
            method,
            url,
            headers: headers,
            body: body.map { .bytes(Array($0.utf8)) } ?? .none,
            limits: limits
        )
        let response: HTTPResponse
        let bytes: [UInt8]
        do {
            response = try await http.send(request)
            bytes = try await response.body.collect(upTo: 1 << 20)
        } catch let error as HTTPError {
            throw ACMEError.unreachable("\(method) \(url): \(error)", retryAfter: nil)
        }
        if let nonce = response.header("replay-nonce"), Base64URL.decode(nonce) != nil {
            nonces.withLock { $0.append(nonce) }
        }
        let pause = response.header("retry-after").flatMap { RetryAfter.parse($0, now: now()) }
        guard (200..<300).contains(response.status) else {
            if let problem = ACMEProblem.parse(bytes, status: response.status) {
                let told = problem.retryAt.map { max(.zero, $0 - now()) }
                throw ACMEError.problem(problem, retryAfter: pause ?? told)
            }
            let said = "\(method) \(url): status \(response.status): \(Self.excerpt(bytes))"
            throw response.status >= 500 || response.status == 429
                ? ACMEError.unreachable(said, retryAfter: pause) : ACMEError.malformed(said)
        }
        return Reply(response: response, body: bytes, retryAfter: pause)
    }

    /// The start of an answer, on one line.
    static func excerpt(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes.prefix(200), as: UTF8.self)
        let line = String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? " " : $0 })
        )
        return "'\(line)\(bytes.count > 200 ? "..." : "")'"
    }
}
