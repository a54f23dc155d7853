import Testing

@testable import CygniModel

@Suite("Cron schedules")
struct CronScheduleTests {
    @Test(
        "Fields name numbers",
        arguments: [
            ("0 0 * * *", [0], [0]), ("*/20 22-23 * * *", [0, 20, 40], [22, 23]),
            ("5,1,3-4 7 * * *", [1, 3, 4, 5], [7]), ("10-40/15 */12 * * *", [10, 25, 40], [0, 12]),
            ("59 0 * * *", [59], [0]), ("*/60 */24 * * *", [0], [0]), ("\t7   8 * * * ", [7], [8]),
        ]
    )
    func numbers(text: String, minutes: [Int], hours: [Int]) throws {
        let schedule = try CronSchedule(parsing: text)
        #expect(schedule.minutes.values == minutes)
        #expect(schedule.hours.values == hours)
    }

    @Test("Months and days of the week have names, Sunday is 0 and 7")
    func names() throws {
        let schedule = try CronSchedule(parsing: "0 0 1 JAN,mar-Apr Mon-fri")
        #expect(schedule.months.values == [1, 3, 4])
        #expect(schedule.daysOfWeek.values == [1, 2, 3, 4, 5])
        #expect(try CronSchedule(parsing: "0 0 * * 5-7").daysOfWeek.values == [0, 5, 6])
        #expect(try CronSchedule(parsing: "0 0 * * 7").daysOfWeek == CronSchedule(parsing: "0 0 * * sun").daysOfWeek)
    }

    @Test(
        "Cron's own names are schedules",
        arguments: [
            ("@hourly", "0 * * * *"), ("@daily", "0 0 * * *"), ("@midnight", "0 0 * * *"), ("@weekly", "0 0 * * 0"),
            ("@monthly", "0 0 1 * *"), ("@Yearly", "0 0 1 1 *"), ("@annually", "0 0 1 1 *"),
        ]
    )
    func nicknames(name: String, fields: String) throws {
        let named = try CronSchedule(parsing: name)
        let written = try CronSchedule(parsing: fields)
        #expect(named.text == name.lowercased())
        #expect(named.longestGap == written.longestGap)
        #expect(named.daysOfMonth == written.daysOfMonth && named.daysOfWeek == written.daysOfWeek)
        #expect(named.months == written.months && named.hours == written.hours)
    }

    @Test("The text is kept with single spaces")
    func text() throws {
        #expect(try CronSchedule(parsing: " 1  2 *\t* * ").description == "1 2 * * *")
        #expect(CronSchedule.midnight.longestGap == .hours(24))
    }

    @Test(
        "A fault names the field and why",
        arguments: [
            ("", "it has 0 fields, not 5"),
            ("*", "it has 1 field, not 5"),
            ("0 0 0 * * *", "it has 6 fields, not 5"),
            ("60 * * * *", "minute has 60, which must be from 0 to 59"),
            ("* 24 * * *", "hour has 24, which must be from 0 to 23"),
            ("* * 0 * *", "day of month has 0, which must be from 1 to 31"),
            ("* * * 13 *", "month has 13, which must be from 1 to 12"),
            ("* * * * 8", "day of week has 8, which must be from 0 to 7"),
            ("x * * * *", "minute has 'x', which must be a number from 0 to 59"),
            ("* * * Janu *", "month has 'Janu', which must be a number from 1 to 12 or a name"),
            ("-1 * * * *", "minute has '', which must be a number from 0 to 59"),
            ("5/15 * * * *", "minute has the step '5/15' without a range; write */15 or FIRST-LAST/15"),
            ("*/0 * * * *", "minute has the step '0', which must be from 1 to 60"),
            ("*/90 * * * *", "minute has the step '90', which must be from 1 to 60"),
            ("*/x * * * *", "minute has the step 'x', which must be from 1 to 60"),
            ("1,,2 * * * *", "minute has an empty item in its list"),
            ("9-5 * * * *", "minute has the range '9-5', which runs backwards"),
            (
                "* * * * fri-sun",
                "day of week has the range 'fri-sun', which runs backwards; Sunday at the end of a range is 7"
            ),
            ("99999999999999999999 * * * *", "minute has '99999999999999999999', which must be a number from 0 to 59"),
            ("* * 30 2 *", "it never fires, no month named has such a day"),
            ("* * 31 4,6,9,11 *", "it never fires, no month named has such a day"),
            ("@reboot", "@reboot is no time; start the job from a service at boot"),
            ("@often", "'@often' is not one of @hourly, @daily, @weekly, @monthly, @yearly"),
        ]
    )
    func faults(text: String, expected: String) {
        let fault = #expect(throws: CronSchedule.Fault.self) { try CronSchedule(parsing: text) }
        #expect(fault?.description == expected)
    }

    @Test("Two restricted day fields: either suffices; one that starts with a star: both must agree")
    func dayFields() throws {
        func days(_ text: String) throws -> [Int] {
            let schedule = try CronSchedule(parsing: text)
            // 1 November 2026 is a Sunday.
            return (1...30).filter { schedule.includes(CivilDate(year: 2026, month: 11, day: $0)) }
        }
        #expect(try days("0 0 13 * FRI") == [6, 13, 20, 27])
        #expect(try days("0 0 14 * FRI") == [6, 13, 14, 20, 27])
        #expect(try days("0 0 */10 * SUN") == [1])
        #expect(try days("0 0 1-7 * */7") == [1])
        #expect(try days("0 0 * * SUN") == [1, 8, 15, 22, 29])
        #expect(try days("0 0 2,3 * *") == [2, 3])
    }

    @Test(
        "The longest gap",
        arguments: [
            ("* * * * *", "1m"), ("*/5 * * * *", "5m"), ("*/7 * * * *", "7m"), ("17 3 * * *", "1d"),
            ("0 8-18 * * MON-FRI", "62h"), ("0 0 1 * *", "31d"), ("0 0 1 1 *", "366d"), ("0 0 29 2 *", "2921d"),
            ("30 6 31 * *", "61d"), ("0 0,1 * * *", "23h"), ("59 23 * * SUN", "7d"), ("0 0 1 JAN-JUN *", "214d"),
        ]
    )
    func longestGap(text: String, expected: String) throws {
        #expect(try CronSchedule(parsing: text).longestGap.text == expected)
    }

    @Test(
        "The longest gap is what walking all minutes finds",
        arguments: ["0 8-18/5 * * MON-FRI", "*/25 3,9 1,15 * WED"]
    )
    func longestGapByWalking(text: String) throws {
        let schedule = try CronSchedule(parsing: text)
        let start = Timestamp(startOf: CivilDate(year: 2026, month: 1, day: 1))
        var last: Timestamp?
        var longest = Duration.zero
        for minute in 0..<366 * 24 * 60 {
            let moment = start + .minutes(minute)
            guard schedule.fires(at: moment) else { continue }
            if let last { longest = max(longest, moment - last) }
            last = moment
        }
        #expect(schedule.longestGap == longest)
    }
}
