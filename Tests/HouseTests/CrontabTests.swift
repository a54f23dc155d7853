import Foundation
import Testing

@Suite("The crontab")
struct CrontabTests {
    @Test("Every line runs an executable of this package, on the schedule in that job's own file")
    func linesAgreeWithJobs() throws {
        let executables = Set(try PackageDump.targets().filter { $0.type == "executable" }.map(\.name))
        let entries = try Crontab.entries(in: try Checkout.lines(of: "crontab"))
        #expect(!entries.isEmpty)
        for entry in entries {
            #expect(executables.contains(entry.executable), "crontab:\(entry.line)")
            let schedule = Crontab.schedule(inJobFile: try Checkout.lines(of: "jobs/\(entry.job).yaml"))
            #expect(schedule == entry.schedule, "crontab:\(entry.line) and jobs/\(entry.job).yaml")
        }
    }

    @Test("Every job with a schedule has its line")
    func jobsHaveLines() throws {
        let scheduled = try FileManager.default.contentsOfDirectory(atPath: Checkout.root.appending(path: "jobs").path)
            .filter { $0.hasSuffix(".yaml") }
            .filter { Crontab.schedule(inJobFile: try Checkout.lines(of: "jobs/\($0)")) != nil }
        let lines = try Crontab.entries(in: try Checkout.lines(of: "crontab")).map { "\($0.job).yaml" }
        #expect(scheduled.sorted() == lines.sorted())
    }

    @Test("A good line is read")
    func goodLine() throws {
        let lines = [
            "# comment", "MAILTO=ops@example.test", "*/5 0-6,22 1 * 7 /opt/cygni/bin/cygni-metrics-rollup --config x",
            "",
        ]
        let entry = Crontab.Entry(line: 3, schedule: "*/5 0-6,22 1 * 7", executable: "cygni-metrics-rollup")
        #expect(try Crontab.entries(in: lines) == [entry])
        #expect(entry.job == "metrics-rollup")
    }

    @Test("A job's schedule is read, with and without quotes; null is none")
    func jobSchedule() {
        #expect(Crontab.schedule(inJobFile: ["# schedule: x", "schedule: \"*/5 * * * *\""]) == "*/5 * * * *")
        #expect(Crontab.schedule(inJobFile: ["schedule: 17 3 * * *"]) == "17 3 * * *")
        #expect(Crontab.schedule(inJobFile: ["schedule: null", "timeout: 1h"]) == nil)
    }

    @Test(
        "A bad line is refused",
        arguments: [
            "* * * * cygni", "60 * * * * cygni", "* 24 * * * cygni", "* * 0 * * cygni", "* * * 13 * cygni",
            "* * * * 8 cygni",
            "5-1 * * * * cygni", "*/0 * * * * cygni", "5/2 * * * * cygni", "1,,2 * * * * cygni", "a * * * * cygni",
            "0 1 * * * cygni --since $(date +%F)",
        ]
    )
    func badLine(line: String) {
        #expect(throws: Crontab.Malformed.self) { try Crontab.entries(in: [line]) }
    }
}
