/// Pauses between attempts: doubling, with a random half, so that hosts which failed together do not return together.
package struct Backoff: Hashable, Sendable {
    /// The longest first pause.
    package var base: Duration
    package var longest: Duration

    package init(base: Duration, longest: Duration) {
        self.base = base
        self.longest = longest
    }

    /// The pause before attempt `attempt` (2, 3, …).
    ///
    /// - Parameter chance: a number from 0 up to 1.
    package func pause(beforeAttempt attempt: Int, chance: Double) -> Duration {
        let doublings = min(max(attempt - 2, 0), 20)
        let full = min(base * (1 << doublings), longest)
        return full / 2 + full / 2 * chance
    }
}
