import CygniAccess
import CygniLog
import Logging
import ServiceLifecycle

/// Removes, every hour, what is of no use any more: links and refresh tokens that are over, answers of yesterday.
struct Housekeeping: Service {
    let database: ServerDatabase
    let logger: Logger

    private static let interval = Duration.seconds(3600)

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while true {
                do {
                    try await database.platform { session in try AccessBook.tidy(in: session) }
                } catch {
                    logger.warning("housekeeping failed, next try in an hour", metadata: .init([.error: "\(error)"]))
                }
                try await Task.sleep(for: Self.interval)
            }
        }
    }
}
