import CygniModel
import Glibc
import Synchronization

/// The exchanges of a ``DirectClient``, on one thread with poll(2): there are few at once.
final class DirectLoop: Sendable {
    private struct Waiting: Sendable {
        let query: Query
        let server: ServerAddress
        let end: @Sendable (DirectAnswer) -> Void
    }

    private struct Inbox {
        var waiting: [Waiting] = []
        var isQuitting = false
    }

    private let limits: DirectClient.Limits
    private let inbox = Mutex(Inbox())
    /// A pipe: a byte in it ends the wait.
    private let wakeRead: Int32
    private let wakeWrite: Int32

    init(_ limits: DirectClient.Limits) throws {
        self.limits = limits
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw ResolverFault("failed to start: \(String(cString: strerror(errno)))")
        }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (wakeRead, wakeWrite) = (ends[0], ends[1])
    }

    deinit {
        close(wakeRead)
        close(wakeWrite)
    }

    /// Full is as good as told.
    private func wake() {
        var byte: UInt8 = 0
        _ = write(wakeWrite, &byte, 1)
    }

    func start() throws {
        do {
            try DetachedThread.start { self.run() }
        } catch {
            throw ResolverFault(error.description)
        }
    }

    func add(_ query: Query, _ server: ServerAddress, _ end: @escaping @Sendable (DirectAnswer) -> Void) {
        inbox.withLock { $0.waiting.append(Waiting(query: query, server: server, end: end)) }
        wake()
    }

    func quit() {
        inbox.withLock { $0.isQuitting = true }
        wake()
    }

    private func run() {
        var exchanges: [Exchange] = []
        while true {
            let room = limits.window - exchanges.count
            let (next, isQuitting) = inbox.withLock { inbox in
                let next = Array(inbox.waiting.prefix(room))
                inbox.waiting.removeFirst(next.count)
                return (next, inbox.isQuitting)
            }
            if isQuitting { break }
            for waiting in next { if let exchange = begin(waiting) { exchanges.append(exchange) } }
            var polled = exchanges.map { exchange in
                let wanted = exchange.phase == .connecting || exchange.phase == .sending ? POLLOUT : POLLIN
                return pollfd(fd: exchange.descriptor, events: Int16(wanted), revents: 0)
            }
            polled.append(pollfd(fd: wakeRead, events: Int16(POLLIN), revents: 0))
            poll(&polled, nfds_t(polled.count), wait(exchanges))
            var told = [UInt8](repeating: 0, count: 256)
            if polled[polled.count - 1].revents != 0 { while read(wakeRead, &told, told.count) == told.count {} }
            let now = ContinuousClock.now
            exchanges = exchanges.indices.compactMap { index in
                if polled[index].revents != 0 { return exchanges[index].proceeded(limits) }
                return exchanges[index].due <= now ? exchanges[index].retried(limits) : exchanges[index]
            }
        }
        for exchange in exchanges {
            close(exchange.descriptor)
            exchange.end(.timeout)
        }
        for waiting in inbox.withLock({ $0.waiting }) { waiting.end(.timeout) }
    }

    private func wait(_ exchanges: [Exchange]) -> Int32 {
        guard let due = exchanges.map(\.due).min() else { return -1 }
        return Int32(max(0, min((due - ContinuousClock.now) / .milliseconds(1) + 1, 60_000)))
    }

    private func begin(_ waiting: Waiting) -> Exchange? {
        let now = ContinuousClock.now
        let exchange = Exchange(
            query: waiting.query,
            server: waiting.server,
            descriptor: -1,
            due: now,
            triesLeft: limits.tries,
            started: now,
            end: waiting.end
        )
        return exchange.sent(limits)
    }
}

