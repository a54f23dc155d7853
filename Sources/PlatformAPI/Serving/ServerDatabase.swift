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
    ///
    /// - Parameter isPlannedOnce: for a statement that is asked often and whose best plan is the same whatever its values: one that
    ///   has no filter which an index would serve, and no LIMIT that makes the difference.
    func read<Value: Sendable>(
        _ tenant: UUID,
        _ statement: Statement,
        binds: [(any PostgresBindable)?],
        isPlannedOnce: Bool = false,
        _ take: @escaping @Sendable (Rows) throws -> Value
    ) async throws -> Value {
        try await repeated {
            try await pool.withConnection { connection in
                do {
                    return try await connection.access { session in
                        // A pooler in between would hand the next use to another of the server's processes.
                        let isPrepared = try isPlannedOnce && PoolerProbe.isDirect(session)
                        let enter = Self.statements[isPrepared ? "enter_planned" : "enter"]
                        // Without a BEGIN the server ends the transaction at the pipeline's end.
                        let rows = try session.pipeline { batch in
                            batch.add(enter, binds: ["cygni_app", tenant.text, limit], isPrepared: isPrepared)
                            batch.add(statement, binds: binds, isPrepared: isPrepared)
                        }
                        return try take(rows[1])
                    }
                } catch let error as PostgresError where isPlannedOnce && error.isOfPrepared {
                    await connection.close()
                    throw PostgresError(.connectionLost, "a prepared statement is of no use any more")
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
                try session.query(Self.statements["enter"], "cygni_app", tenant.text, limit)
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

extension PostgresError {
    /// The statement is gone from the connection, or the tables have changed so much since that its plan holds no longer.
    fileprivate var isOfPrepared: Bool { sqlState == "26000" || sqlState == "0A000" }
}
