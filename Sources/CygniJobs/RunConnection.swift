import CygniModel
import CygniPostgres

/// Opens a connection for a run and makes sure that it is one: to the server itself, in the role that was asked for.
///
/// - Throws: ``JobFailure`` of status `configuration` for what waiting does not mend.
func openConnection(_ options: ConnectionOptions) async throws -> Connection {
    try await explaining(options) {
        let connection = try await Connection.open(options)
        try await PoolerProbe.refuseTransactionPooler(connection, options)
        return connection
    }
}

/// Tells what is wrong with the set-up from what may pass by itself.
func explaining<Value>(_ options: ConnectionOptions, _ body: () async throws -> Value) async throws -> Value {
    do {
        return try await body()
    } catch let error as PostgresError where error.kind == .pooler {
        throw JobFailure("\(error)", status: .configuration)
    } catch let error as PostgresError where error.kind == .connect {
        // 'permission denied to set role "r"', 'role "r" does not exist', 'invalid value for parameter "role": "r"'
        guard let role = options.role, error.serverMessage.contains("\"\(role)\"") else { throw error }
        throw JobFailure(
            "failed to act as role '\(role)' (\(error)): run `cygni-migrate up` if it is missing, else grant it to the "
                + "login or set database.role",
            status: .configuration
        )
    }
}
