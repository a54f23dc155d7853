import CPostgres

extension Session {
    /// Opens a connection; blocks until it stands or failed.
    static func connect(_ options: ConnectionOptions, canceller: Canceller) throws -> Session {
        let parameters = try ConnectionParameters(options)
        let connection = parameters.withPointers { keywords, values in PQconnectdbParams(keywords, values, 1) }
        guard let connection else { throw PostgresError(.connect, "out of memory for a connection") }
        guard PQstatus(connection) == CONNECTION_OK else {
            defer { PQfinish(connection) }
            throw connectError(connection)
        }
        do {
            try parameters.check(connection)
        } catch {
            PQfinish(connection)
            throw error
        }
        canceller.attach(connection)
        return Session(connection: connection, canceller: canceller)
    }

    private static func connectError(_ connection: OpaquePointer) -> PostgresError {
        let message = trimmed(String(cString: PQerrorMessage(connection)))
        if message.contains("unsupported startup parameter") {
            // pgbouncer's words; it cannot carry the time-outs and the role that go as start-up options.
            return PostgresError(
                .pooler,
                "\(message): a connection pooler stands in front; give the server's own address in database.url"
            )
        }
        return PostgresError(.connect, message)
    }

    /// After a cancel request that came too late for its statement: takes the interrupt here, where it harms nothing.
    func absorbLateInterrupt() {
        guard isUsable else { return }
        for _ in 0..<2 { PQclear(PQexec(connection, "")) }
    }
}
