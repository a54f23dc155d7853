import CygniConfig
import CygniJobs
import CygniModel
import CygniPostgres
import CygniTestSupport
import FoundationEssentials
import Logging
import MetricsRollup
import Testing

@testable import Operator

/// From a file to the hourly roll-up, against a computation in Python that shares nothing with either.
@Suite struct HourlyComparisonTests {
    private struct Hour: Sendable {
        var count: Int
        var sum: Double
        var least: Double
        var greatest: Double
        var p95: Double
    }

    private static let fixtures = "/" + #filePath.split(separator: "/").dropLast().joined(separator: "/") + "/Fixtures"

    /// What percentiles of the roll-up may be off by: (g - 1) / (g + 1) for g = 2^(1/8).
    private static let p95Error = 0.0433

    @Test func everyHourIsWhatPythonMakesOfTheFile() async throws {
        let samples = "\(Self.fixtures)/samples.csv"
        let expected = try await computed(samples)
        #expect(expected.count > 20)
        let text = try String(contentsOf: URL(filePath: samples), encoding: .utf8)
        let lines = text.split(separator: "\n")
        // The last lines of the file are late: the roll-up has run when they come.
        let onTime = lines.dropLast(60).joined(separator: "\n")
        let late = ([lines[0]] + lines.suffix(60)).joined(separator: "\n")
        try await withDatabase(.migrated) { database in
            for part in [onTime, late] {
                let folder = try TemporaryFolder()
                let report = try await database.importSamples(part, flags: ["--create"], metric: nil, in: folder)
                #expect(report.status == .success)
                #expect(try await rollUp(database).outcome == .succeeded)
            }
            let found = try await rolledUp(database)
            #expect(found.keys.sorted() == expected.keys.sorted())
            for (key, hour) in expected { compare(key, hour, found[key]) }
        }
    }

    private func compare(_ key: String, _ expected: Hour, _ found: Hour?) {
        guard let found else {
            Issue.record("\(key): the roll-up does not have it")
            return
        }
        #expect(found.count == expected.count, "\(key): count")
        #expect(found.least == expected.least, "\(key): min")
        #expect(found.greatest == expected.greatest, "\(key): max")
        let size = max(abs(expected.least), abs(expected.greatest))
        #expect(abs(found.sum - expected.sum) <= size * Double(expected.count) * 1e-12, "\(key): sum")
        // Less than 2^-128 counts as zero.
        let slack = abs(expected.p95) * Self.p95Error + 3e-39
        #expect(abs(found.p95 - expected.p95) <= slack, "\(key): p95 \(found.p95), exact \(expected.p95)")
    }

    private func computed(_ samples: String) async throws -> [String: Hour] {
        let python = BuiltExecutable(path: "/usr/bin/env")
        let result = try await python.run(["python3", "\(Self.fixtures)/hourly.py", samples])
        try #require(result.status == 0, "\(result)")
        var hours: [String: Hour] = [:]
        for line in result.standardOutput.split(separator: "\n") {
            let cells = line.split(separator: "\t").map(String.init)
            hours[cells[..<4].joined(separator: " ")] = Hour(
                count: try #require(Int(cells[4])),
                sum: try #require(Double(cells[5])),
                least: try #require(Double(cells[6])),
                greatest: try #require(Double(cells[7])),
                p95: try #require(Double(cells[8]))
            )
        }
        return hours
    }

    private func rolledUp(_ database: TestDatabase) async throws -> [String: Hour] {
        let statement = Statement(
            "hours",
            """
            SELECT concat_ws(' ', t.slug, p.slug, metric, extract(epoch FROM bucket)::bigint) AS key, count, sum, min, max, p95
            FROM cygni.metrics_1h AS m JOIN cygni.tenants AS t ON t.id = m.tenant_id
            JOIN cygni.projects AS p ON p.id = m.project_id
            """
        )
        return try await database.connectAsJobs().access { session in
            var hours: [String: Hour] = [:]
            for row in try session.query(statement) {
                hours[try row.get("key")] = Hour(
                    count: try row.get("count"),
                    sum: try row.get("sum"),
                    least: try row.get("min"),
                    greatest: try row.get("max"),
                    p95: try row.get("p95")
                )
            }
            return hours
        }
    }

    func rollUp(_ database: TestDatabase) async throws -> RunReport {
        let identity = RunIdentity(
            job: MetricsRollupJob.name,
            host: "test",
            pid: 1,
            version: "test",
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        var options = database.options(role: "cygni_owner")
        options.role = "cygni_jobs"
        var clock = RunClock.system
        clock.decisionTime = Timestamp(parsing: "2026-03-04T00:00:00Z")
        let folder = try TemporaryFolder()
        let settings = try ConfigLoader.load(
            RollupSettings.self,
            file: folder.write("{}", to: "rollup.yaml"),
            environment: [:]
        )
        return await JobRunner(
            job: MetricsRollupJob(settings: settings.settings),
            run: identity,
            settings: RunSettings(database: options),
            clock: clock
        )()
    }
}
