import CygniJobs
import CygniModel
import CygniPostgres
import CygniTestSupport
import Logging
import MetricsRollup
import Testing

/// A migrated database with tenants t1 … t3, and the roll-up run on it in this process.
struct RollupWorld: Sendable {
    let database: TestDatabase
    private let owner: Connection

    static func with(_ body: @Sendable (RollupWorld) async throws -> Void) async throws {
        try await withDatabase(.migrated) { database in
            let world = RollupWorld(database: database, owner: try await database.connect(role: "cygni_owner"))
            try await world.execute(
                """
                INSERT INTO cygni.tenants (id, slug, plan) SELECT md5('t' || i)::uuid, 't' || i, 'free' FROM generate_series(1, 3) AS i;
                SELECT cygni.ensure_partitions('metric_samples', '2026-09-25', '2026-11-25');
                """
            )
            try await body(world)
        }
    }

    func execute(_ sql: String) async throws {
        try await owner.access { session in try session.script(sql, name: "test") }
    }

    /// One sample every `step` between two moments, for tenants 1 … 3 and two metrics.
    func fill(_ from: String, _ upTo: String, every step: String = "10 minutes") async throws {
        try await execute(
            """
            INSERT INTO cygni.metric_samples
            SELECT ts, md5('t' || t)::uuid, md5('p' || t)::uuid, 'm' || m, 100 * sin(extract(epoch FROM ts) * m + t)
            FROM generate_series('\(from)'::timestamptz, '\(upTo)'::timestamptz - interval '1 second', '\(step)') AS ts,
                generate_series(1, 3) AS t, generate_series(1, 2) AS m
            """
        )
    }

    /// One sample of tenant 1, project 1.
    func sample(_ at: String, _ value: String, metric: String = "m1") async throws {
        try await execute(
            "INSERT INTO cygni.metric_samples VALUES ('\(at)', md5('t1')::uuid, md5('p1')::uuid, '\(metric)', '\(value)')"
        )
    }

    /// Runs the job once at a time of the test's choosing.
    @discardableResult
    func run(
        _ now: String,
        _ settings: RollupSettings = settings(),
        rebuild: String? = nil,
        limit: Int = 0,
        isDryRun: Bool = false
    ) async throws -> RunReport {
        var identity = RunIdentity(
            job: MetricsRollupJob.name,
            host: "test",
            pid: 1,
            version: "test",
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        identity.limit = limit
        identity.isDryRun = isDryRun
        var options = database.options(role: "cygni_jobs")
        options.applicationName = "rollup-test"
        var runSettings = RunSettings(database: options)
        runSettings.retries = 0
        let job = MetricsRollupJob(settings: settings, rebuild: rebuild.flatMap { RebuildRange(parsing: $0) })
        return await JobRunner(job: job, run: identity, settings: runSettings, clock: .fixed(moment(now)))()
    }

    /// The first column, named `value`, of every row, as text.
    func texts(_ sql: String, role: String = "cygni_owner") async throws -> [String] {
        try await database.connect(role: role).access { session in
            try session.query(Statement("test", sql)).map { try $0.get("value", as: String.self) }
        }
    }

    func text(_ sql: String) async throws -> String {
        try #require(try await texts(sql).first)
    }

    /// Rows and samples of a view, as `rows/samples`.
    func totals(_ level: String) async throws -> String {
        try await text(
            "SELECT count(*) || '/' || coalesce(sum(count + nan_count + positive_infinity_count + negative_infinity_count), 0) AS value FROM cygni.metrics_\(level)"
        )
    }

    /// The hash of all that a view shows, sums rounded to what float addition guarantees in any order.
    func content(_ level: String) async throws -> String {
        try await text(
            """
            SELECT coalesce(md5(string_agg(concat_ws('|', tenant_id, project_id, metric, bucket, count, round(sum::numeric, 6), min, max,
                p50, p95, p99, nan_count, histogram_keys, histogram_counts), E'\n' ORDER BY tenant_id, metric, project_id, bucket)), 'empty') AS value
            FROM cygni.metrics_\(level)
            """
        )
    }
}
