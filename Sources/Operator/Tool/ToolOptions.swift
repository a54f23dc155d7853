import ArgumentParser
import CygniCommand
import CygniConfig
import CygniJobs
import CygniPostgres
import JobBook

/// The flags of every command that opens the database.
struct DatabaseOptions: ParsableArguments {
    @OptionGroup var config: ConfigOption

    /// The last of the platform's migrations that these commands need.
    private static let requiredMigration = 31

    /// The job's name, when there is such a job.
    func job(_ name: String, _ surroundings: Surroundings) throws -> String {
        let environment = surroundings.environment
        return try ConfigFiles(shared: config.path(environment), environment: environment).knownJobs(.platform)
            .named(name).name
    }

    /// Connects as the role of the jobs, which sees all tenants and owns nothing of theirs.
    func connect(_ surroundings: Surroundings) async throws -> Connection {
        try await connect(surroundings, role: \.role)
    }

    /// Connects as whoever the URL logs in, for what an operator does in their own name.
    func connectAsLogin(_ surroundings: Surroundings) async throws -> Connection {
        try await connect(surroundings, role: { _ in nil })
    }

    /// Connects as a role that the URL's login can act as.
    func connect(_ surroundings: Surroundings, as role: String) async throws -> Connection {
        try await connect(surroundings, role: { _ in role })
    }

    private func connect(_ surroundings: Surroundings, role: (DatabaseSettings) -> String?) async throws -> Connection {
        let environment = surroundings.environment
        let file = config.path(environment)
        let database = try ConfigLoader.load(SharedSettings.self, file: file, environment: environment).settings
            .database
        var options = ConnectionOptions(database, applicationName: "cygni")
        options.role = role(database)
        // Compiling a statement that runs once takes longer than it saves.
        options.settings["jit"] = "off"
        let connection = try await Connection.open(options)
        try await connection.access { session in
            try PlatformSchema.check(needing: Self.requiredMigration, by: "this tool", in: session)
        }
        return connection
    }
}

/// The flag of every command that reports.
struct OutputOptions: ParsableArguments {
    @Option(name: .customLong("output"), help: "text, for a person, or json: one object on stdout.")
    var format = OutputFormat.text
}