extension Exchange {
    /// Sends the question over UDP, from a port of its own.
    func sent(_ limits: DirectClient.Limits) -> Exchange? {
        var next = self
        next.triesLeft -= 1
        next.due = ContinuousClock.now + limits.wait
        guard let descriptor = opened(SOCK_DGRAM) else { return nil }
        next.descriptor = descriptor
        let wire = query.wire
        guard send(descriptor, wire, wire.count, Int32(MSG_NOSIGNAL)) == wire.count else { return next.unreachable() }
        return next
    }

    /// A connected socket that never blocks; nil ends the exchange.
    private func opened(_ kind: __socket_type) -> Int32? {
        let flags = Int32(kind.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(server.family, flags, 0)
        guard descriptor >= 0 else {
            end(.unreachable(String(cString: strerror(errno))))
            return nil
        }
        let status = server.withSockaddr { connect(descriptor, $0, $1) }
        guard status == 0 || errno == EINPROGRESS else {
            let cause = String(cString: strerror(errno))
            close(descriptor)
            end(.unreachable(cause))
            return nil
        }
        return descriptor
    }

    private func unreachable() -> Exchange? {
        let cause = String(cString: strerror(errno))
        close(descriptor)
        end(.unreachable(cause))
        return nil
    }

    /// Its time is over.
    func retried(_ limits: DirectClient.Limits) -> Exchange? {
        close(descriptor)
        guard phase == .udp, triesLeft > 0 else {
            end(.timeout)
            return nil
        }
        return sent(limits)
    }

    /// Something came, or can be sent.
    func proceeded(_ limits: DirectClient.Limits) -> Exchange? {
        switch phase {
        case .udp: return received(limits)
        case .connecting, .sending: return sentMore()
        case .reading: return readMore()
        }
    }

    private func received(_ limits: DirectClient.Limits) -> Exchange? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count >= 0 else { return errno == EAGAIN || errno == EINTR ? self : unreachable() }
        let bytes = Array(buffer.prefix(count))
        // Not an answer to this: somebody guesses. The right one may still come.
        guard query.isAnswered(by: bytes) else { return self }
        guard bytes[2] & 0x02 != 0 else { return finish(bytes, overTCP: false) }
        close(descriptor)
        guard let stream = opened(SOCK_STREAM) else { return nil }
        var next = self
        let wire = query.wire
        next.phase = .connecting
        next.descriptor = stream
        next.due = ContinuousClock.now + limits.wait * 2
        next.bytes = [UInt8(wire.count >> 8), UInt8(wire.count & 0xFF)] + wire
        return next
    }

    private func sentMore() -> Exchange? {
        var next = self
        let count = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        guard count >= 0 else { return errno == EAGAIN || errno == EINTR ? self : unreachable() }
        next.bytes.removeFirst(count)
        next.phase = next.bytes.isEmpty ? .reading : .sending
        return next
    }

    private func readMore() -> Exchange? {
        var next = self
        var buffer = [UInt8](repeating: 0, count: 16_384)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count >= 0 else { return errno == EAGAIN || errno == EINTR ? self : unreachable() }
        guard count > 0 else {
            close(descriptor)
            end(.garbled("the connection was closed in the middle of the answer"))
            return nil
        }
        next.bytes += buffer.prefix(count)
        guard next.bytes.count >= 2 else { return next }
        let length = Int(next.bytes[0]) << 8 | Int(next.bytes[1])
        guard next.bytes.count >= 2 + length else { return next }
        let message = Array(next.bytes[2..<2 + length])
        guard query.isAnswered(by: message) else {
            close(descriptor)
            end(.garbled("the answer is to another question"))
            return nil
        }
        return finish(message, overTCP: true)
    }

    private func finish(_ bytes: [UInt8], overTCP: Bool) -> Exchange? {
        close(descriptor)
        do {
            let took = (ContinuousClock.now - started) / .milliseconds(1)
            end(.message(try Message(parsing: bytes), milliseconds: took, overTCP: overTCP))
        } catch {
            end(.garbled("\(error)"))
        }
        return nil
    }
}
