import CygniAccess
import CygniModel
import CygniPostgres
import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle
import Synchronization

/// A run's log as it grows, in the form of server-sent events (WHATWG HTML, 9.2): `log` with lines and the piece's number as
/// its id, at the end `end` with the run's state. A client that lost the connection says where it was in Last-Event-ID; so does one
/// that was sent away after a while, whose credentials are then looked at anew.
struct LogTail: Sendable {
    /// How often the database is asked.
    private static let interval = Duration.seconds(1)
    /// After so many looks without news a comment shows that the connection lives, and finds out when it does not.
    private static let quiet = 10

    let run: UUID
    let database: ServerDatabase
    let streams: StreamCount
    let longest: Duration

    init(run: UUID, _ parts: ServerParts) {
        (self.run, database, streams) = (run, parts.database, parts.streams)
        longest = parts.settings.limits.watch
    }

    /// - Parameter piece: the last one that the client has; 0: none.
    /// - Throws: ``Problem`` when there is no such run, or too many watch.
    func reply(after piece: Int) async throws -> Reply {
        let first = try await news(after: piece)
        guard first.state != nil else { throw Problem(.notFound) }
        // A proxy that collected the answer first would show nothing.
        let headers: HTTPFields = [.cacheControl: "no-store", .accelBuffering: "no"]
        return Reply(.ok, .body(try body(after: piece, first), mediaType: "text/event-stream"), headers: headers)
    }

    private func news(after piece: Int) async throws -> RunRecord.News {
        try await database.platform(isReading: true) { try RunRecord.News(of: run, after: piece, in: $0) }
    }

    private func body(after piece: Int, _ first: RunRecord.News) throws -> ResponseBody {
        guard streams.enter() else {
            throw Problem(.busy, "as many logs as may be are being watched", headers: [.retryAfter: "5"])
        }
        let lease = StreamLease(streams)
        return ResponseBody { writer in
            defer { lease.end() }
            var (news, piece) = (first, piece)
            // What a client waits before it comes again, milliseconds.
            try await writer.write(ByteBuffer(string: "retry: 2000\n\n"))
            let end = ContinuousClock.now + longest
            var looks = 0
            while let state = news.state, !Task.isShuttingDownGracefully {
                for (number, lines) in news.pieces {
                    try await writer.write(ByteBuffer(string: Self.event("log", lines, id: number)))
                    (piece, looks) = (number, 0)
                }
                guard state == "running" else {
                    let ending = JSONValue.object([("state", .string(state)), ("exit_status", .whole(news.exitStatus))])
                    try await writer.write(ByteBuffer(string: Self.event("end", ending.text)))
                    break
                }
                guard ContinuousClock.now < end else { break }
                looks += 1
                if looks % Self.quiet == 0 { try await writer.write(ByteBuffer(string: ": still running\n\n")) }
                try await Task.sleep(for: Self.interval)
                news = try await self.news(after: piece)
            }
            try await writer.finish(nil)
        }
    }

    /// - Parameter text: any text; each of its lines becomes a `data` line.
    static func event(_ name: String, _ text: String, id: Int? = nil) -> String {
        let lines = text.split(whereSeparator: \.isNewline).map { "data: \($0)\n" }.joined()
        return (id.map { "id: \($0)\n" } ?? "") + "event: \(name)\n\(lines.isEmpty ? "data:\n" : lines)\n"
    }
}

/// How many streams are open, up to a limit.
final class StreamCount: Sendable {
    private let limit: Int
    private let open = Mutex(0)

    init(limit: Int) {
        self.limit = limit
    }

    func enter() -> Bool {
        open.withLock { open in
            guard open < limit else { return false }
            open += 1
            return true
        }
    }

    func leave() { open.withLock { $0 -= 1 } }
}

/// A place among the streams; given back once, at the latest when nobody holds it any more: a body may never be written.
private final class StreamLease: Sendable {
    private let streams: StreamCount
    private let isHeld = Mutex(true)

    init(_ streams: StreamCount) {
        self.streams = streams
    }

    func end() {
        let wasHeld = isHeld.withLock { held in
            defer { held = false }
            return held
        }
        if wasHeld { streams.leave() }
    }

    deinit { end() }
}
