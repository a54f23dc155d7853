import CPostgres

extension Session {
    /// Streams rows in with `COPY … FROM STDIN`.
    ///
    /// Back-pressure is the socket's: ``CopyWriter/write(_:)`` blocks while the server is behind, so memory stays flat
    /// however long the stream is. A body that throws aborts the COPY and nothing of it is kept. A row that the server
    /// refuses is reported when the stream ends, as libpq does not look earlier.
    ///
    /// - Returns: how many rows the server took.
    @discardableResult
    package func copyIn(_ statement: Statement, _ body: (CopyWriter) throws -> Void) throws -> Int {
        try beginCopy(statement, PGRES_COPY_IN)
        do {
            let writer = CopyWriter(session: self, statement: statement.name)
            try body(writer)
            try writer.flush()
        } catch {
            leaveCopy()
            throw error
        }
        guard PQputCopyEnd(connection, nil) == 1 else {
            throw PostgresError(result: nil, connection: connection, statement: statement.name)
        }
        return try finishCopy(statement.name)
    }

    /// Streams rows out with `COPY … TO STDOUT`, one call of `body` per row of text or binary data.
    ///
    /// The next row is read only when `body` has returned. The buffer holds for the length of the call. A body that throws
    /// cancels the statement, and with it the transaction it stands in.
    ///
    /// - Returns: how many rows the server sent.
    @discardableResult
    package func copyOut(_ statement: Statement, _ body: (UnsafeRawBufferPointer) throws -> Void) throws -> Int {
        try beginCopy(statement, PGRES_COPY_OUT)
        while true {
            var buffer: UnsafeMutablePointer<CChar>?
            let length = PQgetCopyData(connection, &buffer, 0)
            defer { PQfreemem(buffer) }
            // -1 is the end, be it a good one or not, and -2 a failure: the result that follows tells.
            guard length >= 0, let buffer else { return try finishCopy(statement.name) }
            do {
                try canceller.check()
                try body(UnsafeRawBufferPointer(start: buffer, count: Int(length)))
            } catch {
                canceller.cancelStatement()
                leaveCopy()
                absorbLateInterrupt()
                throw error
            }
        }
    }

    private func beginCopy(_ statement: Statement, _ wanted: ExecStatusType) throws {
        try canceller.check()
        let result = PQexec(connection, statement.text)
        if let result, PQresultStatus(result) == wanted {
            PQclear(result)
            return
        }
        _ = try rows(of: result, statement.name)
        let direction = wanted == PGRES_COPY_IN ? "COPY … FROM STDIN" : "COPY … TO STDOUT"
        throw PostgresError(.client, "the statement is no \(direction)", statement: statement.name)
    }

    private func finishCopy(_ name: String) throws -> Int {
        defer { drain() }
        return try rows(of: PQgetResult(connection), name).affected
    }

    /// Leaves a COPY of either direction before its end and drops what the server says to that.
    func leaveCopy() {
        PQputCopyEnd(connection, "stopped by the client")
        var buffer: UnsafeMutablePointer<CChar>?
        while PQgetCopyData(connection, &buffer, 0) > 0 { PQfreemem(buffer) }
        drain()
    }

    /// Takes results until libpq is ready for the next statement.
    func drain() {
        while let rest = PQgetResult(connection) {
            let status = PQresultStatus(rest)
            PQclear(rest)
            // libpq would hand out the same result for ever.
            if status == PGRES_COPY_IN || status == PGRES_COPY_OUT { return }
        }
    }
}
