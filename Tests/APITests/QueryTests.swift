import CygniArchive
import CygniModel
import Foundation
import Testing

@testable import PlatformAPI

/// Which buckets and which windows a query reads.
@Suite struct QueryTests {
    private func time(_ text: String) -> Timestamp { Timestamp(parsing: text) ?? Timestamp(seconds: 0) }

    @Test(arguments: [
        (60, "1m"), (120, "1m"), (3540, "1m"), (3600, "1h"), (7200, "1h"), (82_800, "1h"), (86_400, "1d"),
        (604_800, "1d"),
    ])
    func theStepDecidesTheLevel(step: Int, level: String) throws {
        let range = try MetricRange(from: time("2026-11-01T00:00:30Z"), to: time("2026-11-01T05:00:00Z"), step: step)
        #expect(range.level.rawValue == level && range.step == step)
        #expect(range.from <= time("2026-11-01T00:00:30Z") && range.to >= time("2026-11-01T05:00:00Z"))
        #expect(range.from.microseconds % (Int64(step) * 1_000_000) == 0)
        #expect(range.to.microseconds % (Int64(step) * 1_000_000) == 0)
    }

    @Test(arguments: [61, 90, 3601, 5400, 90_000])
    func stepsThatNoLevelServes(step: Int) {
        #expect(throws: Problem.self) { try MetricRange(from: time("2026-11-01"), to: time("2026-11-02"), step: step) }
    }

    @Test func tooManyPointsAndNone() throws {
        let (from, to) = (time("2026-11-01"), time("2026-11-02"))
        #expect(throws: Problem.self) { try MetricRange(from: from, to: to, step: 60) }
        #expect(throws: Problem.self) { try MetricRange(from: to, to: from, step: 60) }
        #expect(throws: Problem.self) { try MetricRange(from: time("0001-01-01"), to: time("9999-01-01"), step: nil) }
        #expect(try MetricRange(from: from, to: from + .seconds(60_000), step: 60).level == .minute)
        #expect(try MetricRange(from: from, to: to, step: nil).step == 300)
        #expect(try MetricRange(from: from, to: from + .seconds(1), step: nil).step == 60)
    }

    /// Where a message or a level holds what stands between the parts of a digest.
    @Test func differentLinesOfOneMomentHaveDifferentPlaces() throws {
        func place(_ level: String, _ message: String) throws -> LogPlace {
            let line = #"{"ts":"2026-11-01T00:00:00Z","level":"\#(level)","message":"\#(message)"}"#
            return try #require(Array(line.utf8).withUnsafeBytes { LogEntry(archived: $0) }).place
        }
        #expect(try place("a", #"b\u0001c"#) != place(#"a\u0001b"#, "c"))
        #expect(try place("a", "b") == place("a", "b"))
    }

    private func entry(_ second: Int64, _ digest: String) throws -> LogEntry {
        let line = #"{"ts":"\#(Timestamp(seconds: second))","level":"\#(digest)"}"#
        return try #require(Array(line.utf8).withUnsafeBytes { LogEntry(archived: $0) })
    }

    @Test func aLineThatBothSourcesHaveIsOne() throws {
        let (a, b, c) = (try entry(3, "a"), try entry(2, "b"), try entry(1, "c"))
        #expect(NewestLines.merged([a, b], [b, c]) == [a, b, c])
        #expect(NewestLines.merged([b, b], [b]) == [b, b])
        #expect(NewestLines.merged([], [a, c]) == [a, c])
        #expect(NewestLines.merged([a, c], []) == [a, c])
    }

    @Test func theNewestAreKept() throws {
        var newest = NewestLines(limit: 3)
        for second in (Int64(0)..<1000).shuffled() { newest.add(try entry(second, "x")) }
        #expect(newest.sorted.map(\.place.time.unixSeconds) == [999, 998, 997])
    }

    /// A look that stops leads on, and what is left is before where it stopped.
    @Test func whereALookIntoAnArchiveMayStop() throws {
        func frame(_ last: String?) throws -> Manifest.Frame {
            let to = last.map { "\(time($0).microseconds)" } ?? "null"
            let text = #"{"offset": 0, "length": 1, "rows": 1, "rawBytes": 1, "sha256": "", "to": \#(to)}"#
            return try JSONDecoder().decode(Manifest.Frame.self, from: Data(text.utf8))
        }
        let place = LogPlace(time: time("2026-11-01T12:00:00Z"), digest: "~")
        let earlier = time("2026-11-01T11:59:59.999999Z")
        #expect(
            try ArchivedLines.reached(before: frame("2026-11-01T11:59:59.999999Z"), place) == earlier + .microseconds(1)
        )
        #expect(try ArchivedLines.reached(before: frame("2026-11-01T12:00:00Z"), place) == nil)
        #expect(try ArchivedLines.reached(before: frame("2026-11-01T13:00:00Z"), place) == nil)
        #expect(try ArchivedLines.reached(before: frame(nil), place) == nil)
    }

    @Test(arguments: [
        ("timeout 5 ms", true), ("a\"b", false), ("a\\b", false), ("a/b", false), ("é", false), ("a\tb", false),
    ])
    func textThatJSONSpellsAsItIs(text: String, isPlain: Bool) {
        #expect((LogFilter(text: text).plainText != nil) == isPlain)
    }

    @Test func windowsStayWithinArchivesAndJumpOverNothing() {
        let first = time("2026-11-01"), second = time("2026-11-02"), last = time("2026-11-10T12:00:00Z")
        let day = ArchivedDay(id: "1", manifestKey: "m", range: first..<second)
        let places = LogPlaces(archives: [day], openDays: [last.date.daysSinceEpoch])
        let from = time("2026-01-01")
        let recent = places.window(last, from, .hours(6))
        #expect(recent.first == last - .hours(6) && recent.archives.isEmpty && recent.isOpen)
        let night = places.window(time("2026-11-10T01:00:00Z"), from, .hours(6))
        #expect(night.first == time("2026-11-10"), "no window crosses into a day that may be elsewhere")
        let between = places.window(time("2026-11-09T23:59:59Z"), from, .hours(6))
        #expect(between.first == second && !between.isOpen && between.archives.isEmpty)
        let old = places.window(second - .microseconds(1), from, .minutes(15))
        #expect(old.first == first && old.archives == [day])
        let before = places.window(first - .microseconds(1), from, .hours(6))
        #expect(before.first == from && !before.isOpen && before.archives.isEmpty)
    }
}
