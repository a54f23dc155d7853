import CygniModel
import Testing

@testable import Operator

@Suite struct SummaryTests {
    @Test func sparklinesFitTheirWidth() {
        #expect(Sparkline.draw([11, 12, 13, 14, 15, 16, 17, 18], width: 8, unicode: true) == "▁▂▃▄▅▆▇█")
        #expect(Sparkline.draw([1, 1, 9, 1, 1, 1], width: 3, unicode: true) == "▁█▁")
        #expect(Sparkline.draw([0, .nan, 10], width: 10, unicode: false) == "_ @")
        #expect(Sparkline.draw([4, 4], width: 10, unicode: true) == "▅▅")
        #expect(Sparkline.draw([1, 2, 4, 8, 16, 32, 64, 128], width: 8, unicode: true) == "▁▂▃▄▅▆▇█")
        #expect(Sparkline.draw([], width: 10, unicode: true) == "")
        #expect(Sparkline.draw([.nan], width: 10, unicode: true) == "")
        #expect(Sparkline.draw([1, 2], width: 0, unicode: true) == "")
    }

    @Test(
        arguments: [
            (0, "0.000"), (1.5, "1.50"), (12.34, "12.3"), (123.6, "124"), (1234.5, "1,235"), (2_500_000, "2.5e6"),
            (-0.5, "-0.500"),
            (0.00012, "1.2e-4"), (Double.nan, "nan"),
        ]
    ) func numbersAreShort(value: Double, expected: String) {
        #expect(SummaryText.short(value) == expected)
    }

    private var facts: SummaryFacts {
        let start = Timestamp(seconds: 1_795_317_420)
        var facts = SummaryFacts()
        (facts.tenants, facts.projects, facts.deployments, facts.domains) = (13, 20, 171, 57)
        facts.sources = [
            .init(
                name: "sample platform",
                tenants: 12,
                samples: 1_234_567,
                lines: 100_000,
                first: start,
                last: start + .days(14)
            ),
            .init(name: "this-machine\u{1B}[2J", tenants: 1, samples: 65, lines: 0, first: start, last: start),
        ]
        facts.rollups = [
            .init(state: "succeeded", startedAt: start, finishedAt: start + .seconds(12), counts: "buckets 1, rows 2")
        ]
        facts.slowest = [
            .init(
                tenant: "acme",
                metric: "http_request_duration_ms",
                p50: 42,
                p95: 120.5,
                p99: 1234,
                count: 9,
                hourly: (0..<72).map { Double($0) }
            )
        ]
        facts.relations = [.init(level: "1m", state: "open", count: 3, bytes: 12_000_000)]
        return facts
    }

    @Test(arguments: [40, 80, 200]) func noLineIsWiderThanTheTerminal(width: Int) {
        let text = SummaryText(facts: facts, style: TextStyle(width: width, color: false, unicode: true)).text
        let tables = text.split(separator: "\n").filter { $0.contains("acme  ") || $0.contains("sample platform") }
        #expect(tables.count >= 2)
        #expect(tables.allSatisfy { $0.count <= width })
        #expect(text.contains("█") == (width > 60))
    }

    @Test(arguments: [true, false]) func aLongNameIsCutAndNumbersAreNot(unicode: Bool) {
        var facts = facts
        var long = facts.slowest[0]
        long.metric = "http_request_duration_ms{" + String(repeating: "path=\"/a\",", count: 20) + "}"
        facts.slowest.append(long)
        let text = SummaryText(facts: facts, style: TextStyle(width: 80, color: false, unicode: unicode)).text
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("  acme") }
        #expect(rows.count == 2)
        for row in rows {
            #expect(row.count <= 80)
            #expect(row.contains("  42.0  120  1,234  ") || row.contains("  42.0  121  1,234  "), "\(row)")
            #expect(row.contains(unicode ? "█" : "@"), "\(row)")
        }
        #expect(rows[1].contains(unicode ? "…  " : "...  "), "\(rows[1])")
    }

    @Test func namesAreCutBeforeNumbersAreAtAnyWidth() {
        #expect(SeriesColumns(room: 58, tenant: 6, metric: 24).chart == 24)
        #expect(SeriesColumns(room: 60, tenant: 6, metric: 200) == SeriesColumns(room: 60, tenant: 6, metric: 26))
        for room in 14...200 {
            let columns = SeriesColumns(room: room, tenant: 63, metric: 255)
            let chart = columns.chart > 0 ? columns.chart + 2 : 0
            #expect(columns.tenant + 2 + columns.metric + chart <= room)
        }
    }

    @Test func colourAndUnicodeCanBeLeftOut() {
        let plain = SummaryText(facts: facts, style: TextStyle(width: 120, color: false, unicode: false)).text
        #expect(plain.utf8.allSatisfy { $0 < 0x80 })
        #expect(!plain.contains("\u{1B}"))
        #expect(
            SummaryText(facts: facts, style: TextStyle(width: 120, color: true, unicode: true)).text.contains(
                "\u{1B}[1m"
            )
        )
    }

    @Test func anEmptyDatabaseIsNoProblem() {
        let text = SummaryText(facts: SummaryFacts(), style: TextStyle(width: 80, color: false, unicode: true)).text
        #expect(text.contains("it has not run yet"))
    }
}
