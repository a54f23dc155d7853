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
        let connection = try await Connection.open(options)
        try await Self.checkSchema(connection)
        return connection
    }

    /// Refuses a database without the platform's tables, in the words of the jobs.
    static func checkSchema(_ connection: Connection) async throws {
        let statements = StatementFile("platform", PackageResources.platform_sql)
        try await connection.access { session in
            let facts = try session.query(statements["schema"])[0]
            guard try facts.get("is_there", as: Bool.self) else {
                let database: String = try facts.get("database")
                throw ImportError(
                    description: "database '\(database)' has no platform schema: run `cygni-migrate up`",
                    status: .configuration
                )
            }
        }
    }
}

/// The flag of every command that reports.
struct OutputOptions: ParsableArguments {
    @Option(name: .customLong("output"), help: "text, for a person, or json: one object on stdout.")
    var format = OutputFormat.text
}
