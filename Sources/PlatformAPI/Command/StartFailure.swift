import CygniAccess
import CygniJobs
import CygniModel
import CygniPostgres
import Glibc
import NIOCore

/// Why a server could not start or go on, in words and as an exit status.
struct StartFailure: Sendable {
    let status: ExitStatus
    let words: String

    /// - Parameter place: where it was to listen.
    init(_ error: any Error, on place: String) {
        switch error {
        case let error as JobFailure: (status, words) = (error.status, error.description)
        case let error as SigningKeys.BadKey: (status, words) = (.configuration, error.description)
        case let error as PostgresError where error.kind == .connect || error.kind == .connectionLost:
            (status, words) = (.unavailable, "failed to connect to the database: \(error)")
        case let error as PostgresError: (status, words) = (.failure, "\(error)")
        case let error as IOError:
            let reason = String(cString: strerror(error.errnoCode))
            (status, words) = (
                .unavailable,
                "failed to listen on \(place): \(reason); listen.address and listen.port of api.yaml name another"
            )
        case is SocketAddressError, is SocketAddressError.UnknownHost:
            (status, words) = (
                .configuration, "there is no address to listen on at \(place): look at listen.address of api.yaml"
            )
        default: (status, words) = (.failure, "\(error)")
        }
    }
}
