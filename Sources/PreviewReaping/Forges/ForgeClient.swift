import CygniLog
import CygniHTTP
import CygniModel
import FoundationEssentials
import Synchronization

/// What a forge answered before, to ask only whether it changed.
struct KnownAnswer: Sendable {
    var etag: String
    var page: ForgePage
    var next: String?
}

/// Asks one forge. One question at a time: forges count parallel requests against the one who asks (GitHub, Best practices
/// for using the REST API).
final class ForgeClient: Sendable {
    let name: String
    let dialect: ForgeDialect
    private let settings: ForgeSection
    private let http: HTTPClient
    private let app: GitHubApp?
    private let recall: @Sendable (String) async throws -> KnownAnswer?
    private let state = Mutex(State())

    private struct State {
        var learned: [String: KnownAnswer] = [:]
        var requests = 0
        var unchanged = 0
        /// Why nothing more is asked in this run.
        var closed: ForgeFault?
    }

    init(
        _ name: String,
        _ settings: ForgeSection,
        now: Timestamp,
        recall: @escaping @Sendable (String) async throws -> KnownAnswer?
    ) throws {
        self.name = name
        self.settings = settings
        self.recall = recall
        dialect = ForgeDialect(kind: settings.kind, root: settings.root)
        var configuration = HTTPClient.Configuration()
        configuration.addresses = .any
        configuration.caFile = settings.caFile
        configuration.connectionsPerHost = 2
        configuration.userAgent = "cygni-preview-reap"
        http = try HTTPClient(configuration)
        app = try GitHubApp(settings, http, now: now)
    }

    /// Answers that are to be remembered.
    var learned: [String: KnownAnswer] { state.withLock { $0.learned } }
    var requests: Int { state.withLock { $0.requests } }
    var unchanged: Int { state.withLock { $0.unchanged } }

    /// One page.
    ///
    /// - Returns: nil when there is no such thing (404).
    /// - Throws: ``ForgeFault`` for every other answer than the documented one.
    func page(_ question: ForgeParsing.Question, _ url: String) async throws -> (page: ForgePage, next: String?)? {
        if let closed = state.withLock({ $0.closed }) { throw closed }
        let known = try await recall(url)
        let (response, body) = try await send("GET", url, known?.etag, nil)
        switch response.status {
        case 200: break
        case 304:
            guard let known else { throw fault("answered 304 to a question it had not been asked before") }
            state.withLock {
                $0.unchanged += 1
                $0.learned[url] = known
            }
            return (known.page, known.next)
        case 404: return nil
        case 301, 302, 303, 307, 308: throw fault("says that \(url.printable) has moved (status \(response.status))")
        case 401: throw close("does not accept the token (status 401)")
        case 403, 429: throw close("refuses to answer (status \(response.status)): a rate limit, or no right to ask")
        default: throw fault("answered with status \(response.status)")
        }
        let parsed: (page: ForgePage, next: String?)
        do {
            parsed = try ForgeParsing.parse(question, settings.kind, body)
        } catch {
            throw fault("\(error)")
        }
        let next = try sameOrigin(parsed.next ?? response.header("link").flatMap(LinkHeader.next))
        if let etag = response.header("etag"), !etag.isEmpty {
            state.withLock { $0.learned[url] = KnownAnswer(etag: etag, page: parsed.page, next: next) }
        }
        return (parsed.page, next)
    }

    func post(_ url: String, _ body: String) async throws {
        let (response, _) = try await send("POST", url, nil, body)
        guard (200..<300).contains(response.status) else {
            throw fault("refused a comment (status \(response.status))")
        }
    }

    private func token() async throws -> String? {
        do {
            return try await app?.token() ?? settings.token?.reveal()
        } catch let error as HTTPError {
            throw fault("gave the App no token: \(error)")
        }
    }

    private func send(_ method: String, _ url: String, _ etag: String?, _ body: String?) async throws -> (
        HTTPResponse, [UInt8]
    ) {
        var headers: [(name: String, value: String)] = [("Accept", "application/json")]
        if let token = try await token() {
            headers.append(dialect.authorization(token))
        }
        if let etag { headers.append(("If-None-Match", etag)) }
        if body != nil { headers.append(("Content-Type", "application/json")) }
        var limits = HTTPLimits()
        limits.total = settings.timeout
        let request = HTTPRequest(
            method,
            url,
            headers: headers,
            body: body.map { .bytes(Array($0.utf8)) } ?? .none,
            limits: limits
        )
        do {
            state.withLock { $0.requests += 1 }
            // What is written is written once.
            let response =
                body == nil
                ? try await http.send(
                    retrying: RetryPolicy(attempts: 3, longestRetryAfter: .seconds(5)),
                    now: { .wallClock() }
                ) { request } : try await http.send(request)
            let bytes = try await response.body.collect(upTo: 64 << 20)
            noteBudget(response)
            return (response, bytes)
        } catch let error as HTTPError {
            throw fault("\(error)")
        }
    }

    /// What is left of the forge's limit belongs to others too.
    private func noteBudget(_ response: HTTPResponse) {
        let names = ["x-ratelimit-remaining", "ratelimit-remaining"]
        guard let left = names.lazy.compactMap({ response.header($0) }).first.flatMap({ Int($0) }),
            left <= settings.reserve
        else { return }
        state.withLock {
            $0.closed = ForgeFault(
                description:
                    "forge \(name): only \(left) requests are left of its limit, and \(settings.reserve) are for others",
                isHeldBack: true
            )
        }
    }

    /// A page elsewhere must not get our token.
    private func sameOrigin(_ next: String?) throws -> String? {
        guard let next else { return nil }
        guard next.hasPrefix(dialect.root + "/") else {
            throw fault("leads to a next page elsewhere: \(next.printable)")
        }
        return next
    }

    private func close(_ what: String) -> ForgeFault {
        let fault = fault(what)
        state.withLock { $0.closed = fault }
        return fault
    }

    private func fault(_ what: String) -> ForgeFault { ForgeFault(description: "forge \(name) \(what)") }
}

/// `Link: <url>; rel="next"` (RFC 8288).
enum LinkHeader {
    static func next(_ text: String) -> String? {
        for part in text.split(separator: ",") {
            let pieces = part.split(separator: ";").map { $0.trimmingPrefix(while: \.isWhitespace) }
            guard let url = pieces.first, url.hasPrefix("<"), let end = url.firstIndex(of: ">"),
                pieces.dropFirst().contains(where: { $0.hasPrefix("rel=\"next\"") || $0.hasPrefix("rel=next") })
            else { continue }
            return String(url[url.index(after: url.startIndex)..<end])
        }
        return nil
    }
}
