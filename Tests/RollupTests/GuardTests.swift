import CygniJobs
import CygniModel
import CygniPostgres
import CygniTestSupport
import MetricsRollup
import Testing

/// The fuse, the self-audit, and readers who hold on.
struct GuardTests {
    @Test func `excess series of a tenant become one, the offenders are named, no sample is lost`() async throws {
        try await RollupWorld.with { world in
            try await world.fill("2026-11-22 08:00Z", "2026-11-22 09:00Z")
            try await world.execute(
                """
                INSERT INTO cygni.metric_samples
                SELECT '2026-11-22 08:00Z'::timestamptz + n * interval '1 second', md5('t2')::uuid, md5('p2')::uuid, 'hits_user_' || n % 300, n
                FROM generate_series(1, 1500) AS n
                """
            )
            let report = try await world.run("2026-11-22T10:20:00Z", settings(limits: ["free": 20], audits: 3))
            #expect(report.outcome == .succeeded)
            #expect(report.counts["series_folded"] == 282)
            #expect(try await world.totals("1h").hasSuffix("/1536"))
            let kept = try await world.text(
                "SELECT count(*)::text AS value FROM cygni.metrics_1h WHERE tenant_id = md5('t2')::uuid"
            )
            #expect(kept == "21")
            let offender = try await world.text(
                "SELECT top_offenders #>> '{0,pattern}' AS value FROM cygni_rollup.folds"
            )
            #expect(offender == "hits_user_*")
            // Other tenants keep their series, and the hours agree with raw under the folded names.
            let untouched = try await world.text(
                "SELECT count(*)::text AS value FROM cygni.metrics_1h WHERE tenant_id <> md5('t2')::uuid"
            )
            #expect(untouched == "4")
            let audited = try await world.run("2026-11-22T10:21:00Z", settings(limits: ["free": 20], audits: 3))
            #expect(audited.outcome == .succeeded)
            #expect(audited.counts["hours_audited"] == 1)
        }
    }

    @Test func `a past day over the limit folds hour by hour`() async throws {
        try await RollupWorld.with { world in
            try await world.fill("2026-11-10 00:00Z", "2026-11-11 00:00Z", every: "30 minutes")
            try await world.execute(
                """
                INSERT INTO cygni.metric_samples
                SELECT hour + n * interval '1 second', md5('t' || t)::uuid, md5('p' || t)::uuid, 'k' || n, n
                FROM generate_series('2026-11-10Z'::timestamptz, '2026-11-10 23:00Z', '1 hour') AS hour, generate_series(2, 3) AS t,
                    generate_series(1, 30) AS n
                """
            )
            let report = try await world.run("2026-11-22T10:20:00Z", settings(limits: ["free": 5]))
            #expect(try await world.text("SELECT count(*)::text AS value FROM cygni_rollup.folds") == "48")
            #expect(report.counts["tenant_hours_folded"] == 48)
            // Two series and thirty, of which five are kept.
            #expect(report.counts["series_folded"] == 48 * 27)
            #expect(try await world.totals("1h").hasSuffix("/1728"))
        }
    }

    @Test func `the self-audit finds what came in behind the triggers, fails the run, and the next one mends it`()
        async throws
    {
        try await RollupWorld.with { world in
            try await world.fill("2026-11-22 08:00Z", "2026-11-22 09:00Z")
            try await world.run("2026-11-22T09:20:00Z")
            try await world.database.execute(
                """
                SET session_replication_role = replica;
                INSERT INTO cygni.metric_samples
                SELECT '2026-11-22 08:30Z', md5('t' || t)::uuid, md5('p' || t)::uuid, 'm1', 5 FROM generate_series(1, 3) AS t
                """
            )
            let report = try await world.run("2026-11-22T09:21:00Z", settings(audits: 1))
            #expect(report.outcome != .succeeded)
            #expect(report.items.contains { $0.reason?.contains("differs from its raw samples") == true })
            let next = try await world.run("2026-11-22T09:22:00Z", settings(audits: 1))
            #expect(next.outcome == .succeeded)
            #expect(next.counts["hours_refreshed"] == 1)
            #expect(try await world.totals("1h") == "6/39")
        }
    }

