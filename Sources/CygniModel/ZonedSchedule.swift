/// A cron schedule on the clock of a zone: the moments it names, its *slots*.
///
/// Where clocks change, Debian's cron(8) is followed. A schedule at fixed times fires once: a time that is skipped fires
/// right after the jump, one that comes twice fires the first time. A schedule with `*` as or at the start of its minute
/// or hour field keeps to the local clock, minute by minute. Changes of more than three hours are corrections
/// of the zone and not treated so.
package struct ZonedSchedule: Hashable, Sendable {
    package let schedule: CronSchedule
    package let zone: ZoneRules

    package init(_ schedule: CronSchedule, in zone: ZoneRules) {
        self.schedule = schedule
        self.zone = zone
    }

    /// Neither minute nor hour begins with a star: it fires once where clocks change.
    package var isAtFixedTimes: Bool { schedule.isAtFixedTimes }

    private static let longestAdjustment = 3 * 3600

    /// The first slots after a moment, in order.
    ///
    /// - Parameter limit: how many at most; fewer only where the schedule ends before year 9999.
    package func slots(after moment: Timestamp, limit: Int) -> [Timestamp] {
        var found: [Timestamp] = []
        var day = moment.date.daysSinceEpoch - 1
        // Days repeat after 400 years, and a schedule that is valid fires within them.
        let lastDay = day + 146_100
        while found.count < limit, day <= lastDay {
            found += slots(onDay: day).filter { $0 > moment }
            day += 1
        }
        return Array(found.prefix(limit))
    }

    /// The slots after a moment, up to and including another, in order.
    package func slots(after moment: Timestamp, through end: Timestamp) -> [Timestamp] {
        guard moment < end else { return [] }
        return (moment.date.daysSinceEpoch - 1...end.date.daysSinceEpoch + 1)
            .flatMap(slots(onDay:)).filter { $0 > moment && $0 <= end }
    }

    /// The newest slots up to and including a moment, newest first.
    ///
    /// - Parameter limit: how many at most; fewer only where the schedule is not due for eight years.
    package func newest(through end: Timestamp, limit: Int) -> [Timestamp] {
        var found: [Timestamp] = []
        var day = end.date.daysSinceEpoch + 1
        let firstDay = day - 8 * 366
        // A skipped time moves within its day, so days do not overlap.
        while found.count < limit, day >= firstDay {
            found += slots(onDay: day).filter { $0 <= end }.reversed()
            day -= 1
        }
        return Array(found.prefix(limit))
    }

    /// The slots of one day of the local calendar, given as days since 1970-01-01.
    private func slots(onDay day: Int) -> [Timestamp] {
        guard schedule.includes(CivilDate(daysSinceEpoch: day)) else { return [] }
        let midnight = Int64(day) * 86_400
        // Offsets are within 26 hours, so all of this day's changes are in here, whatever the zone.
        let span = midnight - 2 * 86_400..<midnight + 3 * 86_400
        let changes = zone.transitions(in: span)
        let offsets = Set([zone.offset(at: span.lowerBound)] + changes.map(\.after))
        var slots: Set<Int64> = []
        for hour in schedule.hours.values {
            for minute in schedule.minutes.values {
                slots.formUnion(moments(of: midnight + Int64(hour * 3600 + minute * 60), offsets, changes))
            }
        }
        return slots.sorted().map(Timestamp.init(seconds:))
    }

    /// When a time of the local clock, in seconds since 1970-01-01 00:00 by that clock, fires.
    private func moments(of local: Int64, _ offsets: Set<Int>, _ changes: [ZoneRules.Transition]) -> [Int64] {
        let real = offsets.map { ($0, local - Int64($0)) }.filter { zone.offset(at: $0.1) == $0.0 }.map(\.1).sorted()
        guard schedule.isAtFixedTimes else { return real }
        guard let first = real.first else {
            let skipping = changes.first {
                $0.jump > 0 && $0.at + Int64($0.before) <= local && local < $0.at + Int64($0.after)
            }
            guard let skipping, skipping.jump <= Self.longestAdjustment else { return [] }
            return [skipping.at]
        }
        let isAdjustment = real.allSatisfy { $0 - first <= Int64(Self.longestAdjustment) }
        return isAdjustment ? [first] : real
    }
}
