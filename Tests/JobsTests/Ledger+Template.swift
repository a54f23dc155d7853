import CygniPostgres
import CygniTestSupport
import SchemaMigration

extension DatabaseTemplate {
    /// The platform's schema and a table for jobs to write to.
    static let jobs = DatabaseTemplate("jobs") { database in
        try await PlatformMigrations.apply(to: database.options())
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

extension TestDatabase {
    /// Ends server sessions by the name of their application, as an administrator would.
    func endSessions(like application: String) async throws {
        try await execute(
            """
            SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name LIKE '\(application)'
            """
        )
    }
}