    @Test func `sealing finds what came in behind the triggers`() async throws {
        try await RollupWorld.with { world in
            try await world.fill("2026-11-18 08:00Z", "2026-11-18 09:00Z")
            try await world.run("2026-11-18T09:20:00Z")
            try await world.database.execute(
                """
                SET session_replication_role = replica;
                INSERT INTO cygni.metric_samples VALUES ('2026-11-18 08:30Z', md5('t1')::uuid, md5('p1')::uuid, 'm1', 5)
                """
            )
            let report = try await world.run("2026-11-22T09:21:00Z")
            #expect(report.outcome != .succeeded)
            #expect(try await world.text("SELECT count(*)::text AS value FROM cygni_rollup.certificates") == "0")
            let next = try await world.run("2026-11-22T09:22:00Z")
            #expect(next.outcome == .succeeded)
            #expect(try await world.totals("1h") == "6/37")
            #expect(try await world.text("SELECT count(*)::text AS value FROM cygni_rollup.certificates") == "1")
        }
    }

    @Test func `a writer that is still running keeps its day from being sealed`() async throws {
        try await RollupWorld.with { world in
            try await world.fill("2026-11-18 08:00Z", "2026-11-18 09:00Z")
            let writer = try await world.database.connect(role: "cygni_jobs")
            try await writer.access { session in
                try session.script(
                    "BEGIN; INSERT INTO cygni.metric_samples VALUES ('2026-11-18 08:30Z', md5('t1')::uuid, md5('p1')::uuid, 'slow', 1)",
                    name: "test"
                )
            }
            let report = try await world.run("2026-11-22T10:20:00Z")
            #expect(report.counts["days_sealed"] == nil)
            #expect((report.counts["days_waiting_for_writers"] ?? 0) > 0)
            try await writer.access { session in try session.script("COMMIT", name: "test") }
            #expect(try await world.run("2026-11-22T10:21:00Z").outcome == .succeeded)
            #expect(try await world.totals("1h") == "7/37")
        }
    }

    @Test func `a reader that holds the views delays new relations, and no other reader`() async throws {
        try await RollupWorld.with { world in
            try await world.fill("2026-11-21 08:00Z", "2026-11-21 09:00Z")
            try await world.run("2026-11-21T10:20:00Z")
            let holder = try await world.database.connect(role: "cygni_jobs")
            try await holder.access { session in
                try session.script("BEGIN; SELECT count(*) FROM cygni.metrics_1h", name: "test")
            }
            try await world.fill("2026-11-22 08:00Z", "2026-11-22 09:00Z")
            async let running = world.run("2026-11-22T10:20:00Z")
            let reader = try await world.database.connect(role: "cygni_jobs")
            // Readers that would have to queue behind the rewriting of the view fail by this lock_timeout.
            for _ in 0..<200 {
                try await reader.access { session in
                    try session.script("SET lock_timeout = '1s'; SELECT count(*) FROM cygni.metrics_1h", name: "test")
                }
                try await Task.sleep(for: .milliseconds(10))
            }
            let report = try await running
            #expect(report.outcome == .partial)
            try await holder.access { session in try session.script("ROLLBACK", name: "test") }
            #expect(try await world.run("2026-11-22T10:21:00Z").outcome == .succeeded)
            #expect(try await world.totals("1h") == "12/72")
        }
    }

    @Test func `cygni_app reads its own tenant's roll-ups and no other's, and no relation by name`() async throws {
        try await RollupWorld.with { world in
            try await world.fill("2026-11-22 08:00Z", "2026-11-22 09:00Z")
            try await world.run("2026-11-22T10:20:00Z")
            let app = try await world.database.connect(role: "cygni_app")
            for (setting, expected) in [
                (nil, 0), ("", 0), ("nonsense", 0), ("00000000-0000-0000-0000-000000000000", 0), ("t1", 2),
            ] {
                let seen = try await app.access { session in
                    if let setting {
                        try session.query(
                            Statement(
                                "test",
                                "SELECT set_config('cygni.tenant_id', CASE $1 WHEN 't1' THEN md5('t1')::uuid::text ELSE $1 END, false)"
                            ),
                            setting
                        )
                    }
                    return try session.query(Statement("test", "SELECT tenant_id FROM cygni.metrics_1h")).count
                }
                #expect(seen == expected)
            }
            await #expect(throws: PostgresError.self) {
                try await app.access { session in
                    try session.script("SELECT * FROM cygni_rollup.hours_20261122_08", name: "test")
                }
            }
        }
    }
}
