/// A moment in time to the microsecond, as PostgreSQL's `timestamptz` keeps it.
///
/// Always UTC. The range covered is years 1 to 9999, which is what RFC 3339 can write.
package struct Timestamp: Hashable, Comparable, Sendable {
    /// Microseconds since 1970-01-01T00:00:00Z; negative before it.
    package var microseconds: Int64

    /// Creates a moment from microseconds since 1970-01-01T00:00:00Z.
    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// Creates a moment from whole seconds since 1970-01-01T00:00:00Z.
    package init(seconds: Int64) {
        self.microseconds = seconds * 1_000_000
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }

    package static func + (moment: Timestamp, duration: Duration) -> Timestamp {
        Timestamp(microseconds: moment.microseconds + duration.microseconds)
    }

    package static func - (moment: Timestamp, duration: Duration) -> Timestamp {
        Timestamp(microseconds: moment.microseconds - duration.microseconds)
    }

    package static func - (left: Timestamp, right: Timestamp) -> Duration {
        .microseconds(left.microseconds - right.microseconds)
    }

    /// The latest multiple of `duration` since the epoch that is not after this moment.
    package func floored(to duration: Duration) -> Timestamp {
        let unit = duration.microseconds
        let remainder = microseconds % unit
        return Timestamp(microseconds: microseconds - (remainder < 0 ? remainder + unit : remainder))
    }

    /// Seconds since 1970-01-01T00:00:00Z with their fraction, as Prometheus writes times.
    package var unixSeconds: Double {
        Double(microseconds) / 1_000_000
    }
}

extension Duration {
    /// This duration in whole microseconds, cut towards zero.
    package var microseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }

    /// This duration in seconds with their fraction.
    package var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }

    /// A number of 24-hour days.
    package static func days(_ count: Int) -> Duration {
        .seconds(count * 86_400)
    }

    /// A number of hours.
    package static func hours(_ count: Int) -> Duration {
        .seconds(count * 3600)
    }

    /// A number of minutes.
    package static func minutes(_ count: Int) -> Duration {
        .seconds(count * 60)
    }
}
