package import CygniModel

/// When a request is sent again, as a value.
package struct RetryPolicy: Hashable, Sendable {
    /// How often in all.
    package var attempts: Int
    package var backoff: Backoff
    /// The longest pause that a server may ask for; one that asks for more is not asked again.
    package var longestRetryAfter: Duration

    package init(
        attempts: Int = 4,
        backoff: Backoff = Backoff(base: .milliseconds(200), longest: .seconds(20)),
        longestRetryAfter: Duration = .seconds(60)
    ) {
        self.attempts = attempts
        self.backoff = backoff
        self.longestRetryAfter = longestRetryAfter
    }

    package static let none = RetryPolicy(attempts: 1)

    /// The pause before the next attempt; nil when there is to be none.
    ///
    /// - Parameters:
    ///   - attempt: the one that just ended, from 1.
    ///   - chance: a number from 0 up to 1.
    package func pause(after attempt: Int, status: Int, retryAfter: Duration?, chance: Double) -> Duration? {
        guard attempt < attempts, Self.isTransient(status) else { return nil }
        let own = backoff.pause(beforeAttempt: attempt + 1, chance: chance)
        guard let retryAfter else { return own }
        return retryAfter <= longestRetryAfter ? max(own, retryAfter) : nil
    }

    /// The same after an exchange without an answer.
    package func pause(after attempt: Int, error: HTTPError, chance: Double) -> Duration? {
        guard attempt < attempts, error.isTransient else { return nil }
        return backoff.pause(beforeAttempt: attempt + 1, chance: chance)
    }

    /// Answers that speak of the moment and not of the request (RFC 9110, 15.5.9, 15.6; RFC 6585, 4).
    package static func isTransient(_ status: Int) -> Bool {
        [408, 429, 500, 502, 503, 504].contains(status)
    }
}
