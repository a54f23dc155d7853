import CPostgres

/// What went wrong between us and the server.
///
/// However it is printed, it shows no value of a bind or a row: see ``harmlessMessage``. ``serverMessage`` has the server's
/// words in full, for callers that sent no binds.
package struct PostgresError: Error, Sendable {
    /// Which kind of failure this is; callers branch on it.
    package enum Kind: Hashable, Sendable {
        /// No connection could be made.
        case connect
        /// No connection was tried: libpq could not read what it was given to connect with.
        case parameters
        /// The connection broke; the fate of the statement in flight is unknown.
        case connectionLost
        /// The server refused a statement; `sqlState` says why.
        case server
        /// We could not read what the server sent, or misused libpq.
        case client
        /// The server behind the connection is not the one it was: a transaction pooler is in between.
        case pooler
    }

    package var kind: Kind
    /// The five-character SQLSTATE (PostgreSQL manual, appendix A), when the server gave one.
    package var sqlState: String?
    /// The server's primary message, word for word. May quote values.
    package var serverMessage: String
    package var schema: String?
    package var table: String?
    package var column: String?
    package var constraint: String?
    /// The server's HINT. May quote values.
    package var hint: String?
    /// One-based character position in the statement's text.
    package var position: Int?
    /// The name of the ``Statement`` in flight.
    package var statement: String?
    /// Where in a pipeline's batch that statement stands.
    package var batchPlace: BatchPlace?
    /// No further attempt can end better, whatever the SQLSTATE says.
    var isFinal = false

    /// A statement of a batch.
    package struct BatchPlace: Hashable, Sendable {
        /// Counted from zero.
        package var index: Int
        /// How many statements behind it were skipped by the server.
        package var aborted: Int

        package init(index: Int, aborted: Int) {
            (self.index, self.aborted) = (index, aborted)
        }
    }

    package init(_ kind: Kind, _ message: String, sqlState: String? = nil, statement: String? = nil) {
        self.kind = kind
        self.serverMessage = message
        self.sqlState = sqlState
        self.statement = statement
    }

    /// A failure to connect that the next attempt would meet again.
    static func permanent(_ message: String) -> PostgresError {
        var error = PostgresError(.connect, message)
        error.isFinal = true
        return error
    }

    /// `PG_DIAG_SQLSTATE`
    private static let sqlStateField = Int32(UInt8(ascii: "C"))

    /// Reads the fields of a failed result (PostgreSQL manual, protocol error fields).
    init(result: OpaquePointer?, connection: OpaquePointer?, statement: String?) {
        // libpq 15 still calls a connection good whose server hung up before it could write; a read tells it.
        if let connection, result.map({ PQresultErrorField($0, Self.sqlStateField) == nil }) ?? true {
            PQconsumeInput(connection)
        }
        func field(_ code: Character) -> String? {
            guard let result, let ascii = code.asciiValue, let text = PQresultErrorField(result, Int32(ascii)) else {
                return nil
            }
            return String(cString: text)
        }
        let state = field("C")
        // After a FATAL the server hangs up, whether or not libpq has seen that yet.
        let isFatal = ["FATAL", "PANIC"].contains(field("V"))
        let broken = isFatal || connection.map { PQstatus($0) != CONNECTION_OK } ?? false
        let fallback = connection.map { String(cString: PQerrorMessage($0)) } ?? "no message"
        // A result of libpq's own making has no SQLSTATE: the connection is gone, or libpq was misused.
        self.init(
            broken ? .connectionLost : state == nil ? .client : .server,
            field("M") ?? trimmed(fallback),
            sqlState: state,
            statement: statement
        )
        schema = field("s")
        table = field("t")
        column = field("c")
        constraint = field("n")
        hint = field("H")
        position = field("P").flatMap { Int($0) }
    }
}

extension PostgresError {
    /// Worth the same attempt again after a pause: the server is going or coming, or lost a race it asks us to repeat.
    package var isTransient: Bool {
        if isFinal { return false }
        switch kind {
        case .connectionLost: return true
        case .connect: return sqlState.map { Self.transientStates.contains($0) } ?? true
        case .server: return sqlState.map { Self.transientStates.contains($0) } ?? false
        case .client, .pooler, .parameters: return false
        }
    }

    /// A transaction that ran into another; repeating it whole is the remedy (manual, 13.5).
    package var isSerializationConflict: Bool {
        sqlState == "40001" || sqlState == "40P01"
    }

    /// What an interrupted statement ends with, or one whose connection was cut for lack of an answer.
    var isOfCancellation: Bool { sqlState == "57014" || kind == .connectionLost }

    private static let transientStates: Set<String> = [
        "40001", "40P01", "55P03", "53300", "57P01", "57P02", "57P03", "08000", "08003", "08006",
    ]
}

/// libpq ends its messages with a newline, and breaks long ones with a newline and a tab.
func trimmed(_ message: String) -> String {
    var text = Substring(message.replacing("\n\t", with: " "))
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return String(text)
}
