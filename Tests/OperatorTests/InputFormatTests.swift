import CygniTestSupport
import FoundationEssentials
import Testing

@testable import Operator

@Suite struct InputFormatTests {
    private func input(_ data: Data) throws -> (InputFile, TemporaryFolder) {
        let folder = try TemporaryFolder()
        return (try InputFile(path: folder.write(data, to: "input")), folder)
    }

    @Test(
        arguments: [
            ("timestamp,value\n1,2\n", MetricFormat.csv(delimiter: 44)), ("\n\u{FEFF}ts;value", nil),
            ("\"ts\";\"value\"\n", .csv(delimiter: 59)), ("ts\tvalue\n", .csv(delimiter: 9)), ("  {\"ts\":1}\n", .json),
            ("# HELP x y\n", .prometheus), ("up 1\n", .prometheus), ("up{a=\"b\"} 1 1795317420123", .prometheus),
            ("{\"a.b\",c=\"d\"} 1\n", .prometheus), ("hello world\n", nil), ("1,2\n3,4\n", nil), ("", nil),
        ]
    ) func metricsAreTold(text: String, expected: MetricFormat?) throws {
        let (file, folder) = try input(Data(text.utf8))
        try InputFormat.checkText(file)
        #expect(try InputFormat.ofMetrics(file) == expected)
        _ = folder
    }

    @Test func aByteOrderMarkIsSteppedOver() throws {
        let (file, folder) = try input(Data("\u{FEFF}ts,value\n".utf8))
        try InputFormat.checkText(file)
        #expect(try InputFormat.ofMetrics(file) == .csv(delimiter: 44))
        _ = folder
    }

    @Test(
        arguments: [
            (Data([0x1F, 0x8B, 8, 0]), "zcat"), (Data([0x28, 0xB5, 0x2F, 0xFD]), "zstdcat"),
            (Data([0xFF, 0xFE, 0x61, 0]), "iconv"),
            (Data((0..<4096).map { UInt8($0 & 3) }), "binary"),
        ]
    ) func whatIsNoTextIsRefused(data: Data, way: String) throws {
        let (file, folder) = try input(data)
        #expect(refusal { try InputFormat.checkText(file) }?.contains(way) == true)
        _ = folder
    }

    @Test func missingFilesAndFoldersAreNamed() {
        #expect(
            refusal { _ = try InputFile(path: "/nowhere/x.csv") }
                == "failed to read '/nowhere/x.csv': No such file or directory"
        )
        #expect(refusal { _ = try InputFile(path: "/tmp") } == "failed to read '/tmp': Is a directory")
    }

    @Test func aJSONArrayTellsTheWayOut() throws {
        let (file, folder) = try input(Data("[{}]".utf8))
        try InputFormat.checkText(file)
        #expect(refusal { _ = try InputFormat.ofMetrics(file) }?.contains("jq -c '.[]'") == true)
        _ = folder
    }
}
