/// The local time of one zone: how far it is from UTC, and when that changes.
package struct ZoneRules: Hashable, Sendable {
    /// A moment from which another offset holds.
    package struct Transition: Hashable, Sendable {
        /// Seconds since 1970-01-01T00:00:00Z.
        package var at: Int64
        /// Seconds east of UTC before and from that moment on.
        package var before: Int
        package var after: Int

        /// How far clocks are put forward, in seconds; negative when they are put back.
        var jump: Int { after - before }
    }

    /// The offset before the first transition.
    private let first: Int
    /// In rising order; what the zone's file lists.
    private let listed: [Transition]
    /// What holds after the last listed transition; nil: its offset, for good.
    private let rule: YearlyZoneRule?

    package static let utc = ZoneRules(first: 0, listed: [], rule: nil)

    init(first: Int, listed: [Transition], rule: YearlyZoneRule?) {
        self.first = first
        self.listed = listed
        self.rule = rule
    }

    /// Seconds east of UTC at a moment, in seconds since 1970-01-01T00:00:00Z.
    package func offset(at moment: Int64) -> Int {
        if let rule, listed.last.map({ moment >= $0.at }) ?? true {
            return rule.offset(at: moment)
        }
        return listed.last { $0.at <= moment }?.after ?? first
    }

    /// The changes of the offset within a span of seconds since 1970-01-01T00:00:00Z.
    package func transitions(in span: Range<Int64>) -> [Transition] {
        var found = listed.filter { span.contains($0.at) }
        guard let rule else { return found }
        let start = max(span.lowerBound, listed.last.map { $0.at + 1 } ?? .min)
        if start < span.upperBound { found += rule.transitions(in: start..<span.upperBound) }
        return found.filter { $0.jump != 0 }
    }
}
