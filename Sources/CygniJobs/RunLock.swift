import CygniModel
import CygniPostgres

/// The job's lock: a session-level advisory lock on a connection of its own, which also carries the run's books.
///
/// It is taken by polling: a blocked `pg_advisory_lock` holds a snapshot for as long as it waits, and
/// `CREATE INDEX CONCURRENTLY` and vacuum wait for that. It ends with the session: a dead process leaves nothing behind.
final class RunLock: Sendable {
    private let job: String
    private let connection: Connection

    private init(job: String, connection: Connection) {
        self.job = job
        self.connection = connection
    }

    /// Takes the lock over an open connection, which must be used for nothing else from now on.
    ///
    /// - Throws: ``LockHeld`` when it is still held elsewhere after `wait`.
    static func take(
        job: String,
        on connection: Connection,
        wait: Duration,
        control: RunControl,
        clock: RunClock
    ) async throws -> RunLock {
        var waited = Duration.zero
        while true {
            let isOurs = try await connection.access { session in
                try session.query(Ledger.statements["try_lock"], job)[0].get("is_ours", as: Bool.self)
            }
            if isOurs { return RunLock(job: job, connection: connection) }
            guard waited < wait else {
                let holder = try await connection.access { session in try Ledger.holder(of: job, in: session) }
                throw LockHeld(job: job, holder: holder)
            }
            let pause = min(wait - waited, .milliseconds(200))
            try await control.pause(pause, clock)
            waited += pause
        }
    }

    /// Asks the server whether this session still holds the lock.
    ///
    /// - Throws: ``LockLost``.
    func verify() async throws {
        let job = job
        let isOurs = try await access { session in
            try session.queryPrepared(Ledger.statements["verify_lock"], job)[0].get("is_ours", as: Bool.self)
        }
        if !isOurs { throw LockLost("its session no longer holds it") }
    }

    /// Uses the lock's session, which proves as well that it stands.
    ///
    /// - Throws: ``LockLost`` when it broke.
    func access<Value: Sendable>(_ body: @Sendable (Session) throws -> Value) async throws -> Value {
        do {
            return try await connection.access(body)
        } catch let error as PostgresError where error.endsSession {
            throw LockLost("its database session ended (\(error))")
        }
    }

    /// The same in one transaction.
    func transaction<Value: Sendable>(_ body: @Sendable (Session) throws -> Value) async throws -> Value {
        do {
            return try await connection.transaction(.readCommitted, attempts: 3, body)
        } catch let error as PostgresError where error.endsSession {
            throw LockLost("its database session ended (\(error))")
        }
    }

    /// Lets the lock go, and its session with it.
    func release() async {
        let job = job
        // A session that is gone has let it go already.
        try? await connection.access { session in _ = try session.query(Ledger.statements["unlock"], job) }
        await connection.close()
    }
}

/// The same job runs elsewhere.
struct LockHeld: Error, CustomStringConvertible {
    let job: String
    let holder: String?

    var description: String {
        "job '\(job)' runs elsewhere: \(holder ?? "its lock was let go a moment ago, try again")"
    }
}
