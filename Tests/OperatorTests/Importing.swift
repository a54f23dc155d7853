import ArgumentParser
import CygniIntake
import CygniPostgres
import CygniTestSupport
import FoundationEssentials

@testable import Operator

/// Flags of an import, as the command line has them.
func importOptions(_ arguments: [String]) throws -> ImportOptions {
    try ImportOptions.parse(arguments)
}

extension TestDatabase {
    /// A connection as the tool opens it.
    func connectAsJobs() async throws -> Connection {
        var options = options(role: "cygni_owner")
        options.role = "cygni_jobs"
        return try await Connection.open(options)
    }

    /// One value of a query without binds.
    func value<Value: PostgresDecodable & Sendable>(_ sql: String, as type: Value.Type = Value.self) async throws
        -> Value
    {
        try await connect().access { session in
            try session.query(Statement("value", "SELECT (\(sql)) AS value"))[0].get("value", as: type)
        }
    }

    /// Imports a text of samples as `cygni import metrics` does.
    ///
    /// - Parameter isWritten: the text is in its file already, and that must not change.
    func importSamples(
        _ text: String,
        format: MetricFormat = .csv(delimiter: byte(",")),
        flags: [String] = ["--tenant", "acme", "--project", "shop", "--create"],
        metric: String? = "m",
        in folder: TemporaryFolder,
        isWritten: Bool = false
    ) async throws -> ImportReport {
        let file = isWritten ? folder.file("input") : try folder.write(text, to: "input")
        let options = try importOptions([file] + flags)
        let input = try InputFile(path: file)
        return try await Import(input: input, table: .samples, options: options, shape: [metric ?? ""])
            .run(connectAsJobs()) { places, now in
                let defaults = SampleEncoder.Defaults(tenant: options.tenant, project: options.project, metric: metric)
                let days = DayRegister(limit: options.maxDays)
                let encoder = SampleEncoder(defaults: defaults, places: places, days: days)
                switch format {
                case .csv(let delimiter):
                    return CSVSamples(encoder, delimiter: delimiter, known: [.tenant, .project, .metric])
                case .json: return JSONSamples(encoder)
                case .prometheus: return PrometheusSamples(encoder, labels: .all, now: now)
                }
            }
    }
}
