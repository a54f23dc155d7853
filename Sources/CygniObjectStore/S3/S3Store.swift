import Crypto
package import CygniHTTP
import CygniModel
import FoundationEssentials
import Synchronization

/// Objects in a bucket of an S3 service, over its REST API.
package struct S3Store: ObjectStore {
    let configuration: S3Configuration
    let client: HTTPClient
    private let signature: SignatureV4
    /// How far the service's clock is ahead of ours, once it complained.
    private let skew = Skew()

    package init(_ configuration: S3Configuration, client: HTTPClient) {
        self.configuration = configuration
        self.client = client
        signature = SignatureV4(
            accessKey: configuration.accessKey.reveal(),
            secretKey: configuration.secretKey,
            region: configuration.region
        )
    }

    package var place: String { "s3://\(configuration.bucket)/\(configuration.prefix)" }

    /// One call of the API, before it is signed.
    struct Call: Sendable {
        var method: String
        /// Without the prefix; nil is the bucket itself.
        var key: String?
        var query: [(name: String, value: String)] = []
        var headers: [(name: String, value: String)] = []
        var body = HTTPBody.none
        /// Of the body, in hex.
        var payload = SignatureV4.emptyPayload
        /// Statuses besides 2xx that the caller reads itself.
        var expected: Set<Int> = []
    }

    /// Sends a call, repeated as the policy says, and returns its answer.
    ///
    /// - Parameter what: for errors: `put 'a/b'`.
    func send(_ what: String, _ call: Call) async throws -> HTTPResponse {
        let response = try await exchange(what, call)
        guard !(200...299).contains(response.status), !call.expected.contains(response.status) else { return response }
        let fault = S3Fault(response, try? await response.body.collect(upTo: 64 << 10))
        guard fault.code == "RequestTimeTooSkewed", skew.learn(response.header("date"), configuration.now()) else {
            throw fault.error(what, place)
        }
        let second = try await exchange(what, call)
        guard !(200...299).contains(second.status), !call.expected.contains(second.status) else { return second }
        throw S3Fault(second, try? await second.body.collect(upTo: 64 << 10)).error(what, place)
    }

    private func exchange(_ what: String, _ call: Call) async throws -> HTTPResponse {
        do {
            return try await client.send(retrying: configuration.retry, now: configuration.now) { request(call) }
        } catch let error as HTTPError {
            throw ObjectStoreError(what, place, error)
        }
    }

    private func request(_ call: Call) -> HTTPRequest {
        let (base, host, path) = configuration.location(of: call.key)
        let headers =
            call.headers + [
                ("host", host), ("x-amz-content-sha256", call.payload),
                ("x-amz-date", SignatureV4.date(configuration.now() + skew.value)),
            ]
        let authorization = signature.authorization(call.method, path: path, query: call.query, headers: headers)
        let query = SignatureV4.canonicalQuery(call.query)
        return HTTPRequest(
            call.method,
            base + path + (query.isEmpty ? "" : "?\(query)"),
            headers: headers.filter { $0.name != "host" } + [("authorization", authorization)],
            body: call.body
        )
    }

    /// Sends a call whose answer is an XML document.
    func document(_ what: String, _ call: Call, root: String, or alias: String? = nil) async throws -> XMLElement {
        let response = try await send(what, call)
        let bytes: [UInt8]
        do {
            bytes = try await response.body.collect(upTo: 16 << 20)
        } catch let error as HTTPError {
            throw ObjectStoreError(what, place, error)
        }
        guard let document = XMLElement(parsing: bytes) else {
            throw ObjectStoreError(.garbled, "failed to \(what) in \(place): the answer is no XML document")
        }
        // Some calls begin to answer with 200 before they know how they end.
        if document.name == "Error" { throw S3Fault(status: response.status, document).error(what, place) }
        guard document.name == root || document.name == alias else {
            throw ObjectStoreError(
                .garbled,
                "failed to \(what) in \(place): the answer is <\(document.name.prefix(40))> and not <\(root)>"
            )
        }
        return document
    }

    /// The base64 of an MD5, which S3 demands of some calls.
    static func contentMD5(_ bytes: [UInt8]) -> String {
        Data(Insecure.MD5.hash(data: bytes)).base64EncodedString()
    }
}

/// The difference between two clocks.
private final class Skew: Sendable {
    private let state = Mutex(Duration.zero)

    var value: Duration { state.withLock { $0 } }

    /// - Returns: whether the header told something.
    func learn(_ date: String?, _ now: Timestamp) -> Bool {
        guard let date, let theirs = RetryAfter.date(date) else { return false }
        state.withLock { $0 = theirs - now }
        return true
    }
}
