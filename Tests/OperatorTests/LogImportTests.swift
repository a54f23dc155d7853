import CygniPostgres
import CygniTestSupport
import FoundationEssentials
import Testing

@testable import Operator

@Suite struct LogImportTests {
    private func importLogs(_ text: String, json: Bool, _ database: TestDatabase) async throws -> ImportReport {
        let folder = try TemporaryFolder()
        let file = try folder.write(text, to: "input")
        let options = try importOptions([file, "--tenant", "acme", "--project", "shop", "--create"])
        return try await Import(input: InputFile(path: file), table: .logs, options: options, shape: [])
            .run(database.connectAsJobs()) { places, now in
                let days = DayRegister(limit: 10)
                let encoder = LogEncoder(tenant: "acme", project: "shop", places: places, days: days)
                return json
                    ? JSONLogs(encoder, now: now) : PlainLogs(encoder, now: now, joinsContinuations: true)
            }
    }

    /// The server reads each field's JSON again, so what the scanner lets pass must be JSON to it as well.
    @Test func fieldsAreJSONToTheServerToo() async throws {
        let lines = [
            #"{"ts":"2026-11-22T03:17:00Z","msg":"a\tb \"c\" \ud83d\ude00","n":-1.5E+3,"big":1e1000,"deep":[[[{"x":[]}]]]}"#,
            #"{"ts":"2026-11-22T03:17:01Z","a":1,"a":2,"":null,"é":"\u00e9\\u0000","level":30}"#,
            #"{"ts":"2026-11-22T03:17:02Z","msg":"","sp" : [ 1 , 2 ] , "t":true}"#,
        ]
        try await withDatabase(.migrated) { database in
            let report = try await importLogs(lines.joined(separator: "\n"), json: true, database)
            #expect((report.written.rows, report.rejected) == (3, 0))
            let messages = "SELECT string_agg(message || '/' || level, ',' ORDER BY ts) FROM cygni.log_lines"
            #expect(try await database.value(messages, as: String.self) == "a\tb \"c\" 😀/info,/info,/info")
            let fields = "SELECT fields::text FROM cygni.log_lines ORDER BY ts OFFSET 1 LIMIT 1"
            #expect(try await database.value(fields, as: String.self) == #"{"": null, "a": 2, "é": "é\\u0000"}"#)
        }
    }

    @Test func plainLinesHaveTimeLevelAndMessage() async throws {
        let text = """
            [Sun Dec 04 04:47:44 2005] [error] mod_jk in error state 6
              at line two
            no time of its own: warning: x
            2026-11-22 03:17:00 status installed gcc:amd64
            """
        try await withDatabase(.migrated) { database in
            let report = try await importLogs(text, json: false, database)
            #expect((report.written.rows, report.rejected, report.written.partitions) == (3, 0, 2))
            let all = """
                SELECT string_agg(concat_ws('|', to_char(ts, 'YYYY-MM-DD HH24:MI:SS'), level, message, fields), E'\\n' ORDER BY ts, level)
                FROM cygni.log_lines
                """
            let rows = try await database.value(all, as: String.self)
            #expect(
                rows == """
                    2005-12-04 04:47:44|error|[error] mod_jk in error state 6
                      at line two|{}
                    2005-12-04 04:47:44|warning|no time of its own: warning: x|{}
                    2026-11-22 03:17:00|info|status installed gcc:amd64|{}
                    """
            )
        }
    }

    /// Bytes drawn at random may be refused, but never crash the parsers or reach the server as something it refuses.
    @Test(arguments: [true, false]) func anyBytesAreTakenOrRejected(json: Bool) async throws {
        var random = SystemRandomNumberGenerator()
        let pieces = [
            "{", "}", "\"", ":", ",", "\\u00", "\\", "[", "]", "1e", "-", "2026-11-22 03:17:00 ", "Nov 22 ", "é",
            "\u{0}", "<11>", "\"msg\":",
            "\"ts\":", "null", " ", "\t", "ERROR", "\u{1F600}", "{\"a\":\"x\"}",
        ]
        let lines = (0..<3000).map { _ in
            (0..<Int.random(in: 1...12, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
                .joined()
        }
        try await withDatabase(.migrated) { database in
            let report = try await importLogs("x\n" + lines.joined(separator: "\n"), json: json, database)
            let blank = lines.count { $0.allSatisfy(\.isWhitespace) }
            #expect(report.written.rows + report.rejected <= 3001)
            #expect(json ? report.rejected > 1000 : report.written.rows > 500)
            #expect(report.lines >= 3001 - blank)
        }
    }
}
