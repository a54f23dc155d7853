package import CygniModel

/// When a domain is looked at again.
package struct Rhythm: Hashable, Sendable {
    /// How often a new claim is, while somebody may sit in front of it.
    package var first = Duration.minutes(1)
    /// For how long after it was made, or got a new token.
    package var quick = Duration.minutes(15)
    package var slowest = Duration.hours(6)
    /// After something was found gone, or could not be told.
    package var again = Duration.minutes(5)
    package var verified = Duration.hours(24)
    /// How often each name server of a healthy domain is asked by itself.
    package var survey = Duration.days(7)

    package init() {}

    /// - Parameters:
    ///   - standing: after the look.
    ///   - look: what the look found.
    ///   - changes: after what time the wrong answer may be another one for those who remember it: its TTL, or that of its absence.
    ///   - chance: from 0 up to 1, so that what was added together does not stay together.
    /// - Returns: nil: never by itself.
    package func next(_ standing: Standing, _ look: Look, changes: Duration, now: Timestamp, chance: Double)
        -> Timestamp?
    {
        guard standing.state != .removed else { return nil }
        return now + interval(standing, look, changes, now) * (0.9 + 0.2 * chance)
    }

    private func interval(_ standing: Standing, _ look: Look, _ changes: Duration, _ now: Timestamp) -> Duration {
        if standing.state == .verified {
            return look.isWell ? verified : min(again, verified)
        }
        let age = now - max(standing.since, standing.tokenMadeAt)
        guard age >= quick else { return first }
        // It decays with the claim's age, and does not come before there can be anything new.
        return min(max(age / 8, first, changes), max(slowest, first))
    }
}

extension Look {
    var isWell: Bool { ownership == .present && target == .present }
}
