import CygniPostgres
import Synchronization

/// Looks from a second connection for whom a session waits.
///
/// The server does not say in its error whose lock was in the way, and afterwards nobody waits any more.
final class LockWatch: Sendable {
    private static let statements = StatementFile("locks", PackageResources.locks_sql)

    private let connection: Connection
    private let backend: Int
    private let seen = Mutex<[LockBlocker]>([])

    /// - Parameter backend: the server's process that migrates.
    init(_ options: ConnectionOptions, of backend: Int) async throws {
        connection = try await Connection.open(options)
        self.backend = backend
    }

    /// Who was in the way last.
    var blockers: [LockBlocker] { seen.withLock { $0 } }

    /// Does the work and looks while it goes on.
    func during<Result: Sendable>(_ work: @Sendable () async throws -> Result) async throws -> Result {
        seen.withLock { $0 = [] }
        let looking = Task { while true { try await look() } }
        defer { looking.cancel() }
        return try await work()
    }

    func close() async { await connection.close() }

    private func look() async throws {
        try await Task.sleep(for: .milliseconds(50))
        let backend = Int32(backend)
        let found = try await connection.access { session in
            try session.query(Self.statements["blockers"], backend).map(LockBlocker.init)
        }
        if !found.isEmpty { seen.withLock { $0 = found } }
    }
}
