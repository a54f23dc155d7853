import CygniModel

/// A limited number of connections, handed out to whoever has waited longest.
///
/// A connection comes back into the pool only when it stands and no transaction was left open on it. One that lay idle is
/// asked for a sign of life before it is handed out again. What a user sets on a session (SET, LISTEN, locks) stays on it:
/// take it back before returning.
package actor ConnectionPool {
    private let options: ConnectionOptions
    private let limit: Int
    private let idleLimit: Duration
    /// The last one used comes first: the others may lie idle until the server is glad to lose them.
    private var idle: [Idle] = []
    /// Connections handed out, and those being opened or checked for someone.
    private var inUse = 0
    private var waiters: [Waiter] = []
    private var waiterCount = 0
    private var isClosed = false

    private struct Idle {
        let connection: Connection
        let since: ContinuousClock.Instant
    }

    private struct Waiter {
        let number: Int
        let continuation: CheckedContinuation<Void, any Error>
    }

    /// How long an idle connection may take to show that it lives.
    private static let checkLimit = Duration.seconds(5)

    /// - Parameters:
    ///   - limit: how many connections may be open at once.
    ///   - idleLimit: a connection idle for longer is checked before use.
    package init(_ options: ConnectionOptions, limit: Int, idleLimit: Duration = .seconds(30)) {
        precondition(limit > 0, "a pool of no connections serves nobody")
        self.options = options
        self.limit = limit
        self.idleLimit = idleLimit
    }

    /// Lends a connection for the length of `body`, waiting for one in the order of arrival.
    ///
    /// - Throws: `CancellationError` when the task is cancelled while it waits; ``PostgresError`` when a connection cannot
    ///   be opened or the pool is closed.
    package nonisolated func withConnection<Value: Sendable>(
        _ body: (Connection) async throws -> Value
    ) async throws -> Value {
        let connection = try await take()
        do {
            let value = try await body(connection)
            await giveBack(connection)
            return value
        } catch {
            await giveBack(connection)
            throw error
        }
    }

    /// Refuses everyone from now on, those who wait included, and closes what is idle; what is lent closes on return.
    package func close() async {
        isClosed = true
        for waiter in waiters { waiter.continuation.resume(throwing: Self.closedError) }
        waiters = []
        let closing = idle
        idle = []
        for entry in closing { await entry.connection.close() }
    }

    private static var closedError: PostgresError { PostgresError(.client, "the connection pool is closed") }

    private func take() async throws -> Connection {
        try await enter()
        do {
            try Task.checkCancellation()
            while let entry = idle.popLast() {
                if await isAlive(entry) { return entry.connection }
                await entry.connection.close()
            }
            return try await Connection.open(options)
        } catch {
            leave()
            throw error
        }
    }

    private func giveBack(_ connection: Connection) async {
        if await connection.isUsable, !isClosed {
            idle.append(Idle(connection: connection, since: .now))
        } else {
            await connection.close()
        }
        leave()
    }

    private func isAlive(_ entry: Idle) async -> Bool {
        guard await entry.connection.isUsable else { return false }
        guard ContinuousClock.now - entry.since > idleLimit else { return true }
        do {
            try await withTimeLimit(Self.checkLimit) { () async throws -> Void in
                try await entry.connection.access { session in try session.script("", name: "health check") }
            }
            return true
        } catch {
            return false
        }
    }

    // A place in the pool, whether or not a connection is there yet. It passes from hand to hand: whoever leaves gives it
    // to the first in the queue, so that nobody who comes later can take it.

    private func enter() async throws {
        try Task.checkCancellation()
        guard !isClosed else { throw Self.closedError }
        guard inUse >= limit else {
            inUse += 1
            return
        }
        waiterCount += 1
        let number = waiterCount
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                if Task.isCancelled {
                    continuation.resume(throwing: CancellationError())
                } else {
                    waiters.append(Waiter(number: number, continuation: continuation))
                }
            }
        } onCancel: {
            Task { await self.giveUp(number) }
        }
    }

    private func leave() {
        if waiters.isEmpty {
            inUse -= 1
        } else {
            waiters.removeFirst().continuation.resume()
        }
    }

    private func giveUp(_ number: Int) {
        guard let index = waiters.firstIndex(where: { $0.number == number }) else { return }
        waiters.remove(at: index).continuation.resume(throwing: CancellationError())
    }

    /// What the pool is at, for tests and metrics.
    package struct Counts: Hashable, Sendable {
        package var idle: Int
        package var inUse: Int
        package var waiting: Int

        package init(idle: Int, inUse: Int, waiting: Int) {
            (self.idle, self.inUse, self.waiting) = (idle, inUse, waiting)
        }
    }

    package var counts: Counts { Counts(idle: idle.count, inUse: inUse, waiting: waiters.count) }
}
