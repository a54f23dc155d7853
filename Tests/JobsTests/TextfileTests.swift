import CygniJobs
import CygniModel
import CygniTestSupport
import Foundation
import Testing

@Suite struct TextfileTests {
    private func settings(_ database: TestDatabase, _ folder: String) -> RunSettings {
        var settings = RunSettings.test(database)
        settings.textfileDirectory = folder
        settings.expectedInterval = .minutes(15)
        return settings
    }

    private func value(_ name: String, in text: String) -> Double? {
        text.split(separator: "\n").first { $0.hasPrefix("cygni_task_\(name){") }
            .flatMap { $0.split(separator: " ").last }.flatMap { Double($0) }
    }

    @Test func aRunLeavesWhatPrometheusReads() async throws {
        let folder = try TemporaryFolder()
        try await withDatabase(.jobs) { database in
            let job = ListJob(items: ["a", "b", "c"]) { item, _ in if item == "b" { throw ListJob.Refused() } }
            let report = await JobRunner(job: job, run: .test(), settings: settings(database, folder.path))()
            let text = try folder.read("cygni_list_job.prom")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["cygni_list_job.prom"])
            #expect(value("last_success_timestamp_seconds", in: text) == 0)
            #expect(value("last_run_timestamp_seconds", in: text) == report.finishedAt.unixSeconds)
            #expect(value("last_exit_code", in: text) == 2)
            #expect(value("expected_interval_seconds", in: text) == 900)
            #expect(text.contains(#"cygni_task_items{task="list-job",result="done"} 2"#))
            #expect(text.contains(#"cygni_task_items{task="list-job",result="failed"} 1"#))

            let promtool = BuiltExecutable(path: "/usr/bin/promtool")
            let check = try await promtool.run(["check", "metrics"], input: text)
            #expect(check.status == 0 && check.standardError == "", "\(check)")
        }
    }

    @Test func aFailedRunKeepsTheTimeOfTheLastSuccess() async throws {
        let folder = try TemporaryFolder()
        try await withDatabase(.jobs) { database in
            let settings = settings(database, folder.path)
            let first = await JobRunner(job: ListJob(items: []), run: .test(), settings: settings)()
            let job = ListJob(items: ["a"]) { _, _ in throw ListJob.Refused() }
            let second = await JobRunner(job: job, run: .test(), settings: settings)()
            let text = try folder.read("cygni_list_job.prom")
            #expect(second.exitStatus == .failure)
            let success = try #require(value("last_success_timestamp_seconds", in: text))
            // The ledger's clock is the server's, the report's this machine's.
            #expect(abs(success - first.finishedAt.unixSeconds) < 5 && success < second.finishedAt.unixSeconds)
            #expect(value("last_exit_code", in: text) == 1)

            try FileManager.default.removeItem(atPath: folder.file("cygni_list_job.prom"))
            _ = await JobRunner(job: job, run: .test(), settings: settings)()
            let again = try folder.read("cygni_list_job.prom")
            let fromLedger = try #require(value("last_success_timestamp_seconds", in: again))
            #expect(abs(fromLedger - first.finishedAt.unixSeconds) < 5)
        }
    }

    @Test func skippedAndDryRunsLeaveTheFileAlone() async throws {
        let folder = try TemporaryFolder()
        try await withDatabase(.jobs) { database in
            var identity = RunIdentity.test()
            identity.isDryRun = true
            _ = await JobRunner(job: ListJob(items: ["a"]), run: identity, settings: settings(database, folder.path))()
            let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(files.isEmpty)
        }
    }

    @Test func aFolderThatIsNotThereFailsNothing() async throws {
        try await withDatabase(.jobs) { database in
            let settings = settings(database, "/nonexistent/folder")
            let report = await JobRunner(job: ListJob(items: ["a"]), run: .test(), settings: settings)()
            #expect(report.exitStatus == .success)
        }
    }
}
