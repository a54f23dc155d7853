import CygniConfig
import CygniModel
import CygniTestSupport
import Testing

/// The slots of schedules where clocks change: Debian cron's rules, by hand and by CronSim.
@Suite struct SlotTests {
    private func slots(_ schedule: String, _ zone: String, after: String, _ count: Int) throws -> [String] {
        let start = try #require(Timestamp(parsing: after))
        return try ZonedSchedule(CronSchedule(parsing: schedule), in: ZoneFile.rules(of: zone))
            .slots(after: start, limit: count).map { String($0.rfc3339.prefix(16)) }
    }

    @Test(
        "Fixed times fire once, right after a jump; others keep to the clock",
        arguments: [
            // Clocks go from 02:00 to 03:00 on 8 March 2026.
            ("30 2 * * *", "America/New_York", "2026-03-07T12:00:00Z", ["2026-03-08T07:00", "2026-03-09T06:30"]),
            ("0,30 2 * * *", "America/New_York", "2026-03-07T12:00:00Z", ["2026-03-08T07:00", "2026-03-09T06:00"]),
            ("0 3 * * *", "America/New_York", "2026-03-07T12:00:00Z", ["2026-03-08T07:00", "2026-03-09T07:00"]),
            ("*/30 * * * *", "America/New_York", "2026-03-08T06:00:00Z", ["2026-03-08T06:30", "2026-03-08T07:00"]),
            ("30 * * * *", "America/New_York", "2026-03-08T06:00:00Z", ["2026-03-08T06:30", "2026-03-08T07:30"]),
            (
                "0 */6 * * *", "America/New_York", "2026-03-08T04:00:00Z",
                ["2026-03-08T05:00", "2026-03-08T10:00", "2026-03-08T16:00", "2026-03-08T22:00"]
            ),
            // From 02:00 back to 01:00 on 1 November 2026.
            ("30 1 * * *", "America/New_York", "2026-10-31T12:00:00Z", ["2026-11-01T05:30", "2026-11-02T06:30"]),
            (
                "*/30 * * * *", "America/New_York", "2026-11-01T05:00:00Z",
                ["2026-11-01T05:30", "2026-11-01T06:00", "2026-11-01T06:30", "2026-11-01T07:00"]
            ),
            ("* 1 * * *", "America/New_York", "2026-11-01T05:58:00Z", ["2026-11-01T05:59", "2026-11-01T06:00"]),
            // Half an hour on Lord Howe, from midnight to one in Havana, whole zones that skipped a day.
            ("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", ["2026-10-03T15:30", "2026-10-04T15:15"]),
            ("0 */6 * * *", "Australia/Lord_Howe", "2026-10-03T10:00:00Z", ["2026-10-03T13:30", "2026-10-03T19:00"]),
            ("30 0 * * *", "America/Havana", "2026-03-07T12:00:00Z", ["2026-03-08T05:00", "2026-03-09T04:30"]),
            ("0 12 * * *", "Pacific/Apia", "2011-12-29T20:00:00Z", ["2011-12-29T22:00", "2011-12-30T22:00"]),
            ("0 0 29 2 *", "UTC", "2026-01-01T00:00:00Z", ["2028-02-29T00:00", "2032-02-29T00:00"]),
        ]
    )
    func golden(schedule: String, zone: String, after: String, expected: [String]) throws {
        #expect(try slots(schedule, zone, after: after, expected.count) == expected)
    }

    @Test("A span has the slots that a count has")
    func span() throws {
        let schedule = ZonedSchedule(
            try CronSchedule(parsing: "*/20 1,2 * * *"),
            in: try ZoneFile.rules(of: "Europe/Berlin")
        )
        let start = try #require(Timestamp(parsing: "2026-10-24T00:00:00Z"))
        let slots = schedule.slots(after: start, limit: 40)
        let end = try #require(slots.last)
        #expect(schedule.slots(after: start, through: end) == slots)
        #expect(schedule.slots(after: end, through: end).isEmpty)
    }

    @Test("CronSim names the same moments, over both changes of several zones and years")
    func cronSim() async throws {
        let zones = [
            "UTC", "Europe/Berlin", "America/New_York", "America/Havana", "Australia/Lord_Howe", "Europe/Dublin",
            "Africa/Casablanca", "Asia/Kolkata", "America/Sao_Paulo", "Asia/Beirut", "Antarctica/Troll",
        ]
        let schedules = [
            "30 2 * * *", "0,30 1,2 * * *", "*/15 * * * *", "30 * * * *", "* 2 * * *", "0 */6 * * *", "30 0 * * *",
            "15 3 * * 0", "5 0 1 * *", "59 23 31 12 *", "0 1-4 * * *", "45 2 * * 1-5", "0 0 13 * 5",
        ]
        // Just before the changes of spring and autumn, now and after the last that zones list by date.
        let starts = ["2026-03-07", "2026-03-28", "2026-10-03", "2026-10-24", "2026-10-31", "2045-03-11", "2045-10-28"]
        var questions: [String] = []
        var answers: [String] = []
        for zone in zones {
            let rules = try ZoneFile.rules(of: zone)
            // CronSim 2.8 loses six o'clock on the day of Lord Howe's half-hour jump; it stands among the golden ones.
            for schedule in schedules where zone != "Australia/Lord_Howe" || schedule != "0 */6 * * *" {
                let zoned = ZonedSchedule(try CronSchedule(parsing: schedule), in: rules)
                for start in starts {
                    let moment = try #require(Timestamp(parsing: "\(start)T00:00:00Z"))
                    let seconds = moment.microseconds / 1_000_000
                    questions.append("\(zone)\t\(schedule)\t\(seconds)\t12")
                    let slots = zoned.slots(after: moment, limit: 12).map { "\($0.microseconds / 1_000_000)" }
                    answers.append(slots.joined(separator: " "))
                }
            }
        }
        let result = try await TestPython.run("slots.py", input: questions.joined(separator: "\n") + "\n")
        let expected = result.split(separator: "\n").map(String.init)
        #expect(expected.count == questions.count)
        let wrong = zip(questions, zip(expected, answers)).filter { $0.1.0 != $0.1.1 }
        #expect(wrong.isEmpty, "\(wrong.count), first: \(wrong.prefix(3))")
    }

    @Test("A file that is no compiled zone is refused, wherever it is cut")
    func hostileZones() throws {
        #expect(throws: ZoneRules.Fault.self) { try ZoneRules(tzif: []) }
        #expect(throws: ZoneRules.Fault.self) { try ZoneRules(tzif: Array("TZif2".utf8)) }
        #expect(throws: ZoneRules.Fault.self) { try ZoneFile.rules(of: "Europe/Atlantis") }
        let whole = try ZoneFile.bytes(of: "Europe/Berlin")
        #expect(try ZoneRules(tzif: whole) == ZoneFile.rules(of: "Europe/Berlin"))
        for length in stride(from: 0, to: whole.count - 1, by: 7) {
            #expect(throws: ZoneRules.Fault.self) { try ZoneRules(tzif: Array(whole.prefix(length))) }
        }
        for index in stride(from: 0, to: whole.count, by: 3) {
            var damaged = whole
            damaged[index] ^= 0xFF
            // Nothing is expected of it but an answer or a fault.
            _ = try? ZoneRules(tzif: damaged).transitions(in: 0..<4_000_000_000)
        }
    }
}
