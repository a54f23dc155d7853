import ArgumentParser
import CygniCommand
import CygniConfig
import CygniModel
import CygniPostgres

/// Turns what a command threw into words and an exit status, in one place.
enum ToolFailure {
    /// Runs a command's work; what it throws is told on stderr.
    static func reported(_ surroundings: Surroundings, _ body: () async throws -> ExitStatus) async throws {
        let status: ExitStatus
        do {
            status = try await body()
        } catch {
            guard !(error is ExitCode || error is CleanExit || error is ValidationError) else { throw error }
            for line in words(for: error).split(separator: "\n") { surroundings.tell("cygni: \(line)") }
            throw ExitCode(Self.status(of: error).code)
        }
        if status != .success { throw ExitCode(status.code) }
    }

    static func status(of error: any Error) -> ExitStatus {
        switch error {
        case is ConfigErrors: .configuration
        case let error as ImportError: error.status
        case let error as PostgresError:
            switch error.kind {
            case .connect, .connectionLost: .unavailable
            case .pooler, .parameters: .configuration
            case .server, .client: .failure
            }
        case is CancellationError: StopRequest.signal.map { .signal($0) } ?? .failure
        default: .failure
        }
    }

    static func words(for error: any Error) -> String {
        switch error {
        case let error as PostgresError where error.sqlState == "42P01" || error.sqlState == "3F000":
            "\(error.serverMessage)\nthe database has no platform schema yet: run cygni-migrate up"
        case let error as PostgresError where error.kind == .connect:
            "failed to connect to the database: \(error)"
        case let error as PostgresError:
            "\(error)" + (error.hint.map { "\n\($0)" } ?? "")
        case is CancellationError: "stopped"
        default: "\(error)"
        }
    }
}
