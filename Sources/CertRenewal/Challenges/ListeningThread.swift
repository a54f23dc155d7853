import CygniDNS
import CygniModel
import Glibc

/// A socket that listens for TCP.
struct ListeningSocket: Sendable {
    let descriptor: Int32

    /// - Throws: ``ChallengeFault``.
    init(_ address: ServerAddress) throws {
        descriptor = socket(
            address.bytes.count == 4 ? AF_INET : AF_INET6,
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue),
            0
        )
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        let descriptor = descriptor
        let isBound = address.withSockaddr { bind(descriptor, $0, $1) } == 0
        guard isBound, listen(descriptor, 128) == 0 else {
            let cause = String(cString: strerror(errno))
            close(descriptor)
            throw ChallengeFault("failed to listen at \(address): \(cause)")
        }
    }
}

/// One client of a listener. Made and used on the listener's thread alone.
protocol ListeningConversation: SendableMetatype {
    var descriptor: Int32 { get }
    /// There is something to read. - Returns: false once it is over.
    mutating func goOn() -> Bool
}

/// Serves clients on a thread of its own until `wake` is closed at its other end.
enum ListeningThread {
    private static let most = 256
    private static let patience = Duration.seconds(5)

    private final class Start<Conversation: ListeningConversation>: Sendable {
        let listener: ListeningSocket
        let wake: Int32
        let make: @Sendable (Int32) -> Conversation

        init(_ listener: ListeningSocket, _ wake: Int32, _ make: @escaping @Sendable (Int32) -> Conversation) {
            (self.listener, self.wake, self.make) = (listener, wake, make)
        }
    }

    static func start<Conversation: ListeningConversation>(
        _ listener: ListeningSocket,
        wake: Int32,
        _ make: @escaping @Sendable (Int32) -> Conversation
    ) throws {
        let start = Start(listener, wake, make)
        do {
            try DetachedThread.start { run(start) }
        } catch {
            throw ChallengeFault(error.description)
        }
    }

    private static func run<Conversation>(_ start: Start<Conversation>) {
        var open: [(conversation: Conversation, end: ContinuousClock.Instant)] = []
        defer {
            for client in open { close(client.conversation.descriptor) }
            close(start.listener.descriptor)
            close(start.wake)
        }
        while true {
            var polled = [pollfd(fd: start.wake, events: Int16(POLLIN), revents: 0)]
            let listens = open.count < most
            polled.append(pollfd(fd: listens ? start.listener.descriptor : -1, events: Int16(POLLIN), revents: 0))
            polled += open.map { pollfd(fd: $0.conversation.descriptor, events: Int16(POLLIN), revents: 0) }
            _ = poll(&polled, nfds_t(polled.count), open.isEmpty ? -1 : 500)
            guard polled[0].revents == 0 else { return }
            let now = ContinuousClock.now
            var kept: [(conversation: Conversation, end: ContinuousClock.Instant)] = []
            for (index, client) in open.enumerated() {
                var client = client
                let isReady = polled[index + 2].revents != 0
                if client.end > now, !isReady || client.conversation.goOn() {
                    kept.append(client)
                } else {
                    close(client.conversation.descriptor)
                }
            }
            open = kept
            guard polled[1].revents != 0 else { continue }
            let client = accept(start.listener.descriptor, nil, nil)
            guard client >= 0 else { continue }
            _ = fcntl(client, F_SETFL, O_NONBLOCK)
            _ = fcntl(client, F_SETFD, FD_CLOEXEC)
            open.append((start.make(client), now + patience))
        }
    }
}
