import CPostgres

extension Session {
    /// Streams rows in with `COPY … FROM STDIN`.
    ///
    /// Back-pressure is the socket's: ``CopyWriter/write(_:)`` blocks while the server is behind, so memory stays flat
    /// however long the stream is. A body that throws aborts the COPY and nothing of it is kept.
    ///
    /// - Returns: how many rows the server took.
    @discardableResult
    package func copyIn(_ statement: Statement, _ body: (CopyWriter) throws -> Void) throws -> Int {
        try canceller.check()
        _ = try rows(of: PQexec(connection, statement.text), statement.name)
        do {
            let writer = CopyWriter(session: self, statement: statement.name)
            try body(writer)
            try writer.flush()
        } catch {
            if PQputCopyEnd(connection, "stopped by the client") == 1 { drain() }
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
    /// cancels the statement.
    ///
    /// - Returns: how many rows the server sent.
    @discardableResult
    package func copyOut(_ statement: Statement, _ body: (UnsafeRawBufferPointer) throws -> Void) throws -> Int {
        try canceller.check()
        _ = try rows(of: PQexec(connection, statement.text), statement.name)
        while true {
            var buffer: UnsafeMutablePointer<CChar>?
            let length = PQgetCopyData(connection, &buffer, 0)
            if length == -1 { break }
            guard length >= 0, let buffer else {
                throw PostgresError(result: nil, connection: connection, statement: statement.name)
            }
            defer { PQfreemem(buffer) }
            do {
                try body(UnsafeRawBufferPointer(start: buffer, count: Int(length)))
            } catch {
                canceller.cancelStatement()
                drainCopyOut()
                throw error
            }
        }
        return try finishCopy(statement.name)
    }

    private func finishCopy(_ name: String) throws -> Int {
        let rows = try rows(of: PQgetResult(connection), name)
        drain()
        return rows.affected
    }

    private func drainCopyOut() {
        var buffer: UnsafeMutablePointer<CChar>?
        while PQgetCopyData(connection, &buffer, 0) > 0 { PQfreemem(buffer) }
        drain()
    }

    /// Takes results until libpq is ready for the next statement.
    func drain() {
        while let rest = PQgetResult(connection) { PQclear(rest) }
    }
}

/// The open end of a `COPY … FROM STDIN`.
package final class CopyWriter {
    private let session: Session
    private let statement: String
    private var buffer: [UInt8] = []

    fileprivate init(session: Session, statement: String) {
        self.session = session
        self.statement = statement
        buffer.reserveCapacity(Self.chunk + 4096)
    }

    /// Bytes gathered before they go to libpq: one call a row would cost more than the rows.
    private static let chunk = 64 * 1024

    /// Adds bytes of the COPY stream; rows may be split anywhere. Blocks while the server is behind.
    package func write(_ bytes: some Collection<UInt8>) throws {
        buffer.append(contentsOf: bytes)
        if buffer.count >= Self.chunk { try flush() }
    }

    /// Adds text of the COPY stream.
    package func write(_ text: String) throws {
        try write(text.utf8)
    }

    fileprivate func flush() throws {
        try session.canceller.check()
        let sent = buffer.withUnsafeBytes { bytes in
            PQputCopyData(session.connection, bytes.bindMemory(to: CChar.self).baseAddress, Int32(bytes.count))
        }
        guard sent == 1 else {
            throw PostgresError(result: nil, connection: session.connection, statement: statement)
        }
        buffer.removeAll(keepingCapacity: true)
    }
}
