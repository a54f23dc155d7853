import CygniModel

/// A cron schedule as systemd's calendar events (systemd.time(7)).
enum CalendarEvents {
    /// One event; two where either of cron's two day fields suffices, for systemd wants both to fit.
    static func of(_ schedule: CronSchedule) -> [String] {
        let time = "\(list(schedule.hourNumbers, of: 24)):\(list(schedule.minuteNumbers, of: 60)):00"
        let months = list(schedule.monthNumbers, of: 12)
        let days = list(schedule.dayNumbers, of: 31)
        let week = weekdays(schedule.weekdayNumbers)
        guard schedule.eitherDayFieldSuffices else { return ["\(week)*-\(months)-\(days) \(time)"] }
        return ["*-\(months)-\(days) \(time)", "\(week)*-\(months)-* \(time)"]
    }

    private static func list(_ numbers: [Int], of count: Int) -> String {
        guard numbers.count < count else { return "*" }
        return numbers.map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ",")
    }

    private static func weekdays(_ numbers: [Int]) -> String {
        guard numbers.count < 7 else { return "" }
        let names = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        return numbers.map { names[$0] }.joined(separator: ",") + " "
    }
}
