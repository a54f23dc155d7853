import CygniTestSupport
import Foundation
import Testing

/// What every job's executable tells its caller.
@Suite struct CommandTests {
    @Test(arguments: ["--help", "--version"])
    func worksWithoutConfiguration(flag: String) async throws {
        let result = try await BuiltExecutable("probe-job").run([flag])
        #expect(result.status == 0 && result.standardOutput.contains("cygni-probe") && result.standardError.isEmpty)
    }

    @Test(arguments: [
        ["--frob"], ["--limit", "-1"], ["--limit=-1"], ["--output", "xml"], ["--log-level", "loud"], ["surplus"],
        ["--trigger", "No Name"],
    ])
    func wrongUsageIs64(arguments: [String]) async throws {
        let result = try await BuiltExecutable("probe-job").run(arguments)
        #expect(result.status == 64 && result.standardOutput.isEmpty && !result.standardError.isEmpty, "\(result)")
    }

    @Test func aReportThatCannotBeWrittenIsTold() async throws {
        let folder = try TemporaryFolder()
        try folder.write("database:\n  pool: 0\n", to: "cygni.yaml")
        let program = try BuiltExecutable("probe-job").path
        let result = try await BuiltExecutable(path: "/bin/sh")
            .run(["-c", "'\(program)' --config '\(folder.file("cygni.yaml"))' --output json >/dev/full"])
        #expect(result.status == 78, "\(result)")
        #expect(
            result.standardError.contains("failed to write the report to standard output: No space left"),
            "\(result)"
        )
    }

    @Test func everyFaultOfTheConfigurationComesOut() async throws {
        let folder = try TemporaryFolder()
        try folder.write("database:\n  pool: 0\n  urll: x\n", to: "cygni.yaml")
        try folder.write("timeout: 5 minutes\nitems: many\n", to: "jobs/probe.yaml")
        let executable = try BuiltExecutable("probe-job")
        let text = try await executable.run(["--config", folder.file("cygni.yaml")])
        #expect(text.status == 78)
        let lines = text.standardError.split(separator: "\n")
        #expect(lines.count == 5, "\(text)")
        #expect(
            lines.allSatisfy { $0.wholeMatch(of: /\/.*\.yaml:\d+:\d+: [a-z_.]+: .* \(found .*\)/) != nil },
            "\(text)"
        )

        let json = try await executable.run(["--config", folder.file("cygni.yaml"), "--output", "json"])
        #expect(json.status == 78)
        let report = try Report(json)
        #expect(report.outcome == "failed" && report.errors == lines.map(String.init))
    }

    @Test func anUnnamedJobFileMayBeMissingAndANamedOneNot() async throws {
        try await withProbe { scene in
            let without = try await scene.run()
            #expect(without.status == 0, "\(without)")
            let with = try await scene.run("--job-config", "/nonexistent.yaml")
            #expect(with.status == 78 && with.standardError.contains("/nonexistent.yaml:1:1:"), "\(with)")
        }
    }

    @Test func theReportIsOneJSONObjectAndNothingElse() async throws {
        try await withProbe(job: "items: 3") { scene in
            let dry = try Report(try await scene.run("--dry-run", "--output", "json"))
            #expect(
                dry.outcome == "succeeded" && dry.dry_run
                    && dry.items.map(\.result) == Array(repeating: "planned", count: 3)
            )
            #expect(dry.items[0].id == "item-0" && dry.items[0].reason == "missing" && dry.counts["due"] == 3)
            #expect(dry.trigger == "manual")
            let untouched = (try await scene.runs(), try await scene.done())
            #expect(untouched.0.isEmpty && untouched.1.isEmpty)
            #expect(!FileManager.default.fileExists(atPath: scene.folder.file("metrics/cygni_probe.prom")))

            let real = try Report(try await scene.run("--output", "json", "--failing", "item-1", "--trigger", "ci"))
            #expect(real.outcome == "partial" && real.counts["written"] == 2 && real.trigger == "ci")
            #expect(real.items.map { "\($0.id) \($0.result)" } == ["item-0 done", "item-1 failed", "item-2 done"])
            #expect(try scene.folder.read("metrics/cygni_probe.prom").contains(#"last_exit_code{task="probe"} 2"#))
            let runs = try await scene.runs()
            #expect(runs == ["partial 1 2"])

            let limited = try Report(try await scene.run("--output", "json", "--limit", "1"))
            #expect(limited.outcome == "succeeded" && limited.items.map(\.id) == ["item-1"])
        }
    }

    @Test func logsAreOneJSONObjectALine() async throws {
        try await withProbe { scene in
            let result = try await scene.run("--failing", "item-1")
            #expect(result.status == 2)
            for line in result.standardError.split(separator: "\n") {
                let event = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
                #expect(event["job"] as? String == "probe" && event["run_id"] is String && event["message"] is String)
            }
            #expect(result.standardError.contains(#""message":"item failed""#))
            let quiet = try await scene.run("--log-level", "critical", "--broken")
            #expect(quiet.status == 1 && quiet.standardError.isEmpty)
            #expect(quiet.standardOutput.contains("error: broken as asked"), "\(quiet)")
        }
    }

    @Test func aReaderThatLeftDoesNotKillTheRun() async throws {
        try await withProbe { scene in
            let shell = BuiltExecutable(path: "/bin/bash")
            let command = "set -o pipefail; '\(scene.executable.path)' 2>&1 | true; echo ${PIPESTATUS[0]}"
            let result = try await shell.run(["-c", command], environment: scene.environment)
            #expect(result.standardOutput == "0\n", "\(result)")
            let done = try await scene.done()
            #expect(done.count == 3)
        }
    }

    @Test func noDatabaseIs69() async throws {
        try await withProbe(job: "retries: 1") { scene in
            let folder = try TemporaryFolder()
            try folder.write("database:\n  url: postgresql:///x?host=\(folder.path)&user=y\n", to: "cygni.yaml")
            try folder.write("retries: 0\n", to: "jobs/probe.yaml")
            let result = try await scene.run("--config", folder.file("cygni.yaml"), "--output", "json")
            #expect(result.status == 69)
            #expect(try Report(result).errors.count == 1)
        }
    }
}

/// The published report, as a stranger would read it.
struct Report: Decodable {
    struct Item: Decodable {
        let id: String
        let action: String
        let result: String
        let reason: String?
    }

    let job: String
    let run_id: UUID
    let trigger: String
    let outcome: String
    let dry_run: Bool
    let started_at: String
    let finished_at: String
    let counts: [String: Int]
    let items: [Item]
    let errors: [String]

    init(_ result: ProcessResult) throws {
        let lines = result.standardOutput.split(separator: "\n")
        guard lines.count == 1 else { throw TestSupportError("stdout is not one line: \(result)") }
        self = try JSONDecoder().decode(Report.self, from: Data(lines[0].utf8))
    }
}
