import CygniPostgres
import CygniTestSupport
import Foundation
import Testing

/// The built `cygni-retention-purge` on a database and a store of its own, with the jobs that it relies on.
struct RetentionProcess {
    let database: TestDatabase
    let folder: TemporaryFolder

    /// Without brake or pauses, with the shortest quarantine there is.
    static let plain = """
        policies: {log_lines: {keep: 30d}, metric_samples: {keep: 30d}}
        quarantine: 1m
        brake: {percent: 100}
        pace: {on: false}
        """

    init(_ database: TestDatabase, settings: String = plain) throws {
        self.database = database
        folder = try TemporaryFolder()
        try folder.write(
            """
            database: {url: '\(database.url(role: "cygni_owner"))', role: cygni_jobs}
            object_store: {url: 'file://\(folder.file("objects"))'}
            """,
            to: "cygni.yaml"
        )
        try folder.write("spool: '\(folder.path)'\nretries: 2\n", to: "jobs/log-archive.yaml")
        try folder.write("retries: 2\n", to: "jobs/metrics-rollup.yaml")
        try write(settings: settings)
    }

    func write(settings: String) throws {
        try folder.write("retries: 2\n\(settings)\n", to: "jobs/retention-purge.yaml")
    }

    private func environment(_ crashAt: String?) -> [String: String] {
        var environment = ["CYGNI_CONFIG": folder.file("cygni.yaml")]
        environment["CYGNI_CRASH_AT"] = crashAt
        return environment
    }

    func start(_ arguments: [String] = [], crashAt: String? = nil) throws -> ChildProcess {
        try BuiltExecutable("cygni-retention-purge").start(arguments, environment: environment(crashAt))
    }

    func run(_ arguments: [String] = [], crashAt: String? = nil) async throws -> ProcessResult {
        try await start(arguments, crashAt: crashAt).result(timeLimit: .seconds(120))
    }

    func startTool(_ arguments: [String], user: String = "root") throws -> ChildProcess {
        var environment = environment(nil)
        environment["SUDO_USER"] = user
        return try BuiltExecutable("cygni").start(arguments, environment: environment)
    }

    /// The operator's tool.
    func tool(_ arguments: [String], user: String = "root") async throws -> ProcessResult {
        try await startTool(arguments, user: user).result(timeLimit: .seconds(120))
    }

    func archive() async throws {
        let result = try await BuiltExecutable("cygni-log-archive").run([], environment: environment(nil))
        try #require(result.status == 0, "\(result)")
    }

    func rollUp() async throws {
        let result = try await BuiltExecutable("cygni-metrics-rollup").run([], environment: environment(nil))
        try #require(result.status == 0, "\(result)")
    }

    /// Log lines of four tenants, evenly over days of March 2026.
    func seedLogs(days: ClosedRange<Int> = 1...3, rowsPerDay: Int = 400) async throws {
        try await owner(
            """
            INSERT INTO cygni.tenants (id, slug) SELECT md5('t' || i)::uuid, 't' || i FROM generate_series(1, 4) AS i ON CONFLICT DO NOTHING;
            SELECT cygni.ensure_partitions('log_lines', '2026-03-01'::date + \(days.lowerBound - 1), '2026-03-01'::date + \(days.upperBound - 1));
            INSERT INTO cygni.log_lines (ts, tenant_id, project_id, message)
            SELECT day + i * interval '86399 seconds' / \(rowsPerDay), md5('t' || (1 + i % 4))::uuid, md5('p' || i % 3)::uuid, 'line ' || i
            FROM generate_series(timestamptz '2026-03-01 00:00+00' + interval '1 day' * \(days.lowerBound - 1),
                timestamptz '2026-03-01 00:00+00' + interval '1 day' * \(days.upperBound - 1), interval '1 day') AS day,
                generate_series(0, \(rowsPerDay - 1)) AS i;
            ANALYZE cygni.log_lines;
            """
        )
    }

    /// Lets the time in quarantine pass.
    func waitOut() async throws {
        try await owner(
            "UPDATE cygni.quarantined_partitions SET detached_at = detached_at - interval '1 hour', drop_after = drop_after - interval '1 hour' WHERE ended_at IS NULL"
        )
    }

    func owner(_ sql: String) async throws {
        // The counters that the archiver goes by are told at once, not within seconds.
        let all = "\(sql); SELECT pg_stat_force_next_flush()"
        try await database.connect(role: "cygni_owner").access { try $0.script(all, name: "owner") }
    }

    func jobs(_ sql: String) async throws {
        try await database.connect(role: "cygni_jobs").access { try $0.script(sql, name: "jobs") }
    }

    func text(_ sql: String) async throws -> String {
        try await database.connect().access { session in
            try session.query(Statement("text", "SELECT (\(sql))::text AS value")).first?.get("value", as: String?.self)
                ?? ""
        }
    }

    func lines() async throws -> Int {
        Int(try await text("SELECT count(*) FROM cygni.log_lines")) ?? -1
    }

    /// `purges finished/rows in them/partitions in quarantine`.
    func books() async throws -> String {
        try await text(
            """
            SELECT (SELECT count(*) || '/' || coalesce(sum(rows), 0) FROM cygni.purges WHERE finished_at IS NOT NULL AND audit_id IS NOT NULL)
                || '/' || (SELECT count(*) FROM cygni.quarantined_partitions WHERE ended_at IS NULL)
            """
        )
    }
}
