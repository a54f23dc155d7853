import ArgumentParser
import CygniCommand
import CygniModel
import CygniPostgres

/// `cygni sample`.
struct SampleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sample",
        abstract: "Load a sample platform, sample this machine, show what is there.",
        subcommands: [SampleLoadCommand.self, SampleHostCommand.self, SampleSummaryCommand.self]
    )
}

/// `cygni sample load`.
struct SampleLoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Load 12 tenants with two weeks of metrics and logs; a second time only what is new.",
        discussion: """
            Deterministic: the same minute has the same values whenever it is loaded.
            Meant for a database of its own.

            EXAMPLES
              cygni sample load
              cygni sample load --output json
            """
    )

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let surroundings = Surroundings.current()
        try await ToolFailure.reported(surroundings, output.format) {
            let connection = try await database.connect(surroundings)
            let now = try await connection.now()
            let progress = ProgressLine()
            let added = try await SampleLoad(connection).run(now: now) { share in
                progress.show("loading the sample platform: \(Int(share * 100)) %")
            }
            progress.clear()
            surroundings.show(output.format == .json ? added.json.text : added.text)
            return .success
        }
    }
}

extension SampleLoad.Added {
    var json: JSONValue {
        .object([
            ("deployments", .integer(deployments)), ("domains", .integer(domains)),
            ("late_samples", .integer(lateSamples)),
            ("log_lines", .integer(lines)), ("projects", .integer(projects)), ("samples", .integer(samples)),
            ("tenants", .integer(tenants)),
        ])
    }

    var text: String {
        guard self != SampleLoad.Added() else {
            return "the sample platform is there up to the last full hour: nothing to load\n"
        }
        var text = ""
        if tenants > 0 {
            text += "made \(tenants.counted("tenant")) with \(projects.counted("project")), "
            text += "\(deployments.counted("deployment")) and \(domains.counted("domain"))\n"
        }
        text += "loaded \(samples.counted("sample")) (\(lateSamples.grouped) of them a day late)"
        return text + " and \(lines.counted("log line"))\n"
    }
}
