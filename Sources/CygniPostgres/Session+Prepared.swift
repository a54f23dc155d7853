import CPostgres

/// What tells prepared statements apart. The types belong to it: a NULL says nothing of its type, so a statement first
/// used with one may be prepared for another type than the next value has.
struct PreparedKey: Hashable {
    let text: String
    let types: [UInt32]
}

extension Session {
    /// Runs one statement through a server-side prepared one, made at its first use on this connection.
    ///
    /// Worth it for what runs many times; its text should be one of a fixed few, as each stays on the server.
    @discardableResult
    package func queryPrepared(_ statement: Statement, _ binds: (any PostgresBindable)?...) throws -> Rows {
        try canceller.check()
        let parameters = Parameters(binds)
        let key = PreparedKey(text: statement.text, types: parameters.types)
        let name = try prepared[key] ?? prepare(key, statement.name)
        let result = parameters.withPointers { _, values, lengths, formats in
            PQexecPrepared(connection, name, parameters.count, values, lengths, formats, 1)
        }
        return try rows(of: result, statement.name)
    }

    private func prepare(_ key: PreparedKey, _ statement: String) throws -> String {
        let name = nextPreparedName
        _ = try rows(of: PQprepare(connection, name, key.text, Int32(key.types.count), key.types), statement)
        prepared[key] = name
        return name
    }

    var nextPreparedName: String { "cygni_\(prepared.count + 1)" }

    /// Asks the server whether it can read a statement, without running it; for tests over `.sql` files.
    package func checkStatement(_ statement: Statement) throws {
        try canceller.check()
        _ = try rows(of: PQprepare(connection, "", statement.text, 0, nil), statement.name)
    }
}
