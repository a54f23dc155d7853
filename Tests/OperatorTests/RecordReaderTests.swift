import CygniIntake
import CygniTestSupport
import FoundationEssentials
import Testing

@testable import Operator

@Suite struct RecordReaderTests {
    private func records(_ input: Data, delimiter: UInt8? = nil) throws -> [String] {
        let folder = try TemporaryFolder()
        let file = try InputFile(path: folder.write(input, to: "input"))
        var reader = RecordReader(file, delimiter: delimiter)
        var found: [String] = []
        while let piece = try reader.next() {
            switch piece {
            case .record(let bytes, let isOpen): found.append("\(reader.line):\(bytes.text)\(isOpen ? " (open)" : "")")
            case .excess(let bytes, let isFirst):
                if isFirst { found.append("\(reader.line):excess") }
                #expect(bytes.count <= 4 * RecordReader.recordLimit)
            }
        }
        return found
    }

    @Test(
        arguments: [
            ("", []), ("\n", ["1:"]), ("a", ["1:a"]), ("a\n", ["1:a"]), ("a\r\nb\n\nc", ["1:a", "2:b", "3:", "4:c"]),
            ("\r\n", ["1:"]), ("a\"b\nc", ["1:a\"b", "2:c"]),
        ]
    ) func linesAreCut(text: String, expected: [String]) throws {
        #expect(try records(Data(text.utf8)) == expected)
    }

    @Test(
        arguments: [
            ("a,\"b\nc\",d\ne", ["1:a,\"b\nc\",d", "3:e"]), ("\"a\"\"\n\",b\nc", ["1:\"a\"\"\n\",b", "3:c"]),
            ("a\"b\nc", ["1:a\"b", "2:c"]), ("x,\"never closed\ny\nz", ["1:x,\"never closed (open)", "2:y", "3:z"]),
            ("\"a\r\nb\",c\r\nd", ["1:\"a\r\nb\",c", "3:d"]), ("a,\n\"b", ["1:a,", "2:\"b (open)"]),
        ]
    ) func quotesHoldLinesTogether(text: String, expected: [String]) throws {
        #expect(try records(Data(text.utf8), delimiter: byte(",")) == expected)
    }

    @Test func aLineBeyondTheLimitComesInPieces() throws {
        let long = String(repeating: "x", count: 10_000_000)
        let atLimit = String(repeating: "y", count: RecordReader.recordLimit)
        let found = try records(Data("a\n\(long)\n\(atLimit)\nb".utf8))
        #expect(found.map { $0.prefix(12) } == ["1:a", "2:excess", "3:yyyyyyyyyy", "4:b"])
    }

    @Test func anOpenQuoteCostsOneLineOnly() throws {
        let lines = String(repeating: "1,2,3\n", count: 400_000)
        let found = try records(Data("a,\"b\n\(lines)".utf8), delimiter: byte(","))
        #expect(found.count == 400_001)
        #expect(found.first == "1:a,\"b (open)")
    }
}
