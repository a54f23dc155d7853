import ArgumentParser
import CygniCommand
import CygniConfig
import CygniJobs
import CygniModel
import CygniPostgres

/// Turns what a command threw into words and an exit status, in one place.
enum ToolFailure {
    /// Runs a command's work; what it throws is told on stderr, and where JSON is asked for on stdout too, since who
    /// reads that expects one object however the command ends.
    static func reported(
        _ surroundings: Surroundings,
        _ format: OutputFormat = .text,
        job: String? = nil,
        _ body: () async throws -> ExitStatus
    ) async throws {
        let status: ExitStatus
        do {
            status = try await body()
        } catch {
            guard !(error is ExitCode || error is CleanExit || error is ValidationError) else { throw error }
            let lines = words(for: error).split(separator: "\n").map(String.init)
            for line in lines { surroundings.tell("cygni: \(line)") }
            let status = Self.status(of: error)
            if format == .json { surroundings.show(report(job, status, lines).text) }
            throw ExitCode(status.code)
        }
        if status != .success { throw ExitCode(status.code) }
    }

    private static func report(_ job: String?, _ status: ExitStatus, _ errors: [String]) -> JSONValue {
        let outcome = if case .signal = status { "stopped" } else { "failed" }
        let name: [(String, JSONValue)] = job.map { [("job", .string($0))] } ?? []
        return .object(
            name + [
                ("outcome", .string(outcome)), ("exit_status", .integer(Int(status.code))),
                ("errors", .array(errors.map(JSONValue.string))),
            ]
        )
    }

    static func status(of error: any Error) -> ExitStatus {
        switch error {
        case is ConfigErrors: .configuration
        case let error as ImportError: error.status
        case let error as JobFailure: error.status
        case let error as PostgresError:
            switch error.kind {
            case .connect, .connectionLost: .unavailable
            case .pooler, .parameters: .configuration
            case .server, .client: lacksSchema(error) ? .configuration : .failure
            }
        case is CancellationError: StopRequest.signal.map { .signal($0) } ?? .failure
        default: .failure
        }
    }

    /// Whether a relation or schema is missing. That there is none at all is told when the database is opened.
    private static func lacksSchema(_ error: PostgresError) -> Bool {
        error.sqlState == "42P01" || error.sqlState == "3F000"
    }

    static func words(for error: any Error) -> String {
        switch error {
        case let error as PostgresError where lacksSchema(error):
            "\(error.serverMessage)\nthe platform's schema is older than this tool: run `cygni-migrate up`"
        case let error as PostgresError where error.kind == .connect:
            "failed to connect to the database: \(error)"
        case let error as PostgresError:
            "\(error)" + (error.hint.map { "\n\($0)" } ?? "")
        case is CancellationError: "stopped"
        default: "\(error)"
        }
    }
}
