import Synchronization

/// The pieces of a streamed body between the task that makes them and libcurl's thread.
final class UploadQueue: Sendable {
    private struct State {
        var piece: [UInt8] = []
        var taken = 0
        var end: Result<Void, any Error>?
        var isPaused = false
        var producer: CheckedContinuation<Void, Never>?
    }

    enum Taken {
        case bytes(Int)
        /// Nothing is there yet.
        case pause
        case end
        case failed(any Error)
    }

    private let state = Mutex(State())

    /// Pulls pieces until the end, each when the one before has gone out.
    ///
    /// - Parameter resume: asks libcurl to go on after a pause.
    func pump(
        _ next: @Sendable () async throws -> [UInt8]?,
        resume: @Sendable () -> Void
    ) async {
        do {
            while let piece = try await next() {
                if piece.isEmpty { continue }
                try Task.checkCancellation()
                put(piece, resume)
                await untilTaken()
            }
            end(.success(()), resume)
        } catch {
            end(.failure(error), resume)
        }
    }

    private func put(_ piece: [UInt8], _ resume: @Sendable () -> Void) {
        let wasPaused = state.withLock { state in
            state.piece = piece
            state.taken = 0
            defer { state.isPaused = false }
            return state.isPaused
        }
        if wasPaused { resume() }
    }

    private func end(_ end: Result<Void, any Error>, _ resume: @Sendable () -> Void) {
        let wasPaused = state.withLock { state in
            state.end = state.end ?? end
            defer { state.isPaused = false }
            return state.isPaused
        }
        if wasPaused { resume() }
    }

    private func untilTaken() async {
        await withCheckedContinuation { continuation in
            let isTaken = state.withLock { state in
                guard state.taken < state.piece.count, state.end == nil else { return true }
                state.producer = continuation
                return false
            }
            if isTaken { continuation.resume() }
        }
    }

    /// Copies what there is into libcurl's buffer.
    func take(_ buffer: UnsafeMutableRawBufferPointer) -> Taken {
        let (taken, producer) = state.withLock { state -> (Taken, CheckedContinuation<Void, Never>?) in
            let count = min(buffer.count, state.piece.count - state.taken)
            guard count > 0 else {
                switch state.end {
                case .success: return (.end, nil)
                case .failure(let error): return (.failed(error), nil)
                case nil:
                    state.isPaused = true
                    return (.pause, nil)
                }
            }
            buffer.copyBytes(from: state.piece[state.taken..<state.taken + count])
            state.taken += count
            guard state.taken == state.piece.count else { return (.bytes(count), nil) }
            defer { state.producer = nil }
            return (.bytes(count), state.producer)
        }
        producer?.resume()
        return taken
    }

    /// The exchange is over: whoever still makes pieces stops.
    func abandon() {
        let producer = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.end = state.end ?? .failure(CancellationError())
            defer { state.producer = nil }
            return state.producer
        }
        producer?.resume()
    }
}
