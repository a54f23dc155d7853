import CygniPostgres

/// One thing a schema consists of: a table, a column, an index, a right.
package struct SchemaObject: Hashable, Sendable {
    /// `table`, `column`, `constraint` …
    package var kind: String
    /// With its schema, and with its table where it belongs to one.
    package var name: String
    /// The name of the table or function it goes with; nil when it stands by itself.
    package var whole: String?
    /// Equal for equal objects.
    package var definition: String

    private static let statements = StatementFile("catalog", PackageResources.catalog_sql)

    /// All of a database, outside the system's schemas, extensions' members and the ledger.
    static func all(_ options: ConnectionOptions) async throws -> [SchemaObject] {
        var options = options
        options.isReadOnly = true
        let connection = try await Connection.open(options)
        let objects = try await connection.transaction(.snapshot) { session in
            try session.script(statements["settings"].text, name: "catalog.settings")
            return try session.query(statements["objects"]).map { row in
                SchemaObject(
                    kind: try row.get("kind"),
                    name: try row.get("name"),
                    whole: try row.get("whole"),
                    definition: try row.get("definition", as: String?.self) ?? ""
                )
            }
        }
        await connection.close()
        return objects
    }
}
