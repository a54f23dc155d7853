import CygniPostgres
import CygniTestSupport
import Testing

/// When batches stop before they begin, and what others began.
struct PressureTests {
    private func process(_ database: TestDatabase, pace: String) async throws -> RetentionProcess {
        let process = try RetentionProcess(
            database,
            settings: "policies: {job_slots: {keep: 90d, time_column: finish_by, tenant_column: null}}\npace: {\(pace)}"
        )
        try await process.owner(
            "INSERT INTO cygni.job_slots (job, slot, schedule, start_by, finish_by) SELECT 'old', at, 'x', at, at FROM generate_series(timestamptz '2025-01-01', '2025-01-02', interval '1 hour') AS at"
        )
        return process
    }

    private func slots(_ process: RetentionProcess) async throws -> String {
        try await process.text("SELECT count(*) FROM cygni.job_slots WHERE job = 'old'")
    }

    @Test func `nothing is deleted on a disk that is nearly full`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try await process(database, pace: "disk_path: /tmp, min_free: 1024TiB")
            let result = try await process.run()
            #expect(result.status == 1 && result.standardOutput.contains("pace.min_free"), "\(result)")
            #expect(try await slots(process) == "25")
        }
    }

    @Test func `nothing is deleted that an old transaction would keep from being vacuumed`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try await process(database, pace: "old_transaction: 1s")
            let reader = try await database.connect(role: "cygni_owner")
            try await reader.access { session in
                try session.script(
                    "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM cygni.tenants",
                    name: "reader"
                )
            }
            try await Task.sleep(for: .milliseconds(1200))
            let result = try await process.run()
            #expect(result.status == 1 && result.standardOutput.contains("pg_stat_activity"), "\(result)")
            #expect(try await slots(process) == "25")
            try await reader.access { try $0.script("ROLLBACK", name: "reader") }
            #expect(try await process.run().status == 0)
            #expect(try await slots(process) == "0")
        }
    }

    @Test func `a detachment that somebody began and did not end is ended first`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try RetentionProcess(database)
            try await process.owner(
                """
                SELECT cygni.ensure_partitions('metric_samples', '2026-03-01', '2026-03-02');
                INSERT INTO cygni.tenants (id, slug) VALUES (md5('t1')::uuid, 't1');
                INSERT INTO cygni.metric_samples SELECT timestamptz '2026-03-01 00:00+00' + i * interval '1 hour', md5('t1')::uuid, md5('p')::uuid, 'm', i FROM generate_series(0, 40) AS i
                """
            )
            try await process.rollUp()
            let reader = try await database.connect(role: "cygni_owner")
            try await reader.access { session in
                try session.script("BEGIN; SELECT count(*) FROM cygni.metric_samples", name: "reader")
            }
            let cut = try await database.connect(role: "cygni_owner")
            try await cut.access { try $0.script("SET statement_timeout = '500ms'", name: "cut") }
            await #expect(throws: PostgresError.self) {
                try await cut.access { session in
                    try session.script(
                        "ALTER TABLE cygni.metric_samples DETACH PARTITION cygni.metric_samples_p20260301 CONCURRENTLY",
                        name: "cut"
                    )
                }
            }
            #expect(try await process.text("SELECT count(*) FROM pg_inherits WHERE inhdetachpending") == "1")
            try await reader.access { try $0.script("ROLLBACK", name: "reader") }
            let result = try await process.run()
            #expect(result.status == 0, "\(result)")
            #expect(result.standardOutput.contains("detachments_finalized"), "\(result)")
            #expect(try await process.text("SELECT count(*) FROM pg_inherits WHERE inhdetachpending") == "0")
            // What somebody else detached is theirs.
            #expect(
                try await process.text("SELECT to_regclass('cygni.metric_samples_p20260301') IS NOT NULL") == "true"
            )
            #expect(try await process.text("SELECT to_regclass('cygni.metric_samples_p20260302') IS NULL") == "true")
        }
    }
}
