import CygniPostgres
import CygniTestSupport
import Foundation

extension DatabaseTemplate {
    /// The platform's roles and the tables of the runtime, and a table for jobs to write to.
    static let jobs = DatabaseTemplate("jobs") { database in
        let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources/SchemaMigration")
        func text(_ path: String) throws -> String {
            try String(contentsOf: sources.appending(path: path), encoding: .utf8)
        }
        try await database.execute(try text("SQL/bootstrap.sql"))
        let migration = try text("Migrations/0004_job_runs.sql")
        let up = migration.components(separatedBy: "-- migrate:down")[0]
        try await database.execute("SET ROLE cygni_owner; " + up)
        try await database.execute(
            """
            CREATE TABLE public.done (item text PRIMARY KEY, fence bigint, at timestamptz DEFAULT clock_timestamp());
            GRANT ALL ON public.done TO cygni_jobs;
            """
        )
    }
}

extension TestDatabase {
    /// One column of text from a query, over a connection of its own.
    func texts(_ sql: String) async throws -> [String] {
        try await connect().access { session in
            try session.query(Statement("texts", "SELECT row_.value::text AS value FROM (\(sql)) AS row_ (value)"))
                .map { try $0.get("value") }
        }
    }

    /// `state attempt exit_status` of every run, oldest first.
    func runs() async throws -> [String] {
        try await texts(
            """
            SELECT concat_ws(' ', state, attempt, coalesce(exit_status::text, '-'))
            FROM cygni.job_runs ORDER BY started_at
            """
        )
    }

    /// The items that jobs of these tests have done.
    func done() async throws -> [String] {
        try await texts("SELECT item FROM public.done ORDER BY item")
    }
}
