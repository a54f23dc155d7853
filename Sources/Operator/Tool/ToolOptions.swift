import ArgumentParser
import CygniCommand
import CygniConfig
import CygniPostgres

/// The flags of every command that opens the database.
struct DatabaseOptions: ParsableArguments {
    @OptionGroup var config: ConfigOption

    /// Connects as the role of the jobs, which sees all tenants and owns nothing of theirs.
    func connect(_ surroundings: Surroundings) async throws -> Connection {
        let environment = surroundings.environment
        let file = config.path(environment)
        let database = try ConfigLoader.load(SharedSettings.self, file: file, environment: environment).settings
            .database
        var options = ConnectionOptions(database, applicationName: "cygni")
        options.role = database.role
        // Compiling a statement that runs once takes longer than it saves.
        options.settings["jit"] = "off"
        return try await Connection.open(options)
    }
}

/// The flag of every command that reports.
struct OutputOptions: ParsableArguments {
    @Option(name: .customLong("output"), help: "text, for a person, or json: one object on stdout.")
    var format = OutputFormat.text
}
