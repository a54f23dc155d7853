import CPostgres

/// Isolation level and access mode of a transaction (manual, 13.2).
package enum TransactionMode: String, Sendable {
    case readCommitted = "BEGIN ISOLATION LEVEL READ COMMITTED"
    case repeatableRead = "BEGIN ISOLATION LEVEL REPEATABLE READ"
    case serializable = "BEGIN ISOLATION LEVEL SERIALIZABLE"
    /// One unchanging picture of the database, and no writes.
    case snapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
}

extension Session {
    /// Runs `body` between BEGIN and COMMIT, or ROLLBACK when it throws.
    func transaction<Value>(_ mode: TransactionMode, _ body: (Session) throws -> Value) throws -> Value {
        try script(mode.rawValue, name: "begin")
        do {
            let value = try body(self)
            try script("COMMIT", name: "commit")
            return value
        } catch {
            // A broken connection has rolled back already; a cancelled access still has to.
            if isUsable, PQtransactionStatus(connection) != PQTRANS_IDLE { PQclear(PQexec(connection, "ROLLBACK")) }
            throw error
        }
    }
}
