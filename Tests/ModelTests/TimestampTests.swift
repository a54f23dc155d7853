import Testing

@testable import CygniModel

@Suite("Moments in time")
struct TimestampTests {
    @Test(
        "RFC 3339 is read, and written to the microsecond",
        arguments: [
            ("1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00Z"),
            ("2026-11-22T03:17:00.123Z", 1_795_317_420_123_000, "2026-11-22T03:17:00.123Z"),
            ("2026-11-22t03:17:00.123456789z", 1_795_317_420_123_456, "2026-11-22T03:17:00.123456Z"),
            ("2026-11-22 03:17:00", 1_795_317_420_000_000, "2026-11-22T03:17:00Z"),
            ("2026-11-22 03:17", 1_795_317_420_000_000, "2026-11-22T03:17:00Z"),
            ("2026-11-22", 1_795_305_600_000_000, "2026-11-22T00:00:00Z"),
            ("2026-11-22T04:17:00+01:00", 1_795_317_420_000_000, "2026-11-22T03:17:00Z"),
            ("2026-11-21T21:47:00-0530", 1_795_317_420_000_000, "2026-11-22T03:17:00Z"),
            ("2026-11-22T05:17:00,5+02", 1_795_317_420_500_000, "2026-11-22T03:17:00.5Z"),
            ("1969-12-31T23:59:59.999999Z", -1, "1969-12-31T23:59:59.999999Z"),
            ("0001-01-01T00:00:00Z", -62_135_596_800_000_000, "0001-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
            ("2000-02-29T00:00:00Z", 951_782_400_000_000, "2000-02-29T00:00:00Z"),
        ] as [(String, Int64, String)]
    )
    func reading(text: String, microseconds: Int64, written: String) {
        let moment = Timestamp(parsing: text)
        #expect(moment?.microseconds == microseconds)
        #expect(moment?.description == written)
    }

    @Test(
        "Anything else is refused",
        arguments: [
            "", "2026", "2026-1-1", "2026-02-29", "1900-02-29", "2026-13-01", "2026-00-01", "2026-01-00", "2026-04-31",
            "0000-01-01", "2026-11-22T", "2026-11-22T24:00:00Z", "2026-11-22T03:60:00Z", "2026-11-22T03:17:60Z",
            "2026-11-22T03:17:00.Z", "2026-11-22T03:17:00X", "2026-11-22T03:17:00Z ", " 2026-11-22", "-2026-11-22",
            "2026-11-22T03:17:00+24:00", "2026-11-22T03:17:00+1", "2026-11-22T03:17:00+01:60", "２026-11-22", "now",
        ]
    )
    func refusing(text: String) {
        #expect(Timestamp(parsing: text) == nil)
    }

    @Test(
        "The report's form has three digits, cut and not rounded",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (999_999, "1970-01-01T00:00:00.999Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (1_795_317_420_120_000, "2026-11-22T03:17:00.120Z"),
        ] as [(Int64, String)]
    )
    func rfc3339(microseconds: Int64, text: String) {
        #expect(Timestamp(microseconds: microseconds).rfc3339 == text)
    }

    @Test("Flooring goes towards the past, before 1970 too")
    func flooring() {
        #expect(Timestamp(seconds: 3599).floored(to: .hours(1)) == Timestamp(seconds: 0))
        #expect(Timestamp(seconds: 3600).floored(to: .hours(1)) == Timestamp(seconds: 3600))
        #expect(Timestamp(seconds: -1).floored(to: .hours(1)) == Timestamp(seconds: -3600))
        #expect(Timestamp(microseconds: -1).floored(to: .seconds(1)) == Timestamp(seconds: -1))
    }

    @Test("Arithmetic with durations is exact")
    func arithmetic() {
        let moment = Timestamp(microseconds: 5)
        #expect(moment + .microseconds(7) == Timestamp(microseconds: 12))
        #expect(moment - .microseconds(7) == Timestamp(microseconds: -2))
        #expect(Timestamp(microseconds: 12) - moment == .microseconds(7))
        #expect(Timestamp(microseconds: 1_500_000).unixSeconds == 1.5)
        #expect(moment < moment + .microseconds(1))
    }

    @Test("Days and their numbers are each other's inverse over 1,200 years")
    func civilDates() {
        var previous = CivilDate(daysSinceEpoch: -200_001)
        for day in -200_000...240_000 {
            let date = CivilDate(daysSinceEpoch: day)
            guard date.daysSinceEpoch == day else {
                Issue.record("day \(day) comes back as \(date.daysSinceEpoch)")
                return
            }
            let isNext = date.day == previous.day + 1 && date.month == previous.month && date.year == previous.year
            guard isNext || date.day == 1 else {
                Issue.record("\(date) follows \(previous)")
                return
            }
            previous = date
        }
        #expect(CivilDate(year: 1970, month: 1, day: 1).daysSinceEpoch == 0)
        #expect(Timestamp(startOf: CivilDate(year: 2026, month: 11, day: 22)).seconds == 1_795_305_600)
        #expect(Timestamp(microseconds: -1).date == CivilDate(year: 1969, month: 12, day: 31))
    }
}

extension Timestamp {
    fileprivate var seconds: Int64 { microseconds / 1_000_000 }
}
