package import CygniModel

/// A session-level advisory lock, on a connection that serves nothing else.
///
/// It ends with that connection, so it needs no lease to be freed after a crash; and for the same reason its owner can
/// lose it without a word. ``verify(within:)`` before each side effect is how the owner finds out.
package final class AdvisoryLock: Sendable {
    package let key: AdvisoryLockKey
    /// The backend that holds the lock.
    package let backend: Int
    private let connection: Connection

    private static let sql = StatementFile("advisory_lock", PackageResources.advisory_lock_sql)

    private init(key: AdvisoryLockKey, backend: Int, connection: Connection) {
        self.key = key
        self.backend = backend
        self.connection = connection
    }

    /// Takes the lock, by trying again and again: a waiting `pg_advisory_lock` would hold a snapshot all the while, which
    /// a CREATE INDEX CONCURRENTLY then waits for.
    ///
    /// - Parameters:
    ///   - options: of the connection made for it. A transaction pooler in front is refused.
    ///   - wait: how long to try; zero is one try.
    ///   - poll: the mean pause between tries; the true ones vary so that many waiters do not march in step.
    /// - Returns: nil when it was held elsewhere all the time; ``holder(of:_:)`` tells by whom.
    package static func acquire(
        _ options: ConnectionOptions,
        key: AdvisoryLockKey,
        wait: Duration = .zero,
        poll: Duration = .milliseconds(100)
    ) async throws -> AdvisoryLock? {
        let deadline = ContinuousClock.now + wait
        var options = options
        // A server's default would end the connection for doing what it is here for, nothing.
        options.settings["idle_session_timeout"] = "0"
        let connection = try await Connection.open(options)
        do {
            try await PoolerProbe.refuseTransactionPooler(connection, options)
            while true {
                let (isTaken, backend) = try await connection.access { session in
                    let row = try session.query(sql["try"], binds: key.binds)[0]
                    return (try row.get("taken", as: Bool.self), try row.get("backend", as: Int.self))
                }
                if isTaken { return AdvisoryLock(key: key, backend: backend, connection: connection) }
                let pause = poll * Double.random(in: 0.5...1.5)
                guard ContinuousClock.now + pause < deadline else { break }
                try await Task.sleep(for: pause)
            }
        } catch {
            await connection.close()
            throw error
        }
        await connection.close()
        return nil
    }

    /// Asks the server whether the lock is still ours.
    ///
    /// - Parameter limit: how long the answer may take; a server that does not answer may have given the lock away.
    /// - Throws: ``AdvisoryLockLost`` when it is not, or when that cannot be known.
    package func verify(within limit: Duration = .seconds(10)) async throws {
        let key = key
        do {
            let (backend, isHeld) = try await withTimeLimit(limit, onTimeOut: { [connection] in connection.abandon() })
            {
                [connection] in
                try await connection.access { session in
                    let row = try session.query(Self.sql["is_ours"], binds: key.binds)[0]
                    return (try row.get("backend", as: Int.self), try row.get("held", as: Bool.self))
                }
            }
            guard isHeld, backend == self.backend else {
                let reason = backend == self.backend ? "it was released" : "its connection ended at another backend"
                throw AdvisoryLockLost(key: key, reason: reason)
            }
        } catch let error as PostgresError {
            throw AdvisoryLockLost(key: key, reason: "\(error)")
        } catch is TimeLimitPassed {
            throw AdvisoryLockLost(key: key, reason: "no answer on its connection within \(limit)")
        }
    }

    /// Gives the lock back and closes its connection. A connection already lost has released it.
    package func release() async {
        let key = key
        // In a task of its own: a cancelled owner still gives back what it has.
        await Task { [connection] in
            _ = try? await connection.access { session in
                _ = try session.query(Self.sql["release"], binds: key.binds)
            }
            await connection.close()
        }.value
    }

    /// Who holds a lock at this moment.
    package struct Holder: Sendable {
        package let backend: Int
        /// Names the job and its run, as far as the holder put them there.
        package let applicationName: String
        /// When the holder connected; nil when this role may not see it.
        package let since: Timestamp?
        /// The address it came from; empty for a unix socket, and when this role may not see it.
        package let host: String
    }

    /// Looks up the holder; nil when nobody holds it by now.
    package static func holder(of key: AdvisoryLockKey, _ options: ConnectionOptions) async throws -> Holder? {
        let connection = try await Connection.open(options)
        let holder = try await connection.access { session in
            try session.query(sql["holder"], binds: key.binds).first.map { row in
                Holder(
                    backend: try row.get("pid"),
                    applicationName: try row.get("application_name"),
                    since: try row.get("since"),
                    host: try row.get("host")
                )
            }
        }
        await connection.close()
        return holder
    }
}

/// The lock is gone, or nobody can say whether it is: whoever relied on it stops.
package struct AdvisoryLockLost: Error, Sendable, CustomStringConvertible {
    package let key: AdvisoryLockKey
    package let reason: String

    package var description: String { "the lock '\(key)' is lost: \(reason)" }
}
