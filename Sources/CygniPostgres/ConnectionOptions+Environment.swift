import CPostgres

extension ConnectionOptions {
    /// libpq's environment variables that lead another program, as pg_dump, to the same database with the same rules for
    /// TLS. A password is among them: a command line is for all to see, a process's environment for its owner.
    ///
    /// - Throws: ``PostgresError`` when the URL cannot be read.
    package func environment() throws -> [String: String] {
        let parameters = try ConnectionParameters(self)
        var values = parameters.written
        for (keyword, value) in parameters.pairs where value != url { values[keyword] = value }
        if values["dbname"] == nil, !url.isEmpty, !url.contains("="), !url.contains("://") { values["dbname"] = url }
        let variables = ConnectionInfo.variables()
        return Dictionary(
            values.compactMap { keyword, value in variables[keyword].map { ($0, value) } },
            uniquingKeysWith: { _, last in last }
        )
    }
}
