import ArgumentParser
import CygniCommand
import CygniConfig
import CygniModel
import JobBook

/// `cygni config explain`.
struct ConfigExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Tell what a key, a section or a file means; without one, list all keys.",
        discussion: """
            EXAMPLES
              cygni config explain
              cygni config explain database.url
              cygni config explain jobs.metrics-rollup.seal_after
            """
    )

    @Argument(help: "As in database.pool, database, shared or jobs.metrics-rollup.schedule.")
    var key: String?

    func run() async throws {
        let surroundings = Surroundings.current()
        try await ToolFailure.reported(surroundings) {
            let catalogue = ConfigCatalogue.platform
            surroundings.show(try key.map { try catalogue.explain($0) } ?? catalogue.overview)
            return .success
        }
    }
}

/// `cygni config print`.
struct ConfigPrintCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "print",
        abstract: "Print the settings in force, defaults included; secrets stay references.",
        discussion: """
            EXAMPLES
              cygni config print
              cygni config print --config /etc/cygni/cygni.yaml
            """
    )

    @OptionGroup var database: DatabaseOptions

    func run() async throws {
        let surroundings = Surroundings.current()
        try await ToolFailure.reported(surroundings) {
            let file = database.config.path(surroundings.environment)
            let outcome = ConfigFiles(shared: file, environment: surroundings.environment).load(.platform)
            guard outcome.faults.isEmpty else {
                for fault in outcome.faults { surroundings.tell(fault) }
                return .configuration
            }
            let documents = outcome.loaded.map { "# \($0.file)\n\($0.yaml)" }
            surroundings.show(documents.joined(separator: "---\n"))
            return .success
        }
    }
}

/// `cygni config schema`.
struct ConfigSchemaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of all configuration files, for editors.",
        discussion: """
            EXAMPLES
              cygni config schema >docs/config.schema.json
            """
    )

    func run() async throws {
        Surroundings.current().show(ConfigCatalogue.platform.jsonSchema)
    }
}
