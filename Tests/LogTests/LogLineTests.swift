import CygniLog
import CygniModel
import Foundation
import Logging
import Testing

@Suite struct LogLineTests {
    /// Logs one event and returns what was written, line breaks included.
    private func logged(_ format: LogFormat, _ body: (Logger) -> Void) throws -> String {
        let path = "\(FileManager.default.temporaryDirectory.path)/\(UUID().uuidString).log"
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let file = try #require(FileHandle(forWritingAtPath: path))
        body(.standardError(label: "test", format: format, output: LineOutput(descriptor: file.fileDescriptor)))
        return try String(contentsOfFile: path, encoding: .utf8)
    }

    @Test func jsonHasItsPlaces() throws {
        let line = try logged(.json) { logger in
            var logger = logger
            logger[.job] = "list-job"
            logger[.runID] = "4711"
            logger.warning("item failed", metadata: .init([.item: "a", .rows: "3"]))
        }
        let time = #/"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",/#
        #expect(line.firstMatch(of: time) != nil)
        #expect(
            line.replacing(time, with: "")
                == #"{"level":"warning","job":"list-job","run_id":"4711","message":"item failed","metadata":{"item":"a","rows":"3"}}"#
                + "\n"
        )
    }

    @Test func textIsForAPerson() throws {
        let line = try logged(.text) { logger in
            var logger = logger
            logger[.runID] = "4711"
            logger.info("item failed", metadata: .init([.item: "a b", .rows: "3"]))
        }
        #expect(line.wholeMatch(of: #/\d\d:\d\d:\d\d INFO     item failed item="a b" rows=3\n/#) != nil, "\(line)")
    }

    @Test(arguments: LogFormat.allCases)
    func staysOnOneLine(format: LogFormat) throws {
        let line = try logged(format) { logger in
            logger.info("first\nsecond\u{1B}[2J", metadata: ["item": "x\r\ny\u{2028}z\u{9B}"])
        }
        #expect(line.unicodeScalars.filter(\.mustBeEscaped).map(\.value) == [10])
    }

    @Test(arguments: LogFormat.allCases)
    func hidesSecrets(format: LogFormat) throws {
        let line = try logged(format) { logger in
            logger.info(
                "connecting to postgresql://someone:hunter2@db.test:5432/cygni?x=1",
                metadata: [
                    "db_password": "hunter2", "api_token": "hunter2", "client_secret": "hunter2",
                    "url": "https://hunter2@example.test/a and host=x password='hunter2 x' y",
                    "nested": ["password": "hunter2", "list": ["postgres://a:hunter2@h/"]],
                    "value": .stringConvertible(Secret("hunter2")),
                ]
            )
        }
        #expect(!line.contains("hunter2"), "\(line)")
        #expect(line.contains("postgresql://db.test:5432/cygni?x=1") && line.contains("https://example.test/a"))
    }

    @Test func levelsBelowTheChosenOneAreSilent() throws {
        #expect(try logged(.text) { $0.debug("no") } == "")
    }

    @Test func aFullDiskIsQuiet() throws {
        let full = try #require(FileHandle(forWritingAtPath: "/dev/full"))
        let output = LineOutput(descriptor: full.fileDescriptor)
        Logger.standardError(label: "test", format: .json, output: output).error("nobody hears this")
    }
}
