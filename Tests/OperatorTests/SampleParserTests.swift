import CygniIntake
import FoundationEssentials
import Testing

@testable import Operator

@Suite struct SampleParserTests {
    @Test func csvTakesColumnsByName() throws {
        let run = try DryRun(csv: "Value, Time ,host,TENANT_ID\r\n1.5,2026-11-22T03:17:00Z,\"a,\"\"b\n\",acme\r\n")
        #expect((run.rows, run.rejected, run.lastLine) == (1, 0, 3))
    }

    @Test(
        arguments: [
            ("x,1", "time: cannot be read"), ("2026-11-22,x", "value: not a number: 'x'"),
            ("2026-11-22,", "value: is empty"),
            ("2026-11-22", "1 columns, where the heading has 2"), ("2026-11-22,1,2", "3 columns"),
            (",1", "time: is empty"),
            ("2026-11-22,\"1\"x", "something follows a closing quote"),
            ("2026-11-22,\"1", "a quote is opened and never closed"),
            ("1969-01-01,1", "not from 1970 to 2199"), ("2026-11-22,1\u{0}", "has a NUL byte at byte 13"),
        ]
    ) func aBadLineOfCSVIsKeptWithItsReason(line: String, reason: String) throws {
        let run = try DryRun(csv: "ts,value\n2026-11-21,1\n\(line)\n")
        #expect((run.rows, run.rejected) == (1, 1))
        #expect(run.rejects.hasPrefix("ts,value\n#rejected line 3: "))
        #expect(run.rejects.contains(reason))
        #expect(run.rejects.hasSuffix("\n\(line)\n"))
    }

    @Test func aMendedRejectFileCanBeImported() throws {
        let run = try DryRun(csv: "ts,value\n2026-11-21,1\n2026-11-22,oops\n")
        let again = try DryRun(csv: run.rejects.replacing("oops", with: "2"))
        #expect((again.rows, again.rejected) == (1, 0))
    }

    @Test func linesThatAreInAreSteppedOver() throws {
        let run = try DryRun(csv: "ts,value\n2026-11-21,1\n2026-11-22,bad\n2026-11-23,3\n", afterLine: 3)
        #expect((run.rows, run.rejected, run.lastLine) == (1, 0, 4))
    }

    @Test func invalidUTF8IsRejected() throws {
        let run = try DryRun(Data("ts,value,metric\n2026-11-21,1,a\n2026-11-22,1,".utf8) + [0xFF, 0xFE, 0x0A]) {
            places,
            days in
            let defaults = SampleEncoder.Defaults(tenant: "acme", project: "shop")
            let encoder = SampleEncoder(defaults: defaults, places: places, days: days)
            return CSVSamples(encoder, delimiter: byte(","), known: [.tenant, .project])
        }
        #expect((run.rows, run.rejected) == (1, 1))
    }

    @Test func aHeadingWithoutWhatIsNeededEndsTheImport() {
        #expect(refusal { _ = try DryRun(csv: "a,b\n1,2\n") }?.contains("no column named ts") == true)
        #expect(refusal { _ = try DryRun(csv: "ts,time,value\n") }?.contains("mean the same") == true)
    }

    @Test(
        arguments: [
            (#"{"ts":1795317420,"value":1,"metric":"m","tenant":"a","project":"p"}"#, nil),
            (
                #"{"time":"2026-11-22","value":"NaN","metric":"m\u00e9","tenant_id":"a","project_id":"p","more":{"x":[1]}}"#,
                nil
            ),
            (#"{"ts":1795317420,"value":1,"metric":"m","tenant":"a"}"#, "project: is missing"),
            (#"{"ts":1795317420,"value":null,"metric":"m","tenant":"a","project":"p"}"#, "value: is empty"),
            (
                #"{"ts":1795317420,"value":true,"metric":"m","tenant":"a","project":"p"}"#,
                "value: neither a text nor a number"
            ),
            (#"{"value":1,"metric":"m","tenant":"a","project":"p"}"#, "time: is missing"),
            (#"{"ts":1795317420,"value":1,"metric":"m","tenant":"A B","project":"p"}"#, "tenant: 'a b' is not a slug"),
            (
                #"{"ts":1795317420,"value":1,"metric":"\n","tenant":"a","project":"p"}"#,
                "metric: has a control character"
            ),
            ("[1]", "not a JSON object"), ("null", "not a JSON object"),
        ]
    ) func jsonLinesAreRead(line: String, reason: String?) throws {
        let run = try DryRun(json: line + "\n")
        #expect(run.rows == (reason == nil ? 1 : 0))
        #expect(reason.map { run.rejects.contains($0) } ?? run.rejects.isEmpty, "\(run.rejects)")
    }

    @Test func daysAreBounded() throws {
        let lines = (1...28).map { "2026-02-\($0 < 10 ? "0" : "")\($0),1\n" }.joined()
        let run = try DryRun(Data("ts,value\n\(lines)".utf8), maxDays: 20) { places, days in
            let defaults = SampleEncoder.Defaults(tenant: "acme", project: "shop", metric: "m")
            let encoder = SampleEncoder(defaults: defaults, places: places, days: days)
            return CSVSamples(encoder, delimiter: byte(","), known: [.tenant, .project, .metric])
        }
        #expect((run.rows, run.rejected, run.days.count) == (20, 8, 20))
        #expect(run.rejects.contains("--max-days"))
    }

    @Test func batchesAreCutByRowsAndLinesAddUp() throws {
        let lines = (0..<250_001).map { "\(1_795_317_420 + $0),\($0)\n" }.joined()
        let run = try DryRun(csv: "ts,value\n\(lines)")
        #expect((run.rows, run.rejected, run.lastLine) == (250_001, 0, 250_002))
    }
}
