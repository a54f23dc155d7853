import CygniIntake
import CygniModel
import Testing

@testable import Operator

@Suite struct TimeTests {
    @Test(
        arguments: [
            ("2026-11-22T03:17:00Z", "2026-11-22T03:17:00Z"),
            ("2026-11-22 03:17:00", "2026-11-22T03:17:00Z"),
            ("2026/11/22 03:17", "2026-11-22T03:17:00Z"),
            ("2026-11-22", "2026-11-22T00:00:00Z"),
            ("2026-11-22t03:17:00.1234567z", "2026-11-22T03:17:00.123456Z"),
            ("2026-11-22T03:17:00,5+02:00", "2026-11-22T01:17:00.5Z"),
            ("2026-11-22 03:17:00 -0530", "2026-11-22T08:47:00Z"),
            ("2026-11-22 03:17:00+02", "2026-11-22T01:17:00Z"),
            ("2026-11-22 03:17:00 UTC", "2026-11-22T03:17:00Z"),
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
            ("2024-02-29 00:00:00", "2024-02-29T00:00:00Z"),
            ("1795317420", "2026-11-22T03:17:00Z"),
            ("1795317420.25", "2026-11-22T03:17:00.25Z"),
            ("1795317420123", "2026-11-22T03:17:00.123Z"),
            ("1795317420123456", "2026-11-22T03:17:00.123456Z"),
            ("1795317420123456789", "2026-11-22T03:17:00.123456Z"),
            ("1.79531742e9", "2026-11-22T03:17:00Z"),
            ("0", "1970-01-01T00:00:00Z"),
        ]
    ) func samplesHaveTheirTime(written: String, expected: String) throws {
        var time = SampleTime()
        let moment = try withBytes(written) { try time.parse($0) }
        #expect(Timestamp(microseconds: moment).description == expected)
    }

    @Test(
        arguments: [
            "", "yesterday", "2026-13-01 00:00:00", "2026-02-29", "2026-11-22T24:00:00", "2026-11-22T03:60:00",
            "2026-11-22T03:17:61Z", "2026-11-22 03:17:00 CET", "2026-11-22T03:17:00Zx", "1969-12-31 23:59:59",
            "2200-01-01", "-5", "1e300", "NaN", "99999999999999999999", "2026-11-22T", "٢٠٢٦-11-22",
        ]
    ) func otherTimesAreRefused(written: String) {
        var time = SampleTime()
        #expect(refusal { _ = try withBytes(written) { try time.parse($0) } }?.hasPrefix("time: ") == true)
    }

    /// 2026-11-22T03:17:00Z.
    private static let now: Int64 = 1_795_317_420_000_000

    @Test(
        arguments: [
            ("2026-11-22T03:17:00Z started", "2026-11-22T03:17:00Z", "started"),
            ("2023-01-02 03:04:05 status installed gcc", "2023-01-02T03:04:05Z", "status installed gcc"),
            ("2026/11/22 03:17:00 [error] 7#7: oops", "2026-11-22T03:17:00Z", "[error] 7#7: oops"),
            ("[2026-11-22 03:17:00,123] WARN x", "2026-11-22T03:17:00.123Z", "WARN x"),
            ("Nov 22 03:17:00 host prog[1]: hi", "2026-11-22T03:17:00Z", "host prog[1]: hi"),
            ("Nov  2 03:17:00 host prog[1]: hi", "2026-11-02T03:17:00Z", "host prog[1]: hi"),
            ("Dec 24 18:00:00 host prog: a year ago", "2025-12-24T18:00:00Z", "host prog: a year ago"),
            ("Feb 29 12:00:00 leap", "2024-02-29T12:00:00Z", "leap"),
            ("[Sun Dec 04 04:47:44 2005] [notice] ok", "2005-12-04T04:47:44Z", "[notice] ok"),
            ("[Sun Dec 04 04:47:44.123456 2005] [core:error] x", "2005-12-04T04:47:44.123456Z", "[core:error] x"),
            ("Sun Dec  4 04:47:44 UTC 2005 done", "2005-12-04T04:47:44Z", "done"),
            ("<34>1 2003-10-11T22:14:15.003Z host su - ID47", "2003-10-11T22:14:15.003Z", "host su - ID47"),
        ]
    ) func logLinesHaveTheirTime(line: String, expected: String, rest: String) throws {
        var times = LogTime(now: Self.now)
        try withBytes(line) { bytes in
            let found = times.find(in: bytes)
            let match = try #require(found)
            #expect(Timestamp(microseconds: match.time).description == expected)
            #expect(bytes.part(try #require(match.rest), bytes.count).text == rest)
        }
    }

    @Test(
        arguments: [
            ("nova.log.1 2017-05-16 00:00:00.008 25746 INFO up", "2017-05-16T00:00:00.008Z"),
            ("update-alternatives 2023-01-02 03:04:05: run", "2023-01-02T03:04:05Z"),
            (#"::1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200"#, "2000-10-10T20:55:36Z"),
        ]
    ) func timesFurtherInAreFound(line: String, expected: String) throws {
        var times = LogTime(now: Self.now)
        let match = try #require(withBytes(line) { times.find(in: $0) })
        #expect(Timestamp(microseconds: match.time).description == expected)
        #expect(match.rest == nil)
    }

    @Test(
        arguments: [
            "", " ", "no time here at all", "[", "<", "<999>x", "12:30", "May be", "Feb 30 12:00:00 x",
            "2026-11-22 only a day",
            "Nov 99 03:17:00", "10/Oct/2000:13:55:36", "[10/Foo/2000:13:55:36 +0000]", "Sun", "2026-11-22 03:17:00abc",
        ]
    ) func linesWithoutATimeHaveNone(line: String) {
        var times = LogTime(now: Self.now)
        #expect(withBytes(line) { times.find(in: $0) } == nil)
    }

    @Test func severityOfSyslogIsRead() throws {
        var times = LogTime(now: Self.now)
        let match = try #require(withBytes("<11>Nov 22 03:17:00 host x") { times.find(in: $0) })
        #expect(match.severity == 3)
    }
}
