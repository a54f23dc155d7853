import CygniModel

/// The summary for a person, as wide as the terminal.
struct SummaryText {
    let facts: SummaryFacts
    let style: TextStyle

    var text: String {
        [loaded, runs, slowest, relations, next].filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private func heading(_ text: String) -> String { style.color ? "\u{1B}[1m\(text)\u{1B}[0m\n" : "\(text)\n" }
    private func faint(_ text: String) -> String { style.color ? "\u{1B}[2m\(text)\u{1B}[0m" : text }

    private var loaded: String {
        var text = heading("What is there")
        text += "  \(facts.tenants.counted("tenant")), \(facts.projects.counted("project")), "
        text += "\(facts.deployments.counted("deployment")), \(facts.domains.counted("domain"))\n"
        var table = TextTable(["source", "samples", "log lines", "from", "to"], rightAligned: [1, 2])
        for source in facts.sources.prefix(10) where source.samples + source.lines > 0 {
            let name = source.tenants > 1 ? "\(source.name) (\(source.tenants) tenants)" : source.name
            table.add([
                name, source.samples.grouped, source.lines.grouped, source.first.map(Self.day) ?? "",
                source.last.map(Self.day) ?? "",
            ])
        }
        text += table.text(indent: 2, width: style.width, heading: faint)
        let more = facts.sources.dropFirst(10).count
        return text + (more > 0 ? "  and \(more.counted("more tenant"))\n" : "")
    }

    private var runs: String {
        guard !facts.rollups.isEmpty else {
            return heading("Roll-up") + "  it has not run yet: cygni-metrics-rollup\n"
        }
        var text = heading("What the last runs of the roll-up did")
        for run in facts.rollups {
            let took = run.finishedAt.map { ($0 - run.startedAt).brief } ?? "running"
            let counts = run.counts.isEmpty ? "nothing to do" : run.counts
            text += TextTable.wrapped(
                "  \(Self.minute(run.startedAt))  \(run.state), \(took): ",
                counts,
                width: style.width
            )
        }
        return text
    }

    private var slowest: String {
        guard !facts.slowest.isEmpty else { return "" }
        var text = heading("The slowest, by p99 over the last two weeks")
        let numbers = facts.slowest.map { [Self.short($0.p50), Self.short($0.p95), Self.short($0.p99)] }
        let numberColumns = ["p50", "p95", "p99"]
        var table = TextTable(
            ["tenant", "metric"] + numberColumns + ["p95 by hour, last 3 days"],
            rightAligned: [2, 3, 4]
        )
        let columns = SeriesColumns(
            room: style.width - TextTable.width(of: numbers, headings: numberColumns) - 4,
            tenant: (facts.slowest.map(\.tenant.count) + ["tenant".count]).max() ?? 0,
            metric: (facts.slowest.map(\.metric.count) + ["metric".count]).max() ?? 0
        )
        for (index, series) in facts.slowest.enumerated() {
            let names = [
                TextTable.cut(series.tenant, columns.tenant, unicode: style.unicode),
                TextTable.cut(series.metric, columns.metric, unicode: style.unicode),
            ]
            table.add(
                names + numbers[index] + [Sparkline.draw(series.hourly, width: columns.chart, unicode: style.unicode)]
            )
        }
        text += table.text(indent: 2, width: style.width, heading: faint)
        return text
    }

    private var relations: String {
        guard !facts.relations.isEmpty else { return "" }
        var text = heading("Materialized views")
        for level in ["1m", "1h", "1d"] {
            let states = facts.relations.filter { $0.level == level }
            guard !states.isEmpty else { continue }
            let parts = states.map { "\($0.count.grouped) \($0.state)" }.joined(separator: ", ")
            let bytes = states.reduce(0) { $0 + $1.bytes }
            text += "  metrics_\(level): \(parts) (\(Self.size(bytes)))\n"
        }
        return text
    }

    private var next: String {
        var text = heading("What to try next")
        for (command, what) in Self.suggestions {
            text += "  \(command)\n      \(faint(what))\n"
        }
        return text
    }

    private static let suggestions = [
        // sql-here: shown to a person, never run
        (". .cygni/env && psql \"$DATABASE_URL\"", "look around: SELECT * FROM cygni.metrics_1d LIMIT 10;"),
        (
            "cygni import metrics FILE --tenant acme --project shop --create",
            "your own samples: CSV, JSON lines, Prometheus"
        ),
        ("cygni-metrics-rollup --dry-run", "what the next roll-up would do, and why"),
        ("cygni audit verify", "that nobody has touched the audit log"),
        ("cygni config explain database.url", "what a setting means"),
    ]

    private static func day(_ moment: Timestamp) -> String { String(moment.rfc3339.prefix(10)) }

    /// `2026-11-22 03:17`.
    private static func minute(_ moment: Timestamp) -> String {
        String(moment.rfc3339.prefix(16)).replacing("T", with: " ")
    }

    /// Three digits that count.
    static func short(_ value: Double) -> String {
        guard value.isFinite else { return "\(value)" }
        let size = abs(value)
        if size >= 1e6 || (size < 0.001 && size > 0) { return Self.scientific(value) }
        let places = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3
        return fixed(value, places)
    }

    private static func scientific(_ value: Double) -> String {
        var exponent = 0
        var size = value
        while abs(size) >= 10 {
            size /= 10
            exponent += 1
        }
        while abs(size) < 1 {
            size *= 10
            exponent -= 1
        }
        return "\(fixed(size, 1))e\(exponent)"
    }

    private static func fixed(_ value: Double, _ places: Int) -> String {
        let scale = [1.0, 10, 100, 1000][places]
        let whole = Int((abs(value) * scale).rounded())
        let sign = value < 0 && whole > 0 ? "-" : ""
        guard places > 0 else { return sign + whole.grouped }
        let digits = String(whole % Int(scale))
        return sign + (whole / Int(scale)).grouped + "." + String(repeating: "0", count: places - digits.count) + digits
    }

    private static func size(_ bytes: Int) -> String {
        if bytes < 10_000_000 { return "\((bytes / 1000).grouped) kB" }
        return "\((bytes / 1_000_000).grouped) MB"
    }
}
