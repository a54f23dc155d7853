import CygniJobs
import CygniLog
import CygniModel
import CygniPostgres
import CygniTestSupport
import FoundationEssentials
import Glibc
import Logging
import Testing

/// What the ledger keeps of a run besides its row: the end of its log, and its report.
@Suite struct RunLogTests {
    private func identity() -> RunIdentity {
        var run = RunIdentity.test()
        let nowhere = LineOutput(descriptor: open("/dev/null", O_WRONLY | O_CLOEXEC))
        run.logger = .standardError(label: "test", format: .json, output: nowhere)
        return run
    }

    private func log(_ database: TestDatabase) async throws -> String {
        try await database.texts("SELECT lines FROM cygni.run_logs ORDER BY piece").joined()
    }

    @Test func theLogAndTheReportAreKept() async throws {
        try await withDatabase(.jobs) { database in
            let job = ListJob(items: ["a", "b"]) { item, context in
                context.logger.notice("at \(item)\u{0}\n\u{1F600}", metadata: ["password": "hunter2"])
            }
            let report = await JobRunner(job: job, run: identity(), settings: .test(database))()
            #expect(report.outcome == .succeeded, "\(report.errors)")
            let text = try await log(database)
            let lines = text.split(separator: "\n")
            #expect(
                lines.count == 4 && lines[0].contains("run started") && lines[1].contains("plan decided"),
                "\(text)"
            )
            #expect(lines[2].contains("at a") && lines[3].contains("at b") && !text.contains("hunter2"), "\(text)")
            let kept = try await database.texts(
                "SELECT concat_ws(' ', report ->> 'outcome', report ->> 'counts', report -> 'items' -> 1 ->> 'id') FROM cygni.run_reports JOIN cygni.job_runs ON id = run_id"
            )
            #expect(kept == [#"succeeded {"due":2,"items_done":2,"items_failed":0,"written":2} b"#])
        }
    }

    @Test func whoeverWatchesSeesItWhileTheRunGoesOn() async throws {
        try await withDatabase(.jobs) { database in
            let job = ListJob(items: ["a"]) { _, context in
                context.logger.notice("in the middle")
                for _ in 0..<1000 where try await !log(database).contains("in the middle") {
                    try await Task.sleep(for: .milliseconds(20))
                }
                guard try await log(database).contains("in the middle") else { throw ListJob.Refused() }
            }
            var settings = RunSettings.test(database)
            settings.logInterval = .milliseconds(20)
            let report = await JobRunner(job: job, run: identity(), settings: settings)()
            #expect(report.outcome == .succeeded, "\(report.errors)")
        }
    }

    /// A run that never stops talking costs no more than its last 64 KiB, in the process and in the table.
    @Test func onlyTheEndIsKept() async throws {
        try await withDatabase(.jobs) { database in
            let filler = String(repeating: "x", count: 900)
            let job = ListJob(items: (0..<20).map { "item \($0)" }) { item, context in
                for line in 0..<10 { context.logger.notice("\(item) line \(line) \(filler)") }
                try await Task.sleep(for: .milliseconds(10))
            }
            var settings = RunSettings.test(database)
            settings.logInterval = .milliseconds(5)
            let report = await JobRunner(job: job, run: identity(), settings: settings)()
            #expect(report.outcome == .succeeded, "\(report.errors)")
            let text = try await log(database)
            #expect(text.utf8.count >= 64 << 10 && text.utf8.count <= 2 * (64 << 10), "\(text.utf8.count)")
            #expect(text.contains("item 19 line 9") && !text.contains("item 1 line"))
        }
    }

    @Test func aLineTooLongIsToldOf() async throws {
        try await withDatabase(.jobs) { database in
            let job = ListJob(items: ["a"]) { _, context in
                context.logger.notice("\(String(repeating: "x", count: 100_000))")
                context.logger.notice("and on")
            }
            let report = await JobRunner(job: job, run: identity(), settings: .test(database))()
            #expect(report.outcome == .succeeded, "\(report.errors)")
            let text = try await log(database)
            #expect(text.contains("1 lines were too many or too long to be kept") && text.contains("and on"), "\(text)")
        }
    }

    @Test func whatIsOldGoes() async throws {
        try await withDatabase(.jobs) { database in
            let first = await JobRunner(job: ListJob(items: ["a"]), run: identity(), settings: .test(database))()
            #expect(first.outcome == .succeeded)
            try await database.execute(
                "UPDATE cygni.run_logs SET at = at - interval '31 days'; UPDATE cygni.run_reports SET at = at - interval '31 days'"
            )
            let second = await JobRunner(job: ListJob(items: ["b"]), run: identity(), settings: .test(database))()
            #expect(second.outcome == .succeeded)
            let left = try await database.texts(
                "SELECT run_id FROM cygni.run_logs UNION SELECT run_id FROM cygni.run_reports"
            )
            #expect(left == [second.runID.uuidString.lowercased()])
            let runs = try await database.texts("SELECT count(*) FROM cygni.job_runs")
            #expect(runs == ["2"])
        }
    }

    @Test func aDryRunLeavesNothing() async throws {
        try await withDatabase(.jobs) { database in
            var run = identity()
            run.isDryRun = true
            _ = await JobRunner(job: ListJob(items: ["a"]), run: run, settings: .test(database))()
            let text = try await log(database)
            #expect(text.isEmpty)
        }
    }
}
