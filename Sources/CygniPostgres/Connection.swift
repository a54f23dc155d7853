import CPostgres
import Synchronization

/// A connection to PostgreSQL: an actor on its own thread, whose unit of use is one synchronous closure.
///
/// No statement of another task can come between the statements of a closure, because there is no `await` inside one.
/// Cancelling the task interrupts the statement on the server. The connection closes when the last reference goes.
package actor Connection {
    let executor = QueueExecutor(label: "cygni.postgres")
    private let canceller = Canceller()
    private let wasUsable = Atomic(false)
    /// Set by ``open(_:)`` before anyone else has a reference.
    var session: Session?
    /// What `LISTEN` brought and nobody has taken yet.
    var notifications: [Notification] = []
    /// Tasks that wait for more of them.
    var listeners: [Int: WakeUp] = [:]
    var listenerCount = 0

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private init() {}

    /// Connects. Takes at most the options' `connectTimeout` per host.
    ///
    /// - Throws: ``PostgresError`` of kind `connect`.
    package static func open(_ options: ConnectionOptions) async throws -> Connection {
        let connection = Connection()
        try await connection.connect(options)
        return connection
    }

    private func connect(_ options: ConnectionOptions) throws {
        session = try Session.connect(options, canceller: canceller)
        wasUsable.store(session?.isIdle ?? false, ordering: .releasing)
    }

    /// Whether the connection stood after its last access and no transaction was left open on it. When false: open another.
    package nonisolated var isUsable: Bool { wasUsable.load(ordering: .acquiring) }

    /// Runs `body` with the session, outside any transaction: each statement commits by itself.
    package func access<Value: Sendable>(_ body: @Sendable (Session) throws -> Value) async throws -> Value {
        try Task.checkCancellation()
        return try await withTaskCancellationHandler {
            try perform(body)
        } onCancel: {
            canceller.cancelAccess()
        }
    }

    /// Runs `body` in a transaction: committed when it returns, rolled back when it throws.
    ///
    /// - Parameters:
    ///   - mode: isolation and access mode.
    ///   - attempts: how often the whole of it is tried when it ends in a serialization failure or a deadlock; `body`
    ///     must then be free of effects outside the database.
    package func transaction<Value: Sendable>(
        _ mode: TransactionMode = .readCommitted,
        attempts: Int = 1,
        _ body: @Sendable (Session) throws -> Value
    ) async throws -> Value {
        var attempt = 1
        while true {
            do {
                return try await access { session in try session.transaction(mode, body) }
            } catch let error as PostgresError where error.isSerializationConflict && attempt < attempts {
                // Both sides of a conflict retrying in step would meet again.
                try await Task.sleep(for: .milliseconds(Int.random(in: 1...(20 << min(attempt, 6)))))
                attempt += 1
            }
        }
    }

    private func perform<Value>(_ body: (Session) throws -> Value) throws -> Value {
        guard let session else { throw PostgresError(.connectionLost, "the connection is closed") }
        canceller.begin()
        // The task may have been cancelled before `begin`, when the handler had nothing to interrupt yet.
        if Task.isCancelled { canceller.cancelAccess() }
        defer {
            if canceller.end() { session.absorbLateInterrupt() }
            collectNotifications(session)
            wasUsable.store(session.isIdle, ordering: .releasing)
        }
        do {
            return try body(session)
        } catch let error as PostgresError where Task.isCancelled && error.isOfCancellation {
            throw CancellationError()
        }
    }

    /// Ends the access in flight at once, by cutting the connection; the server is not asked.
    ///
    /// For callers who cannot wait: a cancelled task waits until the server has heeded the interrupt.
    package nonisolated func abandon() {
        canceller.abandon()
    }

    /// Closes the connection now instead of with its last reference.
    package func close() {
        session = nil
        wasUsable.store(false, ordering: .releasing)
        listeners.values.forEach { $0.set() }
    }
}
