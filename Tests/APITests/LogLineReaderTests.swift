import CygniArchive
import CygniModel
import Foundation
import Testing

@testable import PlatformAPI

/// Log lines as they come, whoever sends them.
@Suite struct LogLineReaderTests {
    private static let project = UUID(uuidString: "00000000-0000-4000-8000-000000000001")
    private let now = Timestamp(seconds: 1_795_000_000)

    private func read(_ bytes: [UInt8]) throws -> IngestRows {
        let bounds = IngestBounds(now: now, past: .days(1), future: .minutes(1))
        let reader = LogLineReader(bounds: bounds, project: Self.project, deployment: nil)
        return try bytes.withUnsafeBytes { try reader.read($0) }
    }

    @Test func rowsDaysAndOwnersAreCounted() throws {
        let other = "00000000-0000-4000-8000-00000000000A"
        let yesterday = (now - .hours(23)).description
        let text = "{}\r\n\n{\"project_id\":\"\(other)\"}\n{\"ts\":\"\(yesterday)\",\"deployment_id\":null}"
        let rows = try read(Array(text.utf8))
        #expect(rows.count == 3 && rows.owners.count == 2 && rows.days.count == 2)
        #expect(rows.days[(now - .hours(23)).date.daysSinceEpoch] == 2)
        let found = rows.owners.first { $0.key.project == UUID(uuidString: other) }
        #expect(found?.value == 1)
    }

    @Test func timesAtTheBounds() throws {
        func line(_ time: Timestamp) -> [UInt8] { Array("{\"ts\":\"\(time)\"}".utf8) }
        #expect(try read(line(now - .days(1))).count == 1 && read(line(now + .minutes(1))).count == 1)
        #expect(throws: Problem.self) { try read(line(now - .days(1) - .microseconds(1))) }
        #expect(throws: Problem.self) { try read(line(now + .minutes(1) + .microseconds(1))) }
    }

    @Test(arguments: [
        #"{"fields":{"a":1e308,"b":-0.0,"c":0e9,"d":123456789012345678901234567890,"e":"\ud83d\ude00"}}"#,
        #"{"message":"\\u0000"}"#,
    ])
    func whatTheDatabaseTakes(_ line: String) throws {
        #expect(try read(Array(line.utf8)).count == 1)
    }

    @Test(arguments: [
        #"{"fields":{"a":1e309}}"#, #"{"fields":{"a":1e-400}}"#, #"{"fields":{"a":"\ude00"}}"#,
        #"{"fields":{"a":"\ud83dx"}}"#,
        #"{"fields":{"\u0000":1}}"#, #"{"fields":{"a":01}}"#, #"{"message":"\u00"}"#, #"{"message":"a"#, #"{"a"}"#,
        "null", "{}{}", #"{"message":"a","message":"b"}"#, #"{"ts":null}"#,
        #"{"deployment_id":null,"deployment_id":null}"#,
    ])
    func whatItDoesNot(_ line: String) {
        #expect(throws: Problem.self) { try read(Array(line.utf8)) }
    }

    @Test func faultsAreTakenAsFarAsAnAnswerTells() {
        let text = String(repeating: "x\n", count: 5000)
        do {
            _ = try read(Array(text.utf8))
            Issue.record("nothing was wrong")
        } catch {
            #expect((error as? Problem)?.faults.count == 100)
        }
    }

    /// Whatever comes, it is rows or a problem, and never a crash.
    @Test func whateverComes() {
        let pieces =
            [
                "{", "}", "\"", ":", ",", "[", "]", "\"ts\"", "\"message\":", "\"fields\":{", "\\u", "d83d", "1e9",
                "\n", "null", "\u{0}", "é", "\\",
            ].map { Array($0.utf8) } + [[0xff], [0xc3]]
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...12)).flatMap { _ in pieces.randomElement() ?? [] }
            _ = try? read(bytes)
        }
    }

    @Test(arguments: [
        (#""""#, ""), (#""a\"\\\/\b\f\n\r\tb""#, "a\"\\/\u{8}\u{c}\n\r\tb"), (#""\u00e9\u20ac\ud83d\ude00""#, "é€😀"),
        (#""\ud83d""#, "\u{FFFD}"), (#""\ude00x""#, "\u{FFFD}x"),
    ])
    func strings(_ json: String, _ text: String) {
        let bytes = Array(json.utf8).withUnsafeBytes { JSONString.bytes(of: $0) }
        #expect(String(decoding: bytes, as: UTF8.self) == text)
    }
}
