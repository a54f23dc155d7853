import CygniModel
import CygniPostgres
import CygniTestSupport
import FoundationEssentials
import Testing

/// The built `cygni-metrics-rollup` on a database of its own, with samples of six past days and of this one.
struct RollupProcess {
    let database: TestDatabase
    let folder: TemporaryFolder
    private let executable: BuiltExecutable

    init(_ database: TestDatabase, sealAfter: String = "1d") throws {
        self.database = database
        folder = try TemporaryFolder()
        executable = try BuiltExecutable("cygni-metrics-rollup")
        try folder.write(
            """
            database:
              url: '\(database.url(role: "cygni_owner"))'
            metrics:
              textfile_directory: '\(folder.path)'
            """,
            to: "cygni.yaml"
        )
        try folder.write("seal_after: \(sealAfter)\nretries: 5\naudit_hours: 0\n", to: "jobs/metrics-rollup.yaml")
    }

    /// The same samples in every database: past days, yesterday, and late ones for a day that a first run sealed.
    static func seed(_ database: TestDatabase, days: Int = 6) async throws {
        try await database.connect(role: "cygni_owner").access { session in
            try session.script(
                """
                INSERT INTO cygni.tenants (id, slug) SELECT md5('t' || i)::uuid, 't' || i FROM generate_series(1, 3) AS i;
                SELECT cygni.ensure_partitions('metric_samples', (now() AT TIME ZONE 'UTC')::date - \(days + 40), (now() AT TIME ZONE 'UTC')::date + 7);
                INSERT INTO cygni.metric_samples
                SELECT ts, md5('t' || t)::uuid, md5('p' || t)::uuid, 'm' || m, 100 * sin(extract(epoch FROM ts) * m + t)
                FROM generate_series(date_trunc('day', now(), 'UTC') - interval '\(days) days', date_trunc('day', now(), 'UTC') + interval '2 hours', '20 minutes') AS ts,
                    generate_series(1, 3) AS t, generate_series(1, 2) AS m
                """,
                name: "seed"
            )
        }
    }

    func run(_ arguments: [String] = [], crashAt: String? = nil) async throws -> ProcessResult {
        try await start(arguments, crashAt: crashAt).result(timeLimit: .seconds(120))
    }

    func start(_ arguments: [String] = [], crashAt: String? = nil) throws -> ChildProcess {
        var environment = ["CYGNI_CONFIG": "\(folder.path)/cygni.yaml"]
        environment["CYGNI_CRASH_AT"] = crashAt
        return try executable.start(arguments, environment: environment)
    }

    /// Everything a reader or the purger sees, in one text; what differs from run to run (times, costs) left out.
    func endState() async throws -> String {
        try await database.connect(role: "cygni_owner").access { session in
            let rows = try session.query(
                Statement(
                    "end_state",
                    """
                    SELECT string_agg(part, E'\\n' ORDER BY part) AS value FROM (
                        SELECT level || ' ' || md5(string_agg(concat_ws('|', tenant_id, project_id, metric, bucket, count, round(sum::numeric, 6),
                            min, max, p50, p95, p99, histogram_keys, histogram_counts), E'\\n' ORDER BY tenant_id, metric, bucket)) AS part
                        FROM (
                            SELECT '1m' AS level, * FROM cygni.metrics_1m
                            UNION ALL SELECT '1h', * FROM cygni.metrics_1h
                            UNION ALL SELECT '1d', * FROM cygni.metrics_1d
                        ) AS views GROUP BY level
                        UNION ALL SELECT concat_ws(' ', 'relation', level, grain, range_start, state, source_rows) FROM cygni_rollup.relations
                        UNION ALL SELECT concat_ws(' ', 'day', day, state, is_stale) FROM cygni_rollup.days
                        UNION ALL SELECT concat_ws(' ', 'certificate', day, raw_rows, raw_digest) FROM cygni_rollup.certificates WHERE voided_at IS NULL
                        UNION ALL SELECT concat_ws(' ', 'note', hour, kind) FROM cygni_rollup.changes
                        UNION ALL SELECT 'unpublished ' || level FROM cygni_rollup.unpublished()
                    ) AS parts
                    """
                )
            )
            return try rows.first?.get("value", as: String?.self) ?? ""
        }
    }

    func text(_ sql: String) async throws -> String {
        try await database.connect().access { session in
            try session.query(Statement("text", sql)).first?.get("value", as: String.self) ?? ""
        }
    }
}
