package import CygniModel

/// When a CA is asked again for its window (RFC 9773, section 4.3).
package enum WindowRhythm {
    /// After an answer.
    package static func next(_ now: Timestamp, retryAfter: Duration?, every: Duration) -> Timestamp {
        now + min(max(retryAfter ?? every, .minutes(1)), .days(1))
    }

    /// After none.
    ///
    /// - Parameters:
    ///   - failures: in a row, this one included.
    ///   - isTransient: it may pass by itself: a time-out, a status 5xx.
    package static func next(_ now: Timestamp, failures: Int, isTransient: Bool, retryAfter: Duration?) -> Timestamp {
        if let retryAfter { return next(now, retryAfter: retryAfter, every: retryAfter) }
        guard isTransient else { return now + .hours(6) }
        return now + min(.minutes(1) * (1 << min(max(failures, 1) - 1, 9)), .hours(6))
    }
}
