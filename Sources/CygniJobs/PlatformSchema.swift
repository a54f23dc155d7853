import CygniModel
package import CygniPostgres

/// The platform's tables in a database: who works on them asks first whether they are there.
package enum PlatformSchema {
    private static let statements = StatementFile("platform_schema", PackageResources.platform_schema_sql)

    /// The newest platform migration that the runtime itself relies on.
    package static let ofRuntime = 30

    /// Refuses a database without the platform's tables, or with older ones than its caller was written for.
    ///
    /// - Parameters:
    ///   - migration: the number of the last of the platform's migrations that the caller needs.
    ///   - caller: how the words name who needs it, as "this job".
    /// - Throws: ``JobFailure`` with ``ExitStatus/configuration``; ``PostgresError``.
    package static func check(needing migration: Int, by caller: String = "this job", in session: Session) throws {
        let facts = try session.query(statements["schema"])[0]
        let database = try facts.get("database", as: String.self)
        guard try facts.get("has_ledger", as: Bool.self) else {
            throw JobFailure(
                "database '\(database)' has no platform schema: run `cygni-migrate up`",
                status: .configuration
            )
        }
        guard try facts.get("knows_version", as: Bool.self) else { return }
        let version = try session.query(statements["version"])[0].get("version", as: Int.self)
        guard version >= migration else {
            throw JobFailure(
                "the schema of database '\(database)' is at migration \(version) and \(caller) needs \(migration): "
                    + "run `cygni-migrate up`",
                status: .configuration
            )
        }
    }
}
