import CygniPostgres
import CygniTestSupport

/// A folder of migrations and the built `cygni-migrate` over it.
struct MigrateFolder {
    let folder: TemporaryFolder
    private let executable: BuiltExecutable

    init(_ files: [String: String]) throws {
        folder = try TemporaryFolder()
        executable = try BuiltExecutable("cygni-migrate")
        for (name, text) in files { try folder.write(text, to: "db/\(name)") }
    }

    var path: String { folder.file("db") }

    /// Runs a subcommand on a database to its end.
    func run(
        _ arguments: [String],
        _ database: TestDatabase,
        environment: [String: String] = [:]
    ) async throws -> ProcessResult {
        try await executable.run(all(arguments, database), environment: environment)
    }

    func start(_ arguments: [String], _ database: TestDatabase) throws -> ChildProcess {
        try executable.start(all(arguments, database))
    }

    private func all(_ arguments: [String], _ database: TestDatabase) -> [String] {
        arguments + ["--dir", path, "--database-url", database.url()]
    }
}

extension TestDatabase {
    /// What migrations left: relations, columns, indexes and their validity, and the ledger. Equal for equal histories.
    func fingerprint() async throws -> [String] {
        try await connect().access { session in
            try session.query(Statement("fingerprint", Self.fingerprintQuery)).map { try $0.get("line") }
        }
    }

    private static let fingerprintQuery = """
        SELECT c.relkind::text || ' ' || c.oid::regclass::text || ' ' || pg_get_userbyid(c.relowner)
            || coalesce(' ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod), '')
            || coalesce(' valid ' || i.indisvalid, '') AS line
        FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_index i ON i.indexrelid = c.oid
        WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        UNION ALL
        SELECT 'ledger ' || migration_set || ' ' || name || ' ' || sha256 FROM cygni_migrate.applied
        UNION ALL
        SELECT 'step ' || version || ' ' || step FROM cygni_migrate.steps
        ORDER BY 1
        """
}
