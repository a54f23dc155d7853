import CygniIntake
import FoundationEssentials
import Testing

@testable import Operator

/// Pieces of every format thrown together: whatever comes of it, each line is taken or rejected, and none crashes.
@Suite struct HostileInputTests {
    private static let pieces: [[UInt8]] =
        [
            "ts", "value", ",", ",", ";", "\"", "\"\"", "\n", "\r\n", "{", "}", "[", ":", "=", "\\", "\\u12", "#",
            "#rejected line ", "NaN",
            "-1e5", "1795317420", "2026-11-22T03:17:00Z", "1e999", "name", "a=\"b\"", " ", "\t", "é",
            "{\"ts\":1,\"value\":2}",
        ].map { Array($0.utf8) } + [[0], [0xFF], [0xC3], [0x80, 0x80]]

    private func input() -> Data {
        var data = Data("ts,value\n".utf8)
        for _ in 0..<20_000 { data.append(contentsOf: Self.pieces.randomElement() ?? []) }
        return data
    }

    private func encoder(_ places: PlaceDirectory, _ days: DayRegister) -> SampleEncoder {
        SampleEncoder(defaults: .init(tenant: "acme", project: "shop", metric: "m"), places: places, days: days)
    }

    @Test(arguments: 0..<5) func nothingCrashesCSV(_: Int) throws {
        let run = try DryRun(input()) { places, days in
            CSVSamples(encoder(places, days), delimiter: byte(","), known: [.tenant, .project, .metric])
        }
        #expect(run.rejected > 0)
    }

    @Test(arguments: 0..<5) func nothingCrashesJSON(_: Int) throws {
        let run = try DryRun(input()) { places, days in JSONSamples(encoder(places, days)) }
        #expect(run.rejected > 0)
    }

    @Test(arguments: 0..<5) func nothingCrashesPrometheus(_: Int) throws {
        let run = try DryRun(input()) { places, days in
            PrometheusSamples(encoder(places, days), labels: .all, now: 1_795_317_420_000_000)
        }
        #expect(run.rejected > 0)
    }

    /// What is cut off anywhere is still told from what is whole.
    @Test func everyPrefixIsTakenOrRejected() throws {
        let whole = "ts,value,metric\n\"2026-11-22T03:17:00Z\",\"1\",\"a\"\"b\"\n1795317420,-Inf,é\n"
        for length in 16..<whole.utf8.count {
            let run = try DryRun(Data(whole.utf8.prefix(length))) { places, days in
                CSVSamples(encoder(places, days), delimiter: byte(","), known: [.tenant, .project])
            }
            #expect(run.rows + run.rejected <= 2)
        }
    }
}
