import CygniPostgres
import CygniTestSupport
import SchemaMigration

extension DatabaseTemplate {
    /// The platform's schema and the table that the probe job writes to.
    static let probe = DatabaseTemplate("probe") { database in
        try await PlatformMigrations.apply(to: database.options())
        try await database.execute(
            """
            CREATE TABLE public.done (item text PRIMARY KEY, fence bigint, at timestamptz DEFAULT clock_timestamp());
            GRANT ALL ON public.done TO cygni_jobs;
            """
        )
    }
}

/// A database, settings files, and the probe job's executable to run on them.
struct ProbeScene: Sendable {
    let database: TestDatabase
    let folder: TemporaryFolder
    let executable: BuiltExecutable

    init(_ database: TestDatabase, job: String = "") throws {
        self.database = database
        folder = try TemporaryFolder()
        executable = try BuiltExecutable("probe-job")
        try folder.write(
            """
            database:
              url: "\(database.url(role: "cygni_owner"))"
            metrics:
              textfile_directory: metrics
            """,
            to: "cygni.yaml"
        )
        try folder.write("", to: "metrics/readme")
        if !job.isEmpty { try folder.write(job, to: "jobs/probe.yaml") }
    }

    var environment: [String: String] { ["CYGNI_CONFIG": folder.file("cygni.yaml")] }

    func run(_ arguments: String..., environment extra: [String: String] = [:]) async throws -> ProcessResult {
        try await executable.run(arguments, environment: environment.merging(extra) { _, extra in extra })
    }

    func start(_ arguments: String..., environment extra: [String: String] = [:]) throws -> ChildProcess {
        try executable.start(arguments, environment: environment.merging(extra) { _, extra in extra })
    }

    /// One column of text from a query.
    func texts(_ sql: String) async throws -> [String] {
        try await database.connect().access { session in
            try session.query(Statement("texts", "SELECT row_.value::text AS value FROM (\(sql)) AS row_ (value)"))
                .map { try $0.get("value") }
        }
    }

    func done() async throws -> [String] {
        try await texts("SELECT item FROM public.done ORDER BY item")
    }

    /// `state attempt exit_status` of every run, oldest first.
    func runs() async throws -> [String] {
        try await texts(
            "SELECT concat_ws(' ', state, attempt, coalesce(exit_status, -1)) FROM cygni.job_runs ORDER BY started_at"
        )
    }

    /// Waits until a query has a row.
    func until(_ sql: String) async throws {
        for _ in 0..<600 {
            if !(try await texts(sql).isEmpty) { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw TestSupportError("no row within 30 s: \(sql)")
    }
}

func withProbe<Value>(job: String = "", _ body: (ProbeScene) async throws -> Value) async throws -> Value {
    try await withDatabase(.probe) { database in try await body(ProbeScene(database, job: job)) }
}
