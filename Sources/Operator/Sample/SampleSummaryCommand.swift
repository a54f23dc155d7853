import ArgumentParser
import CygniCommand
import CygniModel
import CygniPostgres

/// `cygni sample summary`.
struct SampleSummaryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "summary",
        abstract: "Show what is loaded, what the roll-up did, and the slowest percentiles.",
        discussion: """
            As wide as the terminal; without colour under NO_COLOR, in ASCII where the
            locale is not UTF-8.

            EXAMPLES
              cygni sample summary
              cygni sample summary --output json
            """
    )

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let surroundings = Surroundings.current()
        try await ToolFailure.reported(surroundings, output.format) {
            let connection = try await database.connect(surroundings)
            let now = try await connection.now()
            let facts = try await connection.transaction(.snapshot) { try SummaryFacts.read(now: now, $0) }
            let text = SummaryText(facts: facts, style: TextStyle(surroundings)).text
            surroundings.show(output.format == .json ? facts.json.text : text)
            return .success
        }
    }
}

extension SummaryFacts {
    var json: JSONValue {
        .object([
            ("tenants", .integer(tenants)), ("projects", .integer(projects)), ("deployments", .integer(deployments)),
            ("domains", .integer(domains)),
            (
                "sources",
                .array(
                    sources.map { source in
                        .object([
                            ("name", .string(source.name)), ("tenants", .integer(source.tenants)),
                            ("samples", .integer(source.samples)), ("log_lines", .integer(source.lines)),
                            ("from", .optional(source.first?.rfc3339)), ("to", .optional(source.last?.rfc3339)),
                        ])
                    }
                )
            ),
            (
                "slowest",
                .array(
                    slowest.map { series in
                        .object([
                            ("tenant", .string(series.tenant)), ("metric", .string(series.metric)),
                            ("p50", .number(series.p50)), ("p95", .number(series.p95)), ("p99", .number(series.p99)),
                            ("samples", .integer(series.count)),
                        ])
                    }
                )
            ),
            (
                "relations",
                .array(
                    relations.map { relations in
                        .object([
                            ("level", .string(relations.level)), ("state", .string(relations.state)),
                            ("relations", .integer(relations.count)), ("bytes", .integer(relations.bytes)),
                        ])
                    }
                )
            ),
        ])
    }
}
