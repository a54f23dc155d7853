/// A zone's rule for years to come: one offset, or two that change on the same days of each year.
struct YearlyZoneRule: Hashable, Sendable {
    /// The two changes of a year.
    struct Summer: Hashable, Sendable {
        var offset: Int
        var start: YearlyMoment
        var end: YearlyMoment
    }

    /// Seconds east of UTC.
    var standard: Int
    var summer: Summer?

    func offset(at moment: Int64) -> Int {
        guard summer != nil else { return standard }
        // Both changes of three years: the last one before the moment is among them.
        let year = Timestamp(seconds: moment).date.year
        let changes = (year - 1...year + 1).flatMap(changes)
        return changes.last { $0.at <= moment }?.after ?? standard
    }

    func transitions(in span: Range<Int64>) -> [ZoneRules.Transition] {
        let years =
            Timestamp(seconds: span.lowerBound).date.year - 1...Timestamp(seconds: span.upperBound).date.year + 1
        return years.flatMap(changes).filter { span.contains($0.at) }
    }

    /// The changes of a year, in order of time.
    private func changes(in year: Int) -> [ZoneRules.Transition] {
        guard let summer else { return [] }
        let start = summer.start.localSeconds(in: year) - Int64(standard)
        let end = summer.end.localSeconds(in: year) - Int64(summer.offset)
        return [
            ZoneRules.Transition(at: start, before: standard, after: summer.offset),
            ZoneRules.Transition(at: end, before: summer.offset, after: standard),
        ]
        .sorted { $0.at < $1.at }
    }
}

/// A day of each year and the time of that day.
struct YearlyMoment: Hashable, Sendable {
    enum Day: Hashable, Sendable {
        /// `M3.2.0`: the second Sunday of March; week 5 is the last.
        case weekday(month: Int, week: Int, weekday: Int)
        /// `J60`: 1 March in every year.
        case withoutLeapDay(Int)
        /// `59`: the 60th day, counting 29 February.
        case fromZero(Int)
    }

    var day: Day
    /// Seconds after midnight; beyond the day in either direction is allowed (RFC 9636, section 3.3.2).
    var time: Int

    /// Seconds from 1970-01-01 00:00 to the moment, both by the local clock.
    func localSeconds(in year: Int) -> Int64 {
        Int64(date(in: year)) * 86_400 + Int64(time)
    }

    /// Days since 1970-01-01.
    private func date(in year: Int) -> Int {
        let newYear = CivilDate(year: year, month: 1, day: 1).daysSinceEpoch
        switch day {
        case .fromZero(let number): return newYear + number
        case .withoutLeapDay(let number):
            let isLeap = CivilDate(year: year, month: 3, day: 1).daysSinceEpoch - newYear == 60
            return newYear + number - 1 + (isLeap && number >= 60 ? 1 : 0)
        case .weekday(let month, let week, let weekday):
            let first = CivilDate(year: year, month: month, day: 1).daysSinceEpoch
            let next = month == 12 ? first + 31 : CivilDate(year: year, month: month + 1, day: 1).daysSinceEpoch
            // 1970-01-01 was a Thursday.
            let shift = (weekday - (first + 4) % 7 + 7) % 7
            let day = first + shift + (week - 1) * 7
            return day < next ? day : day - 7
        }
    }
}
