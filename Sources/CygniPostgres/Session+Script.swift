import CPostgres

/// A script that stopped: the error, and how many of its statements had completed before.
package struct ScriptFailure: Error, Sendable {
    /// Statements that completed. Inside a transaction they are undone with it.
    package var completed: Int
    package var cause: PostgresError
}

extension Session {
    /// Runs SQL text of any number of statements, in one message, and counts them; their rows are dropped.
    ///
    /// The server's position in ``PostgresError/position`` counts characters of the whole text.
    ///
    /// - Returns: how many statements ran. Empty ones are none.
    /// - Throws: ``ScriptFailure`` when a statement fails; `CancellationError` when the task was cancelled before.
    @discardableResult
    package func statements(_ text: String, name: String) throws -> Int {
        try canceller.check()
        guard PQsendQuery(connection, text) == 1 else {
            let error = PostgresError(result: nil, connection: connection, statement: name)
            throw ScriptFailure(completed: 0, cause: error)
        }
        var completed = 0
        var failure: PostgresError?
        while let result = PQgetResult(connection) {
            defer { PQclear(result) }
            switch PQresultStatus(result) {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK: completed += 1
            case PGRES_EMPTY_QUERY: break
            case PGRES_COPY_IN:
                // Nobody here has the data; the server turns this into the error of the COPY.
                PQputCopyEnd(connection, "COPY FROM STDIN has no data in a script")
            case PGRES_COPY_OUT:
                var buffer: UnsafeMutablePointer<CChar>?
                while PQgetCopyData(connection, &buffer, 0) > 0 { PQfreemem(buffer) }
            default:
                // After the first error the server skips the rest; a broken connection may add a second one.
                failure = failure ?? PostgresError(result: result, connection: connection, statement: name)
            }
        }
        if let failure { throw ScriptFailure(completed: completed, cause: failure) }
        return completed
    }
}
