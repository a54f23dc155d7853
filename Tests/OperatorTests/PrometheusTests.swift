import CygniIntake
import FoundationEssentials
import Testing

@testable import Operator

@Suite struct PrometheusTests {
    private func series(_ line: String, _ labels: PrometheusSeries.Labels = .all) throws -> String {
        try withBytes(line) { bytes in
            var series = PrometheusSeries(labels)
            var cursor = TextCursor(bytes)
            try series.take(&cursor)
            return series.name.text
        }
    }

    @Test(
        arguments: [
            ("up 1", "up"), ("a:b_c9{} 1", "a:b_c9"), (#"x{b="2",a="1"} 1"#, #"x{a="1",b="2"}"#),
            (#"x { b = "2" , a="1", } 1"#, #"x{a="1",b="2"}"#), (#"x{le="+Inf"} 1"#, #"x{le="+Inf"}"#),
            (#"x{p="a\"b\\",q="}"} 1"#, #"x{p="a\"b\\",q="}"}"#),
            (#"{"http.requests",a="1"} 1"#, #"http.requests{a="1"}"#),
        ]
    ) func labelsAreFoldedInOrder(line: String, expected: String) throws {
        #expect(try series(line) == expected)
    }

    @Test func onlyLabelsThatAreWantedStay() throws {
        let line = #"x{b="2",a="1",c="3"} 1"#
        #expect(try series(line, .only(["c", "a"])) == #"x{a="1",c="3"}"#)
        #expect(try series(line, .only([])) == "x")
    }

    @Test(
        arguments: [
            "", "{} 1", #"x{a="1""#, #"x{a=1} 1"#, #"x{a="1" b="2"} 1"#, #"x{a="1",a="2"} 1"#, #"x{="1"} 1"#, "9x 1",
            #"x{a="\"#,
            #"x{"y"} 1"#, #"x{a="1"#,
        ]
    ) func otherSeriesAreRefused(line: String) {
        #expect(refusal { _ = try series(line) } != nil)
    }

    private func run(_ text: String) throws -> DryRun {
        try DryRun(Data(text.utf8)) { places, days in
            let encoder = SampleEncoder(defaults: .init(tenant: "a", project: "p"), places: places, days: days)
            return PrometheusSamples(encoder, labels: .all, now: 1_795_317_420_000_000)
        }
    }

    @Test func anExpositionIsRead() throws {
        let text = """
            # HELP up Whether it is up.
            # TYPE up gauge
            up 1
            temp{room="a b"} -3.5 1795317420123
            hist_bucket{le="+Inf"} 7 1795317420.123 # {trace_id="x"} 0.5
              spaced\t+Inf
            nan NaN
            # EOF
            """
        let run = try run(text)
        #expect((run.rows, run.rejected) == (5, 0))
    }

    @Test(arguments: ["up", "up x", "up 1 2 3", "up 1 yesterday", "up{"])
    func badLinesAreRejected(line: String) throws {
        let run = try run(line + "\n")
        #expect((run.rows, run.rejected) == (0, 1))
    }

    @Test func aSeriesWithTooManyLabelsTellsTheWayOut() throws {
        let run = try run("x{a=\"\(String(repeating: "y", count: 300))\"} 1\n")
        #expect(run.rejects.contains("--label NAME"))
    }
}
