import Synchronization

/// What of an answer's body has come and was not taken yet, between libcurl's thread and the reader.
final class BodyBuffer: Sendable {
    private struct State {
        var pieces: [[UInt8]] = []
        var count = 0
        var isPaused = false
        var end: Result<Void, any Error>?
        var waiter: CheckedContinuation<[UInt8]?, any Error>?
    }

    private let state = Mutex(State())
    /// Asks libcurl to go on after a pause.
    private let resume: @Sendable () -> Void

    init(resume: @escaping @Sendable () -> Void) {
        self.resume = resume
    }

    /// Bytes kept before the connection is read no further.
    private static let capacity = 1 << 20

    /// Takes a piece; false when there is no room, and libcurl is to pause and bring it again.
    func offer(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let waiter = state.withLock { state -> (CheckedContinuation<[UInt8]?, any Error>?)? in
            if let waiter = state.waiter {
                state.waiter = nil
                return .some(waiter)
            }
            guard state.count < Self.capacity else {
                state.isPaused = true
                return nil
            }
            state.pieces.append(Array(bytes))
            state.count += bytes.count
            return .some(nil)
        }
        guard let waiter else { return false }
        waiter?.resume(returning: Array(bytes))
        return true
    }

    /// The body is whole, or broken off. What came before is still handed out.
    func finish(_ end: Result<Void, any Error>) {
        let waiter = state.withLock { state -> CheckedContinuation<[UInt8]?, any Error>? in
            if state.end == nil { state.end = end }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(with: end.map { nil })
    }

    func next() async throws -> [UInt8]? {
        try Task.checkCancellation()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let (now, wasPaused) = state.withLock { state -> (Result<[UInt8]?, any Error>?, Bool) in
                    guard state.pieces.isEmpty else {
                        let all = state.pieces.count == 1 ? state.pieces[0] : Array(state.pieces.joined())
                        state.pieces = []
                        state.count = 0
                        defer { state.isPaused = false }
                        return (.success(all), state.isPaused)
                    }
                    if let end = state.end { return (end.map { nil }, false) }
                    state.waiter = continuation
                    return (nil, false)
                }
                if let now { continuation.resume(with: now) }
                if wasPaused { resume() }
            }
        } onCancel: {
            finish(.failure(CancellationError()))
        }
    }
}
