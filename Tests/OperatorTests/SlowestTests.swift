import CygniJobs
import CygniModel
import CygniPostgres
import CygniTestSupport
import Testing

@testable import Operator

@Suite struct SlowestTests {
    /// Units are brought to one, and what is a moment or a counter has no place among durations.
    @Test func durationsAreRankedByTheirLength() async throws {
        try await withDatabase(.migrated) { database in
            let folder = try TemporaryFolder()
            let values: [(String, Double)] = [
                ("request_duration_ms", 500), ("request_duration_seconds", 2), ("gc_duration_microseconds", 90_000),
                ("process_start_time_seconds", 1_458_255_915), (#"node_time_seconds{a="b"}"#, 1_458_255_915),
                ("file_mtime_timestamp_seconds", 1_458_255_915), ("cpu_seconds_total", 99_999),
                ("clock_offset_ms", 9999),
            ]
            let rows = values.map { "2026-03-02T10:00:00Z,\"\($0.0.replacing("\"", with: "\"\""))\",\($0.1)\n" }
            let text = "ts,metric,value\n\(rows.joined())"
            #expect(try await database.importSamples(text, metric: nil, in: folder).written.rows == values.count)
            #expect(try await HourlyComparisonTests().rollUp(database).outcome == .succeeded)
            let now = try #require(Timestamp(parsing: "2026-03-04T00:00:00Z"))
            let facts = try await database.connectAsJobs().transaction(.snapshot) { session in
                try SummaryFacts.read(now: now, session)
            }
            #expect(
                facts.slowest.map(\.metric)
                    == ["request_duration_seconds", "request_duration_ms", "gc_duration_microseconds"]
            )
        }
    }
}
