import CygniModel
import CygniPostgres

/// Opens a connection for a run and makes sure that it is one: the server's own, in the role that was asked for.
///
/// - Throws: ``JobFailure`` of status `configuration` for what waiting does not mend.
func openConnection(_ options: ConnectionOptions) async throws -> Connection {
    let connection: Connection
    do {
        connection = try await Connection.open(options)
    } catch let error as PostgresError {
        throw explained(error, options)
    }
    let isDirect = try await connection.access { session in
        let pids = try (0..<2).map { _ in
            try session.query(Statement("backend", "SELECT pg_backend_pid() AS pid"))[0].get("pid", as: Int.self)
        }
        return pids[0] == pids[1] && pids[0] == session.announcedBackend
    }
    guard isDirect else {
        throw JobFailure(
            "a connection pooler stands in front of the database, and a job's lock lives in its session: "
                + "give the server's own address in database.url",
            status: .configuration
        )
    }
    return connection
}

private func explained(_ error: PostgresError, _ options: ConnectionOptions) -> any Error {
    switch error.kind {
    case .pooler: return JobFailure("\(error)", status: .configuration)
    case .connect where options.role.map { error.serverMessage.contains("\"\($0)\"") } ?? false:
        // "permission denied to set role", 'role "cygni_jobs" does not exist', 'invalid value for parameter "role"'
        return JobFailure(
            "failed to act as role '\(options.role ?? "")': \(error): run `cygni-migrate up` if the roles are missing, "
                + "or grant it to the login, or set database.role",
            status: .configuration
        )
    default: return error
    }
}
