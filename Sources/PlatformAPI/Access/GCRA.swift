/// The generic cell rate algorithm (ITU-T I.371): a steady rate of which `burst` may come at once, kept as one number, the
/// theoretical arrival time of the next request.
///
/// All times are microseconds of one clock. A clock that goes back never grants: the arrival time stays where it is.
struct GCRA: Hashable, Sendable {
    /// Between two requests at the steady rate.
    let interval: Int64
    /// Requests that may come at once after a long silence.
    let burst: Int64

    /// - Parameters:
    ///   - perMinute: at least 1.
    ///   - burst: nil: what comes in ten seconds.
    init(perMinute: Int, burst: Int? = nil) {
        interval = max(1, 60_000_000 / Int64(perMinute))
        self.burst = Int64(burst ?? max(1, perMinute / 6))
    }

    struct Decision: Hashable, Sendable {
        var isAllowed: Bool
        /// What to keep.
        var arrival: Int64
        /// Requests that would be granted right now, after this one.
        var remaining: Int64
        /// Microseconds until one is granted again; 0 when it is allowed.
        var retryAfter: Int64
        /// Microseconds until the whole burst is there again.
        var resetAfter: Int64
    }

    /// - Parameter arrival: what was kept; nil: nothing yet.
    func decide(_ arrival: Int64?, now: Int64) -> Decision {
        // A plan with smaller numbers must not leave a debt that takes for ever.
        let kept = min(max(arrival ?? now, now), now + interval * burst)
        let next = kept + interval
        let earliest = next - interval * burst
        guard earliest <= now else {
            return Decision(
                isAllowed: false,
                arrival: kept,
                remaining: 0,
                retryAfter: earliest - now,
                resetAfter: kept - now
            )
        }
        return Decision(
            isAllowed: true,
            arrival: next,
            remaining: (now + interval * burst - next) / interval,
            retryAfter: 0,
            resetAfter: next - now
        )
    }
}
