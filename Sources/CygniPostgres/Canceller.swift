import Dispatch
import Glibc
import Synchronization

/// Interrupts the statement in flight from another thread.
///
/// A request never reaches past the access it was meant for: the access waits for requests under way before it ends.
/// When the server cannot be asked, or does not heed it, the socket is shut: the caller goes on with a lost connection.
final class Canceller: Sendable {
    private let state = Mutex(State())
    private let requests = DispatchGroup()
    private let queue = DispatchQueue(label: "cygni.postgres.cancel")
    private static let timer = DispatchQueue(label: "cygni.postgres.cancel.timer")

    private struct State {
        var route: (any CancelRoute)?
        var socket: Int32 = -1
        /// Counts accesses; a request that comes back late finds another number here.
        var access = 0
        var isActive = false
        var isCancelled = false
    }

    /// How long the server may take to accept a request and to end the statement.
    private static let limit = DispatchTimeInterval.seconds(10)

    /// Takes what is needed to interrupt a connection that was just opened.
    func attach(_ route: any CancelRoute, socket: Int32) {
        state.withLock { state in
            state.route = route
            state.socket = socket
        }
    }

    /// An access begins; requests count from now.
    func begin() {
        state.withLock { state in
            state.access += 1
            state.isActive = true
            state.isCancelled = false
        }
    }

    /// An access ends, after the requests meant for it.
    ///
    /// - Returns: whether it was cancelled, in which case a late interrupt may still be on its way.
    func end() -> Bool {
        let wasCancelled = state.withLock { state in
            defer { if !state.isCancelled { state.isActive = false } }
            return state.isCancelled
        }
        guard wasCancelled else { return false }
        settle()
        state.withLock { $0.isActive = false }
        return true
    }

    /// Waits until no request is under way; one that does not come back costs the connection.
    func settle() {
        guard requests.wait(timeout: .now() + Self.limit) == .timedOut else { return }
        state.withLock { state in cut(state, in: state.access) }
    }

    /// The access's task was cancelled: interrupts what runs and refuses what would follow.
    func cancelAccess() {
        state.withLock { state in
            guard state.isActive, !state.isCancelled else { return }
            state.isCancelled = true
            startRequest(state)
        }
    }

    /// Ends the access in flight without asking the server; the connection is lost.
    func abandon() {
        state.withLock { state in
            state.isCancelled = state.isActive
            cut(state, in: state.access)
        }
    }

    /// Interrupts the statement in flight and lets the access go on.
    func cancelStatement() {
        state.withLock { state in startRequest(state) }
        settle()
    }

    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    /// Throws when the access was cancelled; asked before each statement.
    func check() throws {
        if isCancelled { throw CancellationError() }
    }

    /// Sends the request from a thread of its own: whoever cancels a task must not have to wait for the network.
    private func startRequest(_ state: State) {
        guard let route = state.route else { return }
        let access = state.access
        requests.enter()
        queue.async { [self] in
            let isTaken = route.request()
            if !isTaken { self.state.withLock { state in cut(state, in: access) } }
            requests.leave()
        }
        Self.timer.asyncAfter(deadline: .now() + Self.limit) { [self] in
            self.state.withLock { state in
                if state.isCancelled { cut(state, in: access) }
            }
        }
    }

    /// Ends the connection under libpq's feet; the descriptor is still its own, as the access it serves has not ended.
    private func cut(_ state: State, in access: Int) {
        if state.isActive, state.access == access { shutdown(state.socket, Int32(SHUT_RDWR)) }
    }
}
