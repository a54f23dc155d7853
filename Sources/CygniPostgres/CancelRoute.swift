import CPostgres

/// A way to ask the server to interrupt one connection's statement. Any thread may use it.
protocol CancelRoute: Sendable {
    /// Asks, and waits until the server has taken the request.
    ///
    /// - Returns: whether it has.
    func request() -> Bool
}

/// libpq's cancel request. It travels unencrypted in libpq 15 (manual, 34.7), so it serves connections that are too.
final class CancelKey: CancelRoute, @unchecked Sendable {
    // @unchecked: the pointer is written once, and libpq lets any thread call PQcancel on it (manual, 34.7).
    private let pointer: OpaquePointer?

    init(_ connection: OpaquePointer) {
        pointer = PQgetCancel(connection)
    }

    deinit {
        PQfreeCancel(pointer)
    }

    func request() -> Bool {
        var message = [CChar](repeating: 0, count: 256)
        return PQcancel(pointer, &message, Int32(message.count)) == 1
    }
}

/// A second connection that calls `pg_cancel_backend`: whoever listens on the wire sees neither the key nor the request.
struct CancelConnection: CancelRoute {
    private let parameters: ConnectionParameters
    private let backend: Int32

    /// - Parameters:
    ///   - connection: the encrypted connection whose statements may have to be interrupted.
    ///   - backend: the process id of its backend.
    init(_ connection: OpaquePointer, backend: Int32) {
        parameters = ConnectionParameters(cancelling: connection)
        self.backend = backend
    }

    func request() -> Bool {
        let connection = parameters.withPointers { keywords, values in PQconnectdbParams(keywords, values, 0) }
        guard let connection else { return false }
        defer { PQfinish(connection) }
        guard PQstatus(connection) == CONNECTION_OK, PQsslInUse(connection) == 1 || PQgssEncInUse(connection) == 1
        else {
            return false
        }
        // A backend belongs to its login role; a role taken on at start-up may not interrupt it.
        PQclear(PQexec(connection, "SET ROLE NONE"))
        let result = PQexec(connection, "SELECT pg_cancel_backend(\(backend))")
        defer { PQclear(result) }
        return PQntuples(result) == 1 && PQgetvalue(result, 0, 0).map { String(cString: $0) } == "t"
    }
}
