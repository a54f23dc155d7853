/// A five-field cron schedule, as Debian's cron reads it.
///
/// Fields are minute, hour, day of month, month and day of week, each `*`, a number, a range `1-5`, a step `*/15` or
/// `0-30/10`, or a list of these. Months and days of the week also go by their English names, Sunday is 0 or 7.
/// As in Vixie's cron, when both day fields are restricted (neither starts with `*`) either of them suffices.
package struct CronSchedule: Hashable, Sendable, CustomStringConvertible {
    /// The schedule as it was written.
    package let text: String
    let minutes: CronField
    let hours: CronField
    let daysOfMonth: CronField
    let months: CronField
    /// Sunday is 0.
    let daysOfWeek: CronField

    /// Every day at 00:00.
    package static let midnight = CronSchedule(
        text: "0 0 * * *",
        minutes: CronField(only: 0),
        hours: CronField(only: 0),
        daysOfMonth: CronField(all: 1...31),
        months: CronField(all: 1...12),
        daysOfWeek: CronField(all: 0...6)
    )

    package var description: String { text }

    /// What the fields name, in rising order; Sunday is 0.
    package var minuteNumbers: [Int] { minutes.values }
    package var hourNumbers: [Int] { hours.values }
    package var dayNumbers: [Int] { daysOfMonth.values }
    package var monthNumbers: [Int] { months.values }
    package var weekdayNumbers: [Int] { daysOfWeek.values }

    /// Both day fields are restricted, so that a day need fit only one of them.
    package var eitherDayFieldSuffices: Bool { !daysOfMonth.startsWithStar && !daysOfWeek.startsWithStar }

    /// What cron treats specially where clocks change: neither minute nor hour is written with a star at its start.
    var isAtFixedTimes: Bool { !minutes.startsWithStar && !hours.startsWithStar }

    /// Whether a day has firings.
    func includes(_ date: CivilDate) -> Bool {
        // 1970-01-01 was a Thursday.
        let weekday = ((date.daysSinceEpoch + 4) % 7 + 7) % 7
        guard months.contains(date.month) else { return false }
        let isDayOfMonth = daysOfMonth.contains(date.day)
        let isDayOfWeek = daysOfWeek.contains(weekday)
        return eitherDayFieldSuffices ? isDayOfMonth || isDayOfWeek : isDayOfMonth && isDayOfWeek
    }

    /// Whether the schedule fires in the minute of a moment, with its fields read in UTC.
    package func fires(at moment: Timestamp) -> Bool {
        let minute = Int((moment.floored(to: .minutes(1)) - moment.floored(to: .days(1))).microseconds / 60_000_000)
        return includes(moment.date) && hours.contains(minute / 60) && minutes.contains(minute % 60)
    }

    /// The longest time between two firings that follow each other, in UTC.
    ///
    /// All days of firing have the same times, so the longest gap is one within such a day or one between two of them.
    /// Days repeat exactly after 400 years.
    package var longestGap: Duration {
        let times = hours.values.flatMap { hour in minutes.values.map { hour * 60 + $0 } }
        guard let first = times.first, let last = times.last, let days = longestDayGap else { return .zero }
        let withinDay = zip(times.dropFirst(), times).map { $0 - $1 }.max() ?? 0
        return .minutes(max(withinDay, days * 24 * 60 - last + first))
    }

    /// Days between two days of firing that follow each other, at most; nil when no day ever comes.
    private var longestDayGap: Int? {
        let cycle = 146_097
        let isEveryDay = months.isFull && (daysOfMonth.isFull && daysOfWeek.isFull)
        if isEveryDay { return 1 }
        var first: Int?
        var last: Int?
        var longest = 0
        for day in 0..<cycle where includes(CivilDate(daysSinceEpoch: day)) {
            if let last { longest = max(longest, day - last) }
            first = first ?? day
            last = day
        }
        guard let first, let last else { return nil }
        return max(longest, first + cycle - last)
    }

    /// Whether there is a day that the schedule fires on; 30 February never comes.
    var everFires: Bool {
        // A leap year and the years around it hold every combination of month, day and day of week that there is, over
        // the 28 years after which the weekdays of a century repeat.
        let start = CivilDate(year: 2001, month: 1, day: 1).daysSinceEpoch
        return (start..<start + 28 * 366).contains { includes(CivilDate(daysSinceEpoch: $0)) }
    }
}
