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
            try commit()
            return value
        } catch {
            rollback()
            throw error
        }
    }

    private func commit() throws {
        try canceller.check()
        let result = PQexec(connection, "COMMIT")
        let tag = result.flatMap { PQcmdStatus($0) }.map { String(cString: $0) }
        _ = try rows(of: result, "commit")
        guard tag == "COMMIT" else {
            // The server answers COMMIT with success and a ROLLBACK when a statement had failed.
            throw PostgresError(
                .client,
                "the transaction was rolled back: a statement in it had failed, and its error was caught instead of "
                    + "being thrown on; a savepoint is the way to go on after one",
                statement: "commit"
            )
        }
    }

    /// A broken connection has rolled back already; a cancelled access still has to, and past its own interrupt.
    private func rollback() {
        if canceller.isCancelled {
            canceller.settle()
            absorbLateInterrupt()
        }
        guard isUsable, PQtransactionStatus(connection) != PQTRANS_IDLE else { return }
        PQclear(PQexec(connection, "ROLLBACK"))
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
}
