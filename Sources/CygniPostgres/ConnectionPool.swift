import CygniModel
import Synchronization

/// A limited number of connections, handed out to whoever has waited longest.
///
/// A connection comes back into the pool only when it stands and no transaction was left open on it. One that lay idle is
/// asked for a sign of life before it is handed out again. What a user sets on a session (SET, LISTEN, locks) stays on it:
/// take it back before returning.
package final class ConnectionPool: Sendable {
    private let options: ConnectionOptions
    private let limit: Int
    private let idleLimit: Duration
    private let state = Mutex(State())

    private struct State {
        /// The last one used comes first: the others may lie idle until the server is glad to lose them.
        var idle: [Idle] = []
        /// Connections handed out, and those being opened or checked for someone.
        var inUse = 0
        var waiters: [Waiter] = []
        var waiterCount = 0
        var isClosed = false
    }

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
    package func withConnection<Value: Sendable>(
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
        let (waiters, closing) = state.withLock { state in
            state.isClosed = true
            defer { (state.waiters, state.idle) = ([], []) }
            return (state.waiters, state.idle)
        }
        for waiter in waiters { waiter.continuation.resume(throwing: Self.closedError) }
        for entry in closing { await entry.connection.close() }
    }

    private static var closedError: PostgresError { PostgresError(.client, "the connection pool is closed") }

    private func take() async throws -> Connection {
        try await enter()
        do {
            try Task.checkCancellation()
            while let entry = state.withLock({ $0.idle.popLast() }) {
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
        let isKept = state.withLock { state in
            guard connection.isUsable, !state.isClosed else { return false }
            state.idle.append(Idle(connection: connection, since: .now))
            return true
        }
        if !isKept { await connection.close() }
        leave()
    }

    private func isAlive(_ entry: Idle) async -> Bool {
        guard entry.connection.isUsable else { return false }
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
        let number = try state.withLock { state -> Int? in
            guard !state.isClosed else { throw Self.closedError }
            guard state.inUse >= limit else {
                state.inUse += 1
                return nil
            }
            state.waiterCount += 1
            return state.waiterCount
        }
        guard let number else { return }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                queue(Waiter(number: number, continuation: continuation))
                // One that was cancelled before it stood in the queue had nothing to give up yet.
                if Task.isCancelled { giveUp(number) }
            }
        } onCancel: {
            giveUp(number)
        }
    }

    private func queue(_ waiter: Waiter) {
        let result = state.withLock { state -> Result<Void, any Error>? in
            if state.isClosed { return .failure(Self.closedError) }
            // A place may have become free meanwhile.
            if state.inUse < limit {
                state.inUse += 1
                return .success(())
            }
            state.waiters.append(waiter)
            return nil
        }
        if let result { waiter.continuation.resume(with: result) }
    }

    private func leave() {
        let next = state.withLock { state -> Waiter? in
            if state.waiters.isEmpty {
                state.inUse -= 1
                return nil
            }
            return state.waiters.removeFirst()
        }
        next?.continuation.resume()
    }

    private func giveUp(_ number: Int) {
        let waiter = state.withLock { state -> Waiter? in
            guard let index = state.waiters.firstIndex(where: { $0.number == number }) else { return nil }
            return state.waiters.remove(at: index)
        }
        waiter?.continuation.resume(throwing: CancellationError())
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

    package var counts: Counts {
        state.withLock { Counts(idle: $0.idle.count, inUse: $0.inUse, waiting: $0.waiters.count) }
    }
}
