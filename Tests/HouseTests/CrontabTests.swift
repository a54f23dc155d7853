import Testing

@Suite("The crontab")
struct CrontabTests {
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
