import CPostgres
import CygniModel
import Glibc

extension Session {
    /// Opens a connection; blocks until it stands or failed, and ends early when the task is cancelled.
    static func connect(_ options: ConnectionOptions, canceller: Canceller) throws -> Session {
        let parameters = try ConnectionParameters(options)
        let connection = parameters.withPointers { keywords, values in PQconnectStartParams(keywords, values, 1) }
        guard let connection else { throw PostgresError(.connect, "out of memory for a connection") }
        do {
            // So that the server's refusal comes with its SQLSTATE, which libpq gives for a failed start in no other way.
            PQsetErrorVerbosity(connection, PQERRORS_VERBOSE)
            try poll(connection, until: .now + parameters.timeLimit)
            PQsetErrorVerbosity(connection, PQERRORS_DEFAULT)
            try parameters.check(connection)
            canceller.attach(try cancelRoute(connection), socket: PQsocket(connection))
        } catch {
            PQfinish(connection)
            throw error
        }
        return Session(connection: connection, canceller: canceller)
    }

    /// Drives a started connection to its end.
    private static func poll(_ connection: OpaquePointer, until deadline: ContinuousClock.Instant) throws {
        var wanted = PGRES_POLLING_WRITING
        while wanted != PGRES_POLLING_OK {
            guard wanted != PGRES_POLLING_FAILED, PQstatus(connection) != CONNECTION_BAD else {
                throw connectError(String(cString: PQerrorMessage(connection)))
            }
            // In slices, as nothing but the clock wakes us when the task is cancelled.
            var descriptor = pollfd(fd: PQsocket(connection), events: Int16(POLLIN), revents: 0)
            if wanted == PGRES_POLLING_WRITING { descriptor.events = Int16(POLLOUT) }
            let ready = Glibc.poll(&descriptor, 1, 20)
            try Task.checkCancellation()
            guard ContinuousClock.now < deadline else {
                let host = PQhost(connection).map { String(cString: $0) } ?? "the server"
                throw PostgresError(.connect, "no answer from '\(host)' within the connection timeout")
            }
            if ready > 0 { wanted = PQconnectPoll(connection) }
        }
    }

    private static func cancelRoute(_ connection: OpaquePointer) throws -> any CancelRoute {
        guard PQsslInUse(connection) == 1 || PQgssEncInUse(connection) == 1 else { return CancelKey(connection) }
        // Asked for rather than taken from the connection's start, where a pooler puts a number of its own.
        let result = PQexec(connection, "SELECT pg_backend_pid()")
        defer { PQclear(result) }
        guard PQntuples(result) == 1, let backend = Int32(String(cString: PQgetvalue(result, 0, 0))) else {
            throw connectError(String(cString: PQerrorMessage(connection)))
        }
        return CancelConnection(connection, backend: backend)
    }

    /// Reads libpq's verbose message of a failed start: `…FATAL:  28P01: the server's words`, then lines of detail.
    static func connectError(_ text: String) -> PostgresError {
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("LOCATION:") }
        var message = lines.joined(separator: "\n")
        var state: String?
        if let match = message.firstMatch(of: #/:  ([0-9A-Z]{5}): /#) {
            state = String(match.1)
            message.replaceSubrange(match.range, with: ":  ")
        }
        if message.contains("unsupported startup parameter") {
            // pgbouncer's words; it cannot carry the time-outs and the role that go as start-up options.
            return PostgresError(
                .pooler,
                "\(message): a connection pooler stands in front; give the server's own address in database.url"
            )
        }
        // What libpq says of TLS that was asked for and cannot be had; it gives no code to go by.
        if state == nil, message.contains("SSL") || message.contains("certificate") { return .permanent(message) }
        return PostgresError(.connect, message, sqlState: state)
    }
}
