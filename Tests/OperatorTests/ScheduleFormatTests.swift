import ArgumentParser
import CygniConfig
import CygniModel
import CygniTestSupport
import FoundationEssentials
import Testing

@testable import Operator

/// Schedules as cron, systemd and Kubernetes have them, judged by these themselves.
@Suite struct ScheduleFormatTests {
    private func job(_ schedule: String, _ zone: String = "UTC", name: String = "metrics-rollup") throws -> ScheduledJob
    {
        ScheduledJob(
            name: name,
            schedule: try CronSchedule(parsing: schedule),
            zone: zone,
            zoneRules: try ZoneFile.rules(of: zone),
            timeout: .hours(1),
            grace: .seconds(30)
        )
    }

    private func target(bin: String = "/opt/cygni/bin") throws -> ScheduleTarget {
        try ScheduleTarget.parse(["--bin", bin])
    }

    @Test(
        "systemd's calendar comes to the same moments",
        arguments: [
            "*/5 * * * *", "17 3 * * *", "0 */6 * * 1-5", "30 4 1,15 * *", "0 12 13 * 5", "59 23 31 12 *", "0 0 29 2 *",
            "5-59/20 8-18 * jan-mar sun", "0 0 */2 * 1", "@weekly",
        ]
    )
    func calendarEvents(schedule: String) async throws {
        let job = try job(schedule)
        let start = try #require(Timestamp(parsing: "2026-11-23T10:02:30Z"))
        var elapses: Set<String> = []
        for event in CalendarEvents.of(job.schedule) {
            let result = try await BuiltExecutable(path: "/usr/bin/systemd-analyze").run(
                ["calendar", "--iterations=6", "--base-time=2026-11-23 10:02:30 UTC", "\(event) UTC"],
                environment: ["TZ": "UTC"]
            )
            try #require(result.status == 0, "\(result)")
            for line in result.standardOutput.split(separator: "\n") {
                guard let match = line.firstMatch(of: /(?:elapse|#[0-9]+): \w+ (\S+ \d\d:\d\d)/) else { continue }
                elapses.insert(String(match.1.replacing(" ", with: "T")))
            }
        }
        let slots = job.slots.slots(after: start, limit: 6).map { String($0.rfc3339.prefix(16)) }
        #expect(Array(elapses.sorted().prefix(6)) == slots)
    }

    @Test("systemd accepts the units, and finds them well shut in")
    func units() async throws {
        let folder = try TemporaryFolder()
        let built = try BuiltExecutable("cygni-metrics-rollup").path
        let bin = String(built.prefix(upTo: try #require(built.lastIndex(of: "/"))))
        let units = SystemdUnits.render([try job("30 2 * * 1", "Europe/Berlin")], on: try target(bin: bin))
        #expect(units.map(\.name) == ["cygni-metrics-rollup.service", "cygni-metrics-rollup.timer"])
        for unit in units { try folder.write(unit.text, to: unit.name) }
        let analyze = BuiltExecutable(path: "/usr/bin/systemd-analyze")
        let verified = try await analyze.run(["verify"] + units.map { "\(folder.path)/\($0.name)" })
        #expect(verified.status == 0 && verified.standardError.isEmpty, "\(verified)")
        let exposure = try await analyze.run(
            ["security", "--offline=yes", "--threshold=25", "\(folder.path)/cygni-metrics-rollup.service"]
        )
        #expect(exposure.status == 0, "\(exposure)")
    }

    @Test("Kubernetes' own schema accepts the CronJobs, with nothing unknown in them")
    func cronJobs() async throws {
        let folder = try TemporaryFolder()
        let jobs = [try job("*/5 * * * *"), try job("@daily", "Europe/Berlin", name: "log-archive")]
        try folder.write(KubernetesCronJobs.render(jobs, on: target()), to: "jobs.yaml")
        let result = try await TestPython.run("cronjobs.py", arguments: ["\(folder.path)/jobs.yaml"])
        #expect(result == "cygni-metrics-rollup\ncygni-log-archive\n")
    }

    @Test("A crontab has a line for each job, and no zone but the machine's")
    func crontab() throws {
        let text = try CrontabText.render(
            [try job("*/5 * * * *"), try job("@daily", name: "log-archive")],
            on: target()
        )
        var installed = InstalledSchedules()
        installed.add(crontab: text, at: "crontab")
        #expect(installed.lines.map(\.fields) == ["*/5 * * * *", "@daily"])
        #expect(installed.lines.map(\.job) == ["metrics-rollup", "log-archive"])
        #expect(throws: ScheduleError.self) {
            try CrontabText.render([try job("@daily"), try job("@daily", "Europe/Berlin")], on: target())
        }
    }

    @Test(
        "Every difference of what is installed is told",
        arguments: [
            ("*/5 * * * * root /opt/cygni/bin/cygni-metrics-rollup --trigger cron", [String]()),
            ("#*/5 * * * * cygni-metrics-rollup", ["nothing here starts metrics-rollup"]),
            ("*/10 * * * * cygni-metrics-rollup", ["crontab:1: starts metrics-rollup at '*/10 * * * *'"]),
            (
                "*/5 * * * * cygni-metrics-rollup\n*/5 * * * * cygni-metrics-rollup",
                ["metrics-rollup is started more than once: by crontab:1, crontab:2"]
            ),
            (
                "*/5 * * * * cygni-metrics-rollup\n@daily cygni-nonsense",
                ["crontab:2: starts nonsense, which has no schedule"]
            ),
        ]
    )
    func differences(crontab: String, expected: [String]) throws {
        var installed = InstalledSchedules()
        installed.add(crontab: crontab, at: "crontab")
        let found = installed.differences(from: [try job("*/5 * * * *")], units: [])
        #expect(found.count == expected.count, "\(found)")
        for (difference, start) in zip(found, expected) { #expect(difference.hasPrefix(start), "\(difference)") }
    }

    @Test("Units that were changed, left out or forgotten are told")
    func unitDifferences() throws {
        let jobs = [try job("*/5 * * * *")]
        let expected = SystemdUnits.render(jobs, on: try target())
        var installed = InstalledSchedules()
        installed.units = expected.map { .init(place: "/u/\($0.name)", name: $0.name, text: $0.text) }
        #expect(installed.differences(from: jobs, units: expected).isEmpty)
        #expect(installed.differences(from: [], units: []).count == 2)
        installed.units.removeFirst()
        #expect(installed.differences(from: jobs, units: expected) == ["cygni-metrics-rollup.service is missing"])
        installed.units =
            [.init(place: "/u/t", name: "cygni-metrics-rollup.timer", text: "changed")] + installed.units.dropFirst()
        #expect(
            installed.differences(from: jobs, units: expected).contains("/u/t: differs from what the job's file gives")
        )
    }
}
