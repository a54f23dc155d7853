import JobBook
import Testing

@testable import PlatformAPI

@Suite struct RunRecordTests {
    @Test func theEndOfALogBeginsWithALine() {
        let line = String(repeating: "ü", count: 50) + "\n"
        let text = String(repeating: line, count: 1000)
        let end = RunRecord.end(of: text)
        #expect(end.utf8.count <= RunRecord.shown && end.utf8.count > RunRecord.shown - line.utf8.count)
        #expect(end.hasPrefix(line) && text.hasSuffix(end))
        #expect(RunRecord.end(of: line) == line)
        #expect(RunRecord.end(of: String(repeating: "x", count: RunRecord.shown + 1)).isEmpty)
    }

    @Test func eventsHaveALineEach() {
        #expect(LogTail.event("log", "a\nb\r\nc\n", id: 7) == "id: 7\nevent: log\ndata: a\ndata: b\ndata: c\n\n")
        #expect(LogTail.event("end", "") == "event: end\ndata:\n\n")
    }

    /// Each row: the newest run's state, acknowledged, late, paused.
    @Test(
        arguments: [
            (nil, false, false, false, JobStanding.new), (nil, false, true, false, .late),
            ("succeeded", false, false, false, .fine),
            ("succeeded", false, true, false, .late), ("failed", false, true, true, .failing),
            ("failed", true, false, false, .fine),
            ("lost", true, true, false, .late), ("partial", false, false, false, .failing),
            ("running", false, true, true, .running),
            ("succeeded", false, true, true, .paused),
        ] as [(String?, Bool, Bool, Bool, JobStanding)]
    )
    func howAJobStands(state: String?, seen: Bool, late: Bool, paused: Bool, expected: JobStanding) {
        #expect(JobStanding(state: state, isAcknowledged: seen, isLate: late, isPaused: paused) == expected)
    }

    @Test func troubleComesFirst() {
        #expect(JobStanding.allCases.sorted().prefix(2) == [.failing, .late])
        #expect(JobStanding.fine > .paused && JobStanding.failing < .late)
    }

    @Test func whatAJobToldWhenItDidNotStart() {
        let report = #"{"job":"x","reason":"job 'x' runs elsewhere","errors":["a","b"]}"#
        #expect(
            JobStarter.words(.init(status: 75, output: report), "x")
                == "x ended with status 75: job 'x' runs elsewhere; a; b"
        )
        #expect(
            JobStarter.words(.init(status: 137, output: "{\"jo"), "x")
                == "x ended with status 137; the server's log may tell why"
        )
    }
}
