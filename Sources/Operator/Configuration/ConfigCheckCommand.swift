import ArgumentParser
import CygniCommand
import CygniConfig
import CygniModel
import FoundationEssentials
import Glibc
import JobBook

/// `cygni config check`.
struct ConfigCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Load every configuration file strictly, and list all faults.",
        discussion: """
            Reads the shared settings and the files of the jobs in the folder jobs
            beside them; opens nothing else. Exit status 78 tells of faults, 3 of a JSON
            Schema that is not current.

            EXAMPLES
              cygni config check
              cygni config check --config /etc/cygni/cygni.yaml
              cygni config check --schema docs/config.schema.json
            """
    )

    @Option(help: ArgumentHelp("Compare only this JSON Schema with what the settings are now.", valueName: "file"))
    var schema: String?

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let surroundings = Surroundings.current()
        try await ToolFailure.reported(surroundings, output.format) {
            if let schema { return try checkSchema(schema, surroundings) }
            let file = database.config.path(surroundings.environment)
            let outcome = ConfigFiles(shared: file, environment: surroundings.environment).load(.platform)
            report(outcome, surroundings)
            return outcome.faults.isEmpty ? .success : .configuration
        }
    }

    private func report(_ outcome: ConfigFiles.Outcome, _ surroundings: Surroundings) {
        guard output.format == .text else {
            let report = JSONValue.object([
                ("files", .array(outcome.loaded.map { .string($0.file) })),
                ("faults", .array(outcome.faults.map(JSONValue.string))),
            ])
            surroundings.show(report.text)
            return
        }
        for fault in outcome.faults { surroundings.tell(fault) }
        guard outcome.faults.isEmpty else {
            surroundings.tell("cygni: \(outcome.faults.count.counted("fault")) in the configuration")
            return
        }
        surroundings.show(outcome.loaded.map { "\($0.file): right\n" }.joined())
    }

    private func checkSchema(_ file: String, _ surroundings: Surroundings) throws -> ExitStatus {
        guard access(file, R_OK) == 0 else { throw ImportError.unreadable(file, errno) }
        let found = try String(contentsOf: URL(filePath: file), encoding: .utf8)
        guard found != ConfigCatalogue.platform.jsonSchema else {
            if output.format == .text { surroundings.show("\(file): current\n") }
            return .success
        }
        surroundings.tell("cygni: \(file) is not current: cygni config schema >\(file)")
        return .pending
    }
}
