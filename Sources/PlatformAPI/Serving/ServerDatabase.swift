import CygniModel
import CygniPostgres
import FoundationEssentials

/// The server's way to the database. There are two, and no other: as `cygni_app` for one tenant, and as the role of the
/// jobs for what concerns no tenant, or all.
///
/// Role, tenant and time limit are set inside each transaction, so that it is the same whichever connection of a pooler in
/// front runs it (pgbouncer in transaction mode), and nothing is left behind on it.
struct ServerDatabase: Sendable {
    private static let statements = ServerStatements.server

    let pool: ConnectionPool
    /// `cygni_jobs`, or what the settings call it.
    let platformRole: String
    let timeLimit: Duration
    /// Connections at once.
    let size: Int

    private var limit: String { "\(timeLimit.microseconds / 1000)" }

    /// One statement that reads one tenant's rows, in one round trip.
    ///
    /// It is sent again when the server was stopped and started in between.
    func read<Value: Sendable>(
        _ tenant: UUID,
        _ statement: Statement,
        binds: [(any PostgresBindable)?],
        _ take: @escaping @Sendable (Rows) throws -> Value
    ) async throws -> Value {
        try await repeated {
            try await pool.withConnection { connection in
                try await connection.access { session in
                    // Without a BEGIN the server ends the transaction at the pipeline's end.
                    let rows = try session.pipeline { batch in
                        batch.add(Self.statements["enter"], "cygni_app", tenant.uuidString, limit)
                        batch.add(statement, binds: binds)
                    }
                    return try take(rows[1])
                }
            }
        }
    }

    /// A transaction of one tenant.
    func tenant<Value: Sendable>(
        _ tenant: UUID,
        _ body: @Sendable (Session) throws -> Value
    ) async throws -> Value {
        try await pool.withConnection { connection in
            try await connection.transaction(.readCommitted, attempts: 3) { session in
                try session.query(Self.statements["enter"], "cygni_app", tenant.uuidString, limit)
                return try body(session)
            }
        }
    }

    /// A transaction over all tenants; what only reads is repeated when the server was stopped and started in between.
    func platform<Value: Sendable>(
        isReading: Bool = false,
        _ body: @escaping @Sendable (Session) throws -> Value
    ) async throws -> Value {
        try await repeated(isReading) {
            try await pool.withConnection { connection in
                try await connection.transaction(.readCommitted, attempts: 3) { session in
                    try session.query(Self.statements["enter"], platformRole, "", limit)
                    return try body(session)
                }
            }
        }
    }

    /// Idle connections of before a restart fail one by one as they are met.
    private func repeated<Value: Sendable>(
        _ mayRepeat: Bool = true,
        _ body: () async throws -> Value
    ) async throws -> Value {
        var attempt = 0
        while true {
            do {
                return try await body()
            } catch let error as PostgresError where error.kind == .connectionLost && mayRepeat && attempt < size {
                attempt += 1
            }
        }
    }
}
