package import CygniModel

/// How a domain stands between two looks.
package struct Standing: Hashable, Sendable {
    package enum State: String, Hashable, Sendable, CaseIterable, Codable {
        /// Claimed, never proven.
        case pending
        case verified
        /// Was proven; something is gone, and it is still served.
        case failing
        /// Taken out of service; a fresh proof brings it back.
        case quarantined
        case removed
    }

    package var state: State
    package var reason: Reason
    /// Since when it is in this state.
    package var since: Timestamp
    /// Looks in a row that found it wrong; what is unknown does not count.
    package var misses = 0
    /// The zone as it was when the proof was given.
    package var zone: String?
    /// When the token was made that counts now.
    package var tokenMadeAt: Timestamp

    package init(
        state: State,
        reason: Reason = .ok,
        since: Timestamp,
        misses: Int = 0,
        zone: String? = nil,
        tokenMadeAt: Timestamp
    ) {
        self.state = state
        self.reason = reason
        self.since = since
        self.misses = misses
        self.zone = zone
        self.tokenMadeAt = tokenMadeAt
    }
}

/// How patient the states are.
package struct Patience: Hashable, Sendable {
    /// Looks in a row that must find something gone before it counts.
    package var misses = 2
    /// How long a domain is served while something is gone.
    package var failing = Duration.days(3)
    /// How long it is out of service before its claim ends.
    package var quarantined = Duration.days(30)
    /// How long a claim may wait for its first proof.
    package var pending = Duration.days(30)

    package init() {}
}
