import CygniAccess
import CygniJobs
import CygniModel
import CygniPostgres
import NIOCore

/// Why a server could not start or go on, in words and as an exit status.
struct StartFailure: Sendable {
    let status: ExitStatus
    let words: String

    init(_ error: any Error) {
        switch error {
        case let error as JobFailure: (status, words) = (error.status, error.description)
        case let error as SigningKeys.BadKey: (status, words) = (.configuration, error.description)
        case let error as PostgresError where error.kind == .connect || error.kind == .connectionLost:
            (status, words) = (.unavailable, "failed to connect to the database: \(error)")
        case let error as PostgresError: (status, words) = (.failure, "\(error)")
        case let error as IOError: (status, words) = (.unavailable, "failed to listen: \(error.description)")
        default: (status, words) = (.failure, "\(error)")
        }
    }
}
