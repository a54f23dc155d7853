import CPostgres
import Synchronization

/// Interrupts the statement in flight from another thread, with libpq's cancel request.
///
/// The lock keeps a request from reaching past the access it was meant for: an access ends only when no request is under
/// way. The request itself travels unencrypted in libpq 15 (manual, 34.7), and carries nothing but the cancel key.
final class Canceller: Sendable {
    private let state = Mutex(State())

    private struct State {
        var key: CancelKey?
        var isActive = false
        var isCancelled = false
    }

    /// Takes the cancel key of a connection that was just opened.
    func attach(_ connection: OpaquePointer) {
        let key = CancelKey(PQgetCancel(connection))
        state.withLock { $0.key = key }
    }

    /// An access begins; requests count from now.
    func begin() {
        state.withLock { state in
            state.isActive = true
            state.isCancelled = false
        }
    }

    /// An access ends.
    ///
    /// - Returns: whether it was cancelled, in which case a late interrupt may still be on its way.
    func end() -> Bool {
        state.withLock { state in
            state.isActive = false
            return state.isCancelled
        }
    }

    /// The access's task was cancelled: interrupts what runs and refuses what would follow.
    func cancelAccess() {
        state.withLock { state in
            guard state.isActive else { return }
            state.isCancelled = true
            state.key?.request()
        }
    }

    /// Interrupts the statement in flight and lets the access go on.
    func cancelStatement() {
        state.withLock { $0.key?.request() }
    }

    /// Throws when the access was cancelled; asked before each statement.
    func check() throws {
        if state.withLock({ $0.isCancelled }) { throw CancellationError() }
    }
}

/// What libpq needs to ask the server to interrupt one connection's statement.
private final class CancelKey: @unchecked Sendable {
    // @unchecked: the pointer is written once, and libpq lets any thread call PQcancel on it (manual, 34.7).
    private let pointer: OpaquePointer?

    init(_ pointer: OpaquePointer?) {
        self.pointer = pointer
    }

    deinit {
        PQfreeCancel(pointer)
    }

    /// Sends the request and waits until the server has taken it.
    func request() {
        var message = [CChar](repeating: 0, count: 256)
        _ = PQcancel(pointer, &message, Int32(message.count))
    }
}
