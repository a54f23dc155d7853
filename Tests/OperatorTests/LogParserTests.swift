import FoundationEssentials
import Testing

@testable import Operator

@Suite struct LogParserTests {
    @Test(
        arguments: [
            ("[error] mod_jk child workerEnv in error state 6", "error"), ("25746 INFO nova.osapi", "info"),
            ("ts=1 level=warn msg=x", "warning"), (#"level="debug" x"#, "debug"),
            ("host kernel: panic: boom", "critical"),
            ("E: error: no such file", "error"), ("[core:notice] x", "notice"), ("<crit> x", "critical"),
            ("(FATAL) x", "critical"),
            ("WARNING x", "warning"),
        ]
    ) func levelsAreGuessed(line: String, expected: String) {
        #expect(withBytes(line) { LogLevel.guess($0) }?.description == expected)
    }

    @Test(
        arguments: [
            "", "status installed libgpg-error0:amd64", "an error was not seen", "errors.py", "information desk",
            "Information x",
            "the no-error path", "GET /error HTTP/1.1", "INFORMATIONAL", "info",
        ]
    ) func otherLinesStateNone(line: String) {
        #expect(withBytes(line) { LogLevel.guess($0) } == nil)
    }

    private func plain(_ text: String, joins: Bool = false) throws -> DryRun {
        try DryRun(Data(text.utf8)) { places, days in
            let encoder = LogEncoder(tenant: "a", project: "p", places: places, days: days)
            return PlainLogs(encoder, now: 1_795_317_420_000_000, joinsContinuations: joins)
        }
    }

    @Test func continuationsAreJoinedWhenAsked() throws {
        let text = "2026-11-22 03:17:00 boom\n  at a\n\tat b\n2026-11-22 03:17:01 next\n"
        #expect(try plain(text).rows == 4)
        let joined = try plain(text, joins: true)
        #expect(joined.rows == 2)
        #expect(String(decoding: joined.bytes, as: UTF8.self).contains("boom\n  at a\n\tat b"))
    }

    @Test func aMessageWithoutEndIsCut() throws {
        let line = "  " + String(repeating: "x", count: 1000) + "\n"
        let run = try plain("start\n" + String(repeating: line, count: 3000), joins: true)
        #expect((run.rows, run.rejected) == (3, 0))
    }

    private func json(_ text: String) throws -> DryRun {
        try DryRun(Data(text.utf8)) { places, days in
            let encoder = LogEncoder(tenant: "a", project: "p", places: places, days: days)
            return JSONLogs(encoder, now: 1_795_317_420_000_000)
        }
    }

    @Test func otherMembersBecomeFields() throws {
        let line = #"{"@timestamp":"2026-11-22T03:17:00Z","level":40,"msg":"hi\n","a":{"b":[1,2]},"time":"x","c":null}"#
        let run = try json(line + "\n")
        #expect((run.rows, run.rejected) == (1, 0))
        let row = String(decoding: run.bytes, as: UTF8.self)
        #expect(row.contains("warning"))
        #expect(row.contains(#"{"a":{"b":[1,2]},"time":"x","c":null}"#))
        #expect(!row.contains("hi\n"))
    }

    @Test(
        arguments: [
            ("not json", "not a JSON object"), (#"{"ts":"soon","msg":"x"}"#, "time: cannot be read"),
            (#"{"msg":"\u0000"}"#, "which a text cannot hold"), (#"{"msg":"x"}}"#, "something follows the object"),
            (#"{"level":"\#(String(repeating: "l", count: 33))"}"#, "level: is 33 bytes long"),
        ]
    ) func badLinesAreRejected(line: String, reason: String) throws {
        let run = try json(line + "\n" + #"{"msg":"good"}"# + "\n")
        #expect((run.rows, run.rejected) == (1, 1))
        #expect(run.rejects.contains(reason))
    }
}
