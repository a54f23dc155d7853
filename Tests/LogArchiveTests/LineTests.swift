import CygniArchive
import CygniTestSupport
import Foundation
import Testing

@testable import LogArchive

struct LineTests {
    /// The lines that a file's bytes become.
    private func lines(_ bytes: [UInt8], _ format: FileSettings.Format = .auto, pieces: Int = 7) throws -> [String] {
        var filler = FrameFiller(nil, size: 64 << 20)
        var encoder = LineEncoder(format)
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            try Array(bytes[start..<min(start + pieces, bytes.count)]).withUnsafeBytes {
                try encoder.add($0, to: &filler)
            }
        }
        try encoder.finish(&filler)
        return String(decoding: filler.lines.bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// The bytes that lines become again.
    private func restored(_ lines: [String]) throws -> [UInt8] {
        var bytes: [UInt8] = []
        for line in lines {
            bytes += try Array(line.utf8).withUnsafeBytes { try RestoredFile.bytes(of: $0) } + [10]
        }
        return bytes
    }

    @Test func `random bytes come back as they were, and every line is JSON to another parser`() throws {
        var generator = SystemRandomNumberGenerator()
        let pool: [UInt8] =
            Array(0...255) + Array("{}\":,[]\\ \n\n\nabc\u{e9}\u{1F600}".utf8) + Array(#"{"line":"x"}{"a":1}"#.utf8)
        for _ in 0..<200 {
            var bytes = (0..<Int.random(in: 1...300, using: &generator)).map { _ in
                pool.randomElement(using: &generator) ?? 0
            }
            bytes.append(10)
            let lines = try lines(bytes, pieces: Int.random(in: 1...50))
            for line in lines { _ = try JSONSerialization.jsonObject(with: Data(line.utf8)) }
            #expect(try restored(lines) == bytes)
        }
    }

    @Test func `a huge line is a line`() throws {
        let bytes = [UInt8](repeating: UInt8(ascii: "q"), count: 20 << 20) + [10]
        let lines = try lines(bytes, pieces: 1 << 18)
        #expect(lines.count == 1)
        #expect(try restored(lines) == bytes)
    }

    @Test func `format json refuses what is none, and names the line`() throws {
        #expect(throws: (any Error).self) { try lines(Array("{\"a\":1}\nplain\n".utf8), .json) }
        #expect(try lines(Array("{\"a\":1}\n".utf8), .json) == ["{\"a\":1}"])
        #expect(try lines(Array("{\"a\":1}\n".utf8), .text) == ["{\"line\":\"{\\\"a\\\":1}\"}"])
    }

    @Test(arguments: [
        "{}", "{\"a\":[1,2.5e-3,-0,true,false,null,\"\\u00e9\\n\"]}", " { \"a\" : {} } ", "{\"é\":\"😀\"}",
    ])
    func `JSON objects are known`(text: String) {
        Array(text.utf8).withUnsafeBytes { #expect(JSONCheck.isObject($0)) }
    }

    @Test(arguments: [
        "", "[]", "1", "{", "{}}", "{\"a\"}", "{\"a\":01}", "{\"a\":.5}", "{\"a\":1.}", "{\"a\":+1}", "{a:1}",
        "{\"a\":'x'}",
        "{\"a\":1,}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}", "{\"a\":tru}", "{\"a\":NaN}", "{\"a\":\"\u{1}\"}", "{} x",
        String(repeating: "{\"a\":", count: 1000) + "1" + String(repeating: "}", count: 1000),
    ])
    func `what is no JSON object is known too`(text: String) {
        Array(text.utf8).withUnsafeBytes { #expect(!JSONCheck.isObject($0)) }
    }

    @Test func `UTF-8 is checked as Swift does`() {
        var generator = SystemRandomNumberGenerator()
        let pool: [UInt8] = [
            0x41, 0x7f, 0x80, 0xbf, 0xc0, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0x9f, 0xa0, 0x90, 0x8f,
        ]
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...12, using: &generator)).map { _ in
                pool.randomElement(using: &generator) ?? 0
            }
            let expected = String(validating: bytes, as: UTF8.self) != nil
            bytes.withUnsafeBytes { #expect(UTF8Check.isValid($0) == expected, "\(bytes)") }
        }
    }

    @Test(arguments: [
        ("/var/log/access.log.1", "access.log"), ("/a/access.log.2.gz", "access.log"), ("x.log-20261122.zst", "x.log"),
        ("syslog", "syslog"), ("a.2026-11-22", "a"), ("1", "1"), ("app_3.log.10", "app_3.log"), (".1", ".1"),
    ])
    func `a file keeps its stem through rotations`(path: String, stem: String) {
        #expect(FileStem.of(path) == stem)
    }
}
