package import CygniModel

/// What is left of a limit: it fills up evenly, and each order takes one.
package struct TokenBucket: Hashable, Sendable {
    package let rate: Rate
    package let level: Double
    package let at: Timestamp

    /// - Parameter level: nil: full.
    package init(_ rate: Rate, level: Double? = nil, at: Timestamp) {
        self.rate = rate
        self.level = level ?? Double(rate.count)
        self.at = at
    }

    package func level(at now: Timestamp) -> Double {
        let gained = (now - at).inSeconds / rate.per.inSeconds * Double(rate.count)
        return min(Double(rate.count), level + max(0, gained))
    }

    /// How long until one may be taken and `reserve` is left; zero: now.
    package func wait(at now: Timestamp, reserve: Double) -> Duration {
        let missing = 1 + min(reserve, Double(rate.count) - 1) - level(at: now)
        // A grain of sand, as sums of fractions are never whole.
        guard missing > 1e-9 else { return .zero }
        return .seconds(missing * rate.per.inSeconds / Double(rate.count))
    }

    package func taking(at now: Timestamp, _ count: Double = 1) -> TokenBucket {
        TokenBucket(rate, level: min(Double(rate.count), max(0, level(at: now) - count)), at: now)
    }
}
