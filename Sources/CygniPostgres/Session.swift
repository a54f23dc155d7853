import CPostgres

/// One libpq connection, used synchronously from its connection's executor.
///
/// Not Sendable, and never handed out except inside a closure: nothing of it outlives the access.
package final class Session {
    let connection: OpaquePointer
    let canceller: Canceller
    private var prepared: Set<String> = []
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
            PQexecParams(connection, statement.text, Int32(binds.count), types, values, lengths, formats, 1)
        }
        return try rows(of: result, statement.name)
    }

    /// Runs one statement through a server-side prepared one, made at its first use on this connection.
    @discardableResult
    package func queryPrepared(_ statement: Statement, _ binds: (any PostgresBindable)?...) throws -> Rows {
        try canceller.check()
        let parameters = Parameters(binds)
        try prepare(statement, types: parameters.types)
        let result = parameters.withPointers { _, values, lengths, formats in
            PQexecPrepared(connection, statement.name, Int32(binds.count), values, lengths, formats, 1)
        }
        return try rows(of: result, statement.name)
    }

    /// Prepares a statement under its name unless this connection has it already.
    func prepare(_ statement: Statement, types: [UInt32] = []) throws {
        guard !prepared.contains(statement.name) else { return }
        _ = try rows(
            of: PQprepare(connection, statement.name, statement.text, Int32(types.count), types),
            statement.name
        )
        prepared.insert(statement.name)
    }

    /// Runs SQL text of any number of statements, without binds, and drops its rows.
    ///
    /// Outside a transaction the server wraps the whole text in one (manual, 55.2.2.1).
    package func script(_ text: String, name: String) throws {
        try canceller.check()
        _ = try rows(of: PQexec(connection, text), name)
    }

    /// Runs `body` inside a savepoint: when it throws, what it did is undone and the transaction goes on.
    package func savepoint<Value>(_ body: () throws -> Value) throws -> Value {
        try script("SAVEPOINT cygni", name: "savepoint")
        do {
            let value = try body()
            try script("RELEASE SAVEPOINT cygni", name: "savepoint")
            return value
        } catch {
            if isUsable { try script("ROLLBACK TO SAVEPOINT cygni; RELEASE SAVEPOINT cygni", name: "savepoint") }
            throw error
        }
    }

    /// The process id of the server's backend as the connection's start told it (`BackendKeyData`).
    package var announcedBackend: Int { Int(PQbackendPID(connection)) }

    /// The connection stands, as far as libpq knows without asking the server.
    var isUsable: Bool { PQstatus(connection) == CONNECTION_OK }

    /// The connection stands and no transaction is open on it.
    var isIdle: Bool { isUsable && PQtransactionStatus(connection) == PQTRANS_IDLE }

    /// Takes over a result: its rows, or the error it holds.
    func rows(of result: OpaquePointer?, _ statement: String) throws -> Rows {
        guard let result else {
            throw PostgresError(result: nil, connection: connection, statement: statement)
        }
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE, PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_EMPTY_QUERY:
            return Rows(result, statement: statement)
        default:
            defer { PQclear(result) }
            throw PostgresError(result: result, connection: connection, statement: statement)
        }
    }
}
