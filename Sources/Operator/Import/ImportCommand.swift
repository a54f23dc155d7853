import ArgumentParser
import CygniCommand
import CygniIntake
import CygniModel

/// `cygni import`.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Load metrics or logs from files.",
        discussion: """
            Rows go in by whole batches, so that a killed import leaves nothing half
            done. Lines that cannot be taken are kept word for word in a reject file,
            with their number and the reason; mended, it can be imported itself. Exit
            status 2 tells that some lines were rejected, 1 that all were.
            """,
        subcommands: [ImportMetricsCommand.self, ImportLogsCommand.self]
    )
}

/// `cygni import metrics`.
struct ImportMetricsCommand: AsyncParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case auto, csv, json, prometheus
    }

    static let configuration = CommandConfiguration(
        commandName: "metrics",
        abstract: "Load samples from CSV with a heading, JSON lines or Prometheus' text format.",
        discussion: """
            Columns and keys go by name: ts (or timestamp, time) and value; tenant (or
            tenant_id), project (or project_id) and metric where the flags do not give
            them. Others are left out. Times without a zone are UTC; seconds and
            milliseconds since 1970 are understood. In Prometheus' format the labels
            become part of the series' name.

            EXAMPLES
              cygni import metrics cpu.csv --tenant acme --project shop --create
              cygni import metrics rtt.csv --tenant acme --project shop --metric rtt_ms
              cygni import metrics samples.jsonl --dry-run
              cygni import metrics - --tenant acme --project host --label device <scrape
            """
    )

    @OptionGroup var options: ImportOptions

    @Option(help: ArgumentHelp("The metric of rows that name none.", valueName: "name"))
    var metric: String?

    @Option(help: "auto, csv, json or prometheus.")
    var format = Format.auto

    @Option(
        name: .customLong("label"),
        help: ArgumentHelp("Keep only this label of Prometheus' series; may be given again.", valueName: "name")
    )
    var labels: [String] = []

    @Flag(help: "Keep no label of Prometheus' series.")
    var noLabels = false

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let surroundings = Surroundings.current()
        try await ToolFailure.reported(surroundings, output.format, job: "import-metrics") {
            StopRequest.listen()
            let input = try InputFile(path: options.file)
            try InputFormat.checkText(input)
            let format = try chosenFormat(input)
            let connection = options.dryRun ? nil : try await database.connect(surroundings)
            let report = try await Import(
                input: input,
                table: .samples,
                options: options,
                shape: shape,
                host: surroundings.host
            )
            .run(connection) { places, now in parser(format, places, now) }
            surroundings.show(output.format == .json ? report.json.text : report.text)
            return report.status
        }
    }

    private var shape: [String] {
        [metric ?? "", format.rawValue, noLabels ? "no labels" : labels.joined(separator: ",")]
    }

    private func chosenFormat(_ input: InputFile) throws -> MetricFormat {
        switch format {
        case .json: return .json
        case .prometheus: return .prometheus
        case .csv: return .csv(delimiter: byte(","))
        case .auto:
            if input.unread.trimmed.isEmpty, input.isAtEnd { return .json }
            if let format = try InputFormat.ofMetrics(input) { return format }
            throw ImportError(
                description: """
                    cannot tell the format of '\(input.name)': CSV starts with a heading that names ts (or timestamp, \
                    time) and value; choose with --format csv, json or prometheus
                    """
            )
        }
    }

    private func parser(_ format: MetricFormat, _ places: PlaceDirectory, _ now: Int64) -> any RecordParser {
        let encoder = SampleEncoder(
            defaults: .init(tenant: options.tenant, project: options.project, metric: metric),
            places: places,
            days: DayRegister(limit: options.maxDays)
        )
        switch format {
        case .csv(let delimiter):
            let given: [(SampleKey, String?)] = [
                (.tenant, options.tenant), (.project, options.project), (.metric, metric),
            ]
            return CSVSamples(encoder, delimiter: delimiter, known: Set(given.filter { $0.1 != nil }.map(\.0)))
        case .json:
            return JSONSamples(encoder)
        case .prometheus:
            let kept: PrometheusSeries.Labels = labels.isEmpty && !noLabels ? .all : .only(Set(labels))
            return PrometheusSamples(encoder, labels: kept, now: now)
        }
    }
}

/// `cygni import logs`.
struct ImportLogsCommand: AsyncParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case auto, json, text
    }

    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Load log lines from JSON lines or plain text.",
        discussion: """
            JSON lines: the time from ts, time, timestamp or @timestamp, level, message
            (or msg, log); all other members become the line's fields. Plain text: RFC
            3339, YYYY-MM-DD HH:MM:SS, syslog, Apache's and access logs' times are
            recognised; a line without one has that of the line before. The level is
            guessed. A file that grew since its import is imported whole again, unless
            --after-line tells how many of its lines are in.

            EXAMPLES
              cygni import logs /var/log/dpkg.log --tenant acme --project shop --create
              journalctl -o short-iso | cygni import logs - --tenant acme --project host
              cygni import logs app.log --join-continuations --dry-run
            """
    )

    @OptionGroup var options: ImportOptions

    @Option(help: "auto, json or text.")
    var format = Format.auto

    @Flag(help: "A line that starts with a blank continues the message before it, as in a stack trace.")
    var joinContinuations = false

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let surroundings = Surroundings.current()
        try await ToolFailure.reported(surroundings, output.format, job: "import-logs") {
            StopRequest.listen()
            guard options.dryRun || (options.tenant != nil && options.project != nil) else {
                throw ImportError(
                    description: "log lines name no tenant: add --tenant SLUG --project SLUG",
                    status: .usage
                )
            }
            let input = try InputFile(path: options.file)
            try InputFormat.checkText(input)
            let isJSON = format == .json || (format == .auto && InputFormat.ofLogs(input) == .json)
            let connection = options.dryRun ? nil : try await database.connect(surroundings)
            let report = try await Import(
                input: input,
                table: .logs,
                options: options,
                shape: shape,
                host: surroundings.host
            )
            .run(connection) { places, now in parser(isJSON, places, now) }
            surroundings.show(output.format == .json ? report.json.text : report.text)
            return report.status
        }
    }

    private var shape: [String] { [format.rawValue, joinContinuations ? "join" : ""] }

    private func parser(_ isJSON: Bool, _ places: PlaceDirectory, _ now: Int64) -> any RecordParser {
        let encoder = LogEncoder(
            tenant: options.tenant ?? "any",
            project: options.project ?? "any",
            places: places,
            days: DayRegister(limit: options.maxDays)
        )
        return isJSON
            ? JSONLogs(encoder, now: now) : PlainLogs(encoder, now: now, joinsContinuations: joinContinuations)
    }
}
