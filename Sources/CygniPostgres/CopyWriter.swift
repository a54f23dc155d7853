import CPostgres

/// The open end of a `COPY … FROM STDIN`.
package final class CopyWriter {
    private let session: Session
    private let statement: String
    private var buffer: [UInt8] = []

    init(session: Session, statement: String) {
        self.session = session
        self.statement = statement
        buffer.reserveCapacity(Self.chunk + 4096)
    }

    /// Bytes gathered before they go to libpq: one call a row would cost more than the rows.
    private static let chunk = 64 * 1024

    /// Adds bytes of the COPY stream; rows may be split anywhere. Blocks while the server is behind.
    package func write(_ bytes: some Collection<UInt8>) throws {
        // Without this the bytes would go one by one through the collection's witnesses.
        let isAdded: Void? = bytes.withContiguousStorageIfAvailable { buffer.append(contentsOf: $0) }
        if isAdded == nil { buffer.append(contentsOf: bytes) }
        if buffer.count >= Self.chunk { try flush() }
    }

    /// Adds text of the COPY stream, which the caller has escaped (``CopyText``).
    package func write(_ text: String) throws {
        try write(text.utf8)
    }

    func flush() throws {
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
