import CygniTestSupport
import Testing

/// `cygni schedule` as a process: exit statuses, and both streams.
@Suite struct ScheduleProcessTests {
    private func cygni(_ arguments: [String], input: String = "", schedule: String = "\"*/5 * * * *\"") async throws
        -> ProcessResult
    {
        let folder = try TemporaryFolder()
        try folder.write("database:\n  url: postgresql:///unused\n", to: "cygni.yaml")
        try folder.write("schedule: \(schedule)\ntimezone: Europe/Berlin\n", to: "jobs/metrics-rollup.yaml")
        return try await BuiltExecutable("cygni").run(
            ["schedule"] + arguments,
            environment: ["CYGNI_CONFIG": "\(folder.path)/cygni.yaml"],
            input: input
        )
    }

    @Test("The list has UTC and local times, over a change of clocks")
    func list() async throws {
        let result = try await cygni(
            ["list", "--from", "2026-03-28T12:00:00Z", "--count", "2"],
            schedule: "\"30 2 * * *\""
        )
        #expect(result.status == 0, "\(result)")
        #expect(result.standardOutput.contains("2026-03-29 01:00  2026-03-29 03:00  Europe/Berlin"))
        #expect(result.standardOutput.contains("2026-03-30 00:30  2026-03-30 02:30  Europe/Berlin"))
        let json = try await cygni(["list", "--from", "2026-03-28", "--count", "1", "--output", "json"])
        #expect(json.standardOutput.contains(#""local":"2026-03-28T01:05:00+01:00""#), "\(json)")
    }

    @Test("What cron has is compared, also from standard input")
    func check() async throws {
        let right = try await cygni(["render", "--format", "crontab"])
        #expect(right.status == 0)
        let same = try await cygni(["check", "--crontab", "-", "--units", "/nowhere"], input: right.standardOutput)
        #expect(same.status == 0, "\(same)")
        let none = try await cygni(["check", "--crontab", "-", "--units", "/nowhere"], input: "MAILTO=root\n")
        #expect(none.status == 3 && none.standardOutput.hasPrefix("nothing here starts metrics-rollup"), "\(none)")
        let unreadable = try await cygni(["check", "--crontab", "/nowhere/crontab", "--units", "/nowhere"])
        #expect(unreadable.status == 1 && unreadable.standardError.contains("/nowhere/crontab"), "\(unreadable)")
    }

    @Test("Wrong usage is 64, a wrong file 78")
    func faults() async throws {
        for arguments in [
            ["render"], ["render", "--format", "at"], ["render", "--format", "crontab", "--into", "/tmp"],
            ["render", "--format", "systemd", "--bin", "/a b"], ["list", "--count", "0"], ["list", "--from", "noon"],
        ] {
            #expect(try await cygni(arguments).status == 64, "\(arguments)")
        }
        let wrong = try await cygni(["list"], schedule: "\"61 * * * *\"")
        #expect(
            wrong.status == 78 && wrong.standardError.contains("jobs/metrics-rollup.yaml:1:11: schedule"),
            "\(wrong)"
        )
    }
}
