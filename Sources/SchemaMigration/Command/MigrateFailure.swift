import CygniConfig
import CygniJobs
import CygniModel
import CygniPostgres

/// Turns whatever ended a run into an exit status and words.
struct MigrateFailure {
    let status: ExitStatus
    let errors: [String]

    init(_ error: any Error, stoppedBy reason: StopReason?) {
        if let reason, Self.isEcho(error) {
            switch reason {
            case .signal(let number):
                status = .signal(number)
                errors = ["stopped by signal \(number) before everything was done: run it again to go on"]
            case .deadline:
                status = .timedOut
                errors = ["its deadline passed before everything was done: run it again, or raise 'timeout'"]
            }
            return
        }
        switch error {
        case let error as ConfigErrors:
            (status, errors) = (.configuration, error.problems.map(\.description))
        case let error as MigrationFileErrors:
            (status, errors) = (.failure, error.faults.map(\.description))
        case let error as DriftError:
            (status, errors) = (.failure, error.drifts.map { "\($0)" })
        case let error as MigrationLockBusy:
            (status, errors) = (.tryLater, ["\(error)"])
        case let error as MigrationFailure:
            (status, errors) = (Self.status(of: error.cause), ["\(error)"])
        case let error as PostgresError:
            (status, errors) = (Self.status(of: error), [Self.words(for: error)])
        case let error as JobFailure:
            (status, errors) = (error.status, [error.description])
        default:
            (status, errors) = (.failure, ["\(error)"])
        }
    }

    /// The error only says again that the run was stopped.
    private static func isEcho(_ error: any Error) -> Bool {
        switch error {
        case is CancellationError: true
        case let error as MigrationFailure: isEcho(error.cause)
        // Interrupted, or cut off when the server gave no answer to that.
        case let error as PostgresError: error.sqlState == "57014" || error.kind == .connectionLost
        default: false
        }
    }

    private static func status(of error: PostgresError) -> ExitStatus {
        switch error.kind {
        case .connect, .connectionLost: .unavailable
        case .pooler, .parameters: .configuration
        // The server says that it is going down, or is not up yet.
        case .server where error.sqlState?.hasPrefix("57P") == true: .unavailable
        case .server, .client: .failure
        }
    }

    private static func words(for error: PostgresError) -> String {
        let words = error.kind == .connect ? "failed to connect to the database: \(error)" : "\(error)"
        return error.hint.map { "\(words)\n\($0)" } ?? words
    }
}

extension Drift: CustomStringConvertible {
    package var description: String {
        ([problem] + wayOut.map { "    \($0)" }).joined(separator: "\n")
    }
}
