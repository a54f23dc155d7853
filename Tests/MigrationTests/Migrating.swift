import CygniJobs
import CygniPostgres
import CygniTestSupport

@testable import SchemaMigration

/// A set of files by name and text, as a folder `db` would hold them.
func migrations(_ files: [String: String]) throws -> MigrationSet {
    try MigrationSet(name: "default", origin: "db", sources: files.map { ("db/\($0.key)", Array($0.value.utf8)) })
}

func migrator(_ database: TestDatabase, _ files: [String: String]) throws -> Migrator {
    Migrator(set: try migrations(files), options: database.options(), toolVersion: "test")
}

extension TestDatabase {
    /// The first column of a query that gives text.
    func texts(_ sql: String) async throws -> [String] {
        try await connect().access { session in
            try session.query(Statement("texts", "SELECT v::text AS v FROM (\(sql)) AS q (v)")).map { try $0.get("v") }
        }
    }

    /// Names of the applied files, in the order they were applied.
    func applied() async throws -> [String] {
        try await texts("SELECT name FROM cygni_migrate.applied ORDER BY applied_at, version::numeric")
    }

    /// Tables outside the catalogues and the ledger.
    func tables() async throws -> [String] {
        try await texts(
            """
            SELECT schemaname || '.' || tablename FROM pg_tables
            WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'cygni_migrate') ORDER BY 1
            """
        )
    }
}
