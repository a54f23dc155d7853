import CPostgres

/// One libpq connection, used synchronously from its connection's executor.
///
/// Not Sendable, and never handed out except inside a closure: nothing of it outlives the access.
package final class Session {
    let connection: OpaquePointer
    let canceller: Canceller
    /// What this connection has prepared, and under which name on the server.
    var prepared: [PreparedKey: String] = [:]
    /// What ``PoolerProbe`` found; nil: it was not asked.
    var isDirect: Bool?
    /// Called with the severity and text of each NOTICE, WARNING … of the server. They are dropped while this is nil.
    package var onNotice: ((_ severity: String, _ message: String) -> Void)?

    init(connection: OpaquePointer, canceller: Canceller) {
        self.connection = connection
        self.canceller = canceller
        let context = Unmanaged.passUnretained(self).toOpaque()
        // Without a receiver libpq prints notices on stderr, which belongs to the runner.
        PQsetNoticeReceiver(connection, { Session.received(notice: $1, context: $0) }, context)
    }

    deinit {
        PQfinish(connection)
    }

    private static func received(notice: OpaquePointer?, context: UnsafeMutableRawPointer?) {
        guard let notice, let context else { return }
        let session = Unmanaged<Session>.fromOpaque(context).takeUnretainedValue()
        func field(_ code: Character) -> String {
            code.asciiValue.flatMap { PQresultErrorField(notice, Int32($0)) }.map { String(cString: $0) } ?? ""
        }
        session.onNotice?(field("V"), field("M"))
    }

    /// Runs one statement with its binds and returns its rows.
    ///
    /// - Throws: ``PostgresError``; `CancellationError` when the task was cancelled before or meanwhile.
    @discardableResult
    package func query(_ statement: Statement, _ binds: (any PostgresBindable)?...) throws -> Rows {
        try query(statement, binds: binds)
    }

    /// The same with the binds in an array.
    @discardableResult
    package func query(_ statement: Statement, binds: [(any PostgresBindable)?]) throws -> Rows {
        try canceller.check()
        let parameters = Parameters(binds)
        let result = parameters.withPointers { types, values, lengths, formats in
            PQexecParams(connection, statement.text, parameters.count, types, values, lengths, formats, 1)
        }
        return try rows(of: result, statement.name)
    }

    /// Runs SQL text of any number of statements, without binds, and drops its rows.
    ///
    /// Outside a transaction the server wraps the whole text in one (manual, 55.2.2.1).
    package func script(_ text: String, name: String) throws {
        try canceller.check()
        // The rest would be lost in silence.
        guard !text.utf8.contains(0) else { throw PostgresError(.client, "the text holds a NUL byte", statement: name) }
        _ = try rows(of: PQexec(connection, text), name)
    }

    /// The process id of the server's backend as the connection's start told it (`BackendKeyData`).
    package var announcedBackend: Int { Int(PQbackendPID(connection)) }

    /// The connection stands, as far as libpq knows without asking the server.
    var isUsable: Bool { PQstatus(connection) == CONNECTION_OK }

    /// The connection stands and no transaction is open on it.
    var isIdle: Bool { isUsable && PQtransactionStatus(connection) == PQTRANS_IDLE }

    /// After a cancel request that came too late for its statement: takes the interrupt here, where it harms nothing.
    func absorbLateInterrupt() {
        guard isUsable else { return }
        for _ in 0..<2 { PQclear(PQexec(connection, "")) }
    }

    /// Takes over a result: its rows, or the error it holds.
    func rows(of result: OpaquePointer?, _ statement: String) throws -> Rows {
        guard let result else {
            throw PostgresError(result: nil, connection: connection, statement: statement)
        }
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE, PGRES_EMPTY_QUERY:
            return Rows(result, statement: statement)
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            defer { PQclear(result) }
            leaveCopy()
            throw PostgresError(.client, "a COPY to or from the client needs copyIn or copyOut", statement: statement)
        default:
            defer { PQclear(result) }
            throw PostgresError(result: result, connection: connection, statement: statement)
        }
    }
}
