import Synchronization

/// Lets one task sleep until somebody, on any thread, wakes it. Being woken early is remembered.
final class WakeUp: Sendable {
    private let state = Mutex(State.quiet)

    private enum State {
        case quiet
        case waiting(CheckedContinuation<Void, Never>)
        case awake
    }

    func set() {
        let continuation = state.withLock { state in
            defer { state = .awake }
            if case .waiting(let continuation) = state { return continuation as CheckedContinuation<Void, Never>? }
            return nil
        }
        continuation?.resume()
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isAwake = state.withLock { state in
                if case .awake = state { return true }
                state = .waiting(continuation)
                return false
            }
            if isAwake { continuation.resume() }
        }
    }
}
