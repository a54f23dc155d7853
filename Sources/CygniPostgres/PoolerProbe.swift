import CygniModel

/// Finds out whether a transaction pooler stands between us and the server.
///
/// Behind one, the next statement may run on another backend: a session's lock, its settings and its LISTEN are then
/// somebody else's, without an error. A session pooler is fine as long as it hands on the start-up options.
package enum PoolerProbe {
    private static let sql = StatementFile("pooler_probe", PackageResources.pooler_probe_sql)
    /// Pools that hand out servers in turn, or whose last-used server happens to be free, show within these.
    private static let rounds = 8
    /// How long a second connection may wait for a backend.
    private static let patience = Duration.seconds(5)

    /// Opens a connection and refuses what ``refuseTransactionPooler(_:_:)`` refuses.
    ///
    /// - Throws: ``PostgresError`` of kind `pooler`.
    package static func refuseTransactionPooler(_ options: ConnectionOptions) async throws {
        let connection = try await Connection.open(options)
        do {
            try await refuseTransactionPooler(connection, options)
        } catch {
            await connection.close()
            throw error
        }
        await connection.close()
    }

    /// Refuses a connection that goes through a transaction pooler, or through one that drops start-up options.
    ///
    /// Costs one query when nothing stands in between. A pooler announces a process id of its own at the start of a
    /// connection; only then the rest is tried.
    ///
    /// - Parameter options: what `connection` was opened with.
    /// - Throws: ``PostgresError`` of kind `pooler`, whose message names the way out.
    package static func refuseTransactionPooler(_ connection: Connection, _ options: ConnectionOptions) async throws {
        let (announced, actual) = try await connection.access { session in
            (session.announcedBackend, try backend(session))
        }
        guard announced != actual else { return }
        try await refuseSharing(connection, first: actual, options)
        try await refuseDroppedOptions(connection, options)
    }

    /// Whether nothing stands between the connection and its server, so that what is prepared on it stays there. Costs one query the
    /// first time.
    package static func isDirect(_ session: Session) throws -> Bool {
        let isDirect = try session.isDirect ?? (session.announcedBackend == backend(session))
        session.isDirect = isDirect
        return isDirect
    }

    /// Two backends for one connection, or one backend for two connections: statements are pooled.
    private static func refuseSharing(_ connection: Connection, first: Int, _ options: ConnectionOptions) async throws {
        let other = try await openAnother(options)
        var seen = [first]
        var seenByOther: [Int] = []
        do {
            for _ in 0..<rounds {
                seenByOther.append(try await backend(other, "a second connection"))
                seen.append(try await backend(connection, "a connection"))
            }
        } catch {
            await other.close()
            throw error
        }
        await other.close()
        let isSteady = Set(seen).count == 1 && Set(seenByOther).count == 1
        if isSteady, Set(seen).isDisjoint(with: seenByOther) { return }
        throw refusal(
            "a transaction pooler stands in front of the server and runs one connection's statements anywhere"
        )
    }

    private static func openAnother(_ options: ConnectionOptions) async throws -> Connection {
        var options = options
        options.connectTimeout = min(options.connectTimeout, patience)
        return try await Connection.open(options)
    }

    private static func backend(_ connection: Connection, _ what: String) async throws -> Int {
        do {
            // A pooler that has no backend for us has nobody to interrupt either.
            return try await withTimeLimit(patience, onTimeOut: { connection.abandon() }) {
                try await connection.access { session in try backend(session) }
            }
        } catch is TimeLimitPassed {
            throw refusal("a pooler stands in front of the server and gives \(what) no backend within \(patience)")
        }
    }

    private static func backend(_ session: Session) throws -> Int {
        try session.query(sql["backend"])[0].get("backend")
    }

    /// What a pooler ignores (pgbouncer's `ignore_startup_parameters`) would be missing in silence.
    private static func refuseDroppedOptions(_ connection: Connection, _ options: ConnectionOptions) async throws {
        let wanted = options.comparableSettings
        let actual = try await connection.access { session in
            try session.query(sql["settings"], wanted.keys.sorted()).reduce(into: [String: String]()) { found, row in
                found[try row.get("name")] = try row.get("setting")
            }
        }
        for (name, value) in wanted.sorted(by: { $0.key < $1.key }) where actual[name] != value {
            throw refusal(
                "a pooler stands in front of the server and drops start-up options: \(name) is "
                    + "'\(actual[name] ?? "unset")' instead of '\(value)'"
            )
        }
    }

    private static func refusal(_ reason: String) -> PostgresError {
        PostgresError(
            .pooler,
            "\(reason); give the server's own address in database.url, or a pool in session mode that passes "
                + "start-up options on"
        )
    }
}
