import CygniModel

/// How a CA is asked whether it is done: soon at first, then more and more slowly, and never sooner than it says.
struct Polling: Sendable {
    private var pause = Duration.milliseconds(20)
    private let end: ContinuousClock.Instant

    init(for time: Duration) { end = .now + time }

    /// Waits before the next question.
    ///
    /// - Returns: false when the time is over.
    mutating func wait(retryAfter: Duration?) async throws -> Bool {
        let asked = retryAfter.map { min($0, .minutes(1)) } ?? .zero
        let next = max(pause, asked)
        guard ContinuousClock.now + next < end else { return false }
        try await Task.sleep(for: next)
        pause = min(pause * 3 / 2, .seconds(5))
        return true
    }
}
