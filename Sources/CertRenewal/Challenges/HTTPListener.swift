import CygniDNS
import Glibc
import Synchronization

/// http-01 answered by the run itself, where no web server does (RFC 8555, section 8.3).
///
/// One thread with poll(2): a slow client keeps nobody waiting, and a request is cut off at 8 KiB or after 5 s.
final class HTTPListener: ChallengeResponder {
    private let answers: SharedAnswers
    private let stop: Int32

    final class SharedAnswers: Sendable {
        let byToken = Mutex<[String: String]>([:])
    }

    /// - Throws: ``ChallengeFault`` when the address can't be listened at.
    init(_ address: ServerAddress) throws {
        let listener = try ListeningSocket(address)
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw ChallengeFault("failed to start: \(String(cString: strerror(errno)))") }
        let answers = SharedAnswers()
        self.answers = answers
        stop = ends[1]
        try ListeningThread.start(listener, wake: ends[0]) { HTTPConversation($0, answers) }
    }

    deinit { close(stop) }

    func present(_ task: ChallengeTask) async throws {
        answers.byToken.withLock { $0[task.token] = task.keyAuthorization }
    }

    func withdraw(_ task: ChallengeTask) async throws {
        answers.byToken.withLock { $0[task.token] = nil }
    }
}

/// One client: what it has sent, until the request's head is whole.
struct HTTPConversation: ListeningConversation {
    let descriptor: Int32
    private let answers: HTTPListener.SharedAnswers
    private var received: [UInt8] = []
    private static let prefix = "/.well-known/acme-challenge/"

    init(_ descriptor: Int32, _ answers: HTTPListener.SharedAnswers) {
        self.descriptor = descriptor
        self.answers = answers
    }

    /// - Returns: false once it is over.
    mutating func goOn() -> Bool {
        var chunk = [UInt8](repeating: 0, count: 2048)
        let count = recv(descriptor, &chunk, chunk.count, 0)
        if count < 0 { return errno == EAGAIN || errno == EINTR }
        guard count > 0 else { return false }
        received += chunk.prefix(count)
        let text = String(decoding: received, as: UTF8.self)
        guard text.contains("\r\n\r\n") || text.contains("\n\n") else { return received.count < 8192 }
        answer(text)
        return false
    }

    private func answer(_ request: String) {
        let words = request.prefix { !$0.isNewline }.split(separator: " ")
        let path = words.count >= 2 ? words[1] : ""
        let token = path.hasPrefix(Self.prefix) ? String(path.dropFirst(Self.prefix.count)) : ""
        let found = words.first == "GET" ? answers.byToken.withLock { $0[token] } : nil
        let body = found ?? "not found\n"
        let reply = """
            HTTP/1.1 \(found == nil ? "404 Not Found" : "200 OK")\r
            Content-Type: text/plain\r
            Content-Length: \(body.utf8.count)\r
            Connection: close\r
            \r
            \(body)
            """
        // A few hundred bytes fit into the socket's buffer.
        _ = Array(reply.utf8).withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }
}
