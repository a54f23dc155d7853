import CygniJobs
import CygniModel
import CygniPostgres
import CygniTestSupport
import MetricsRollup
import Testing

struct SealingTests {
    /// A sealed 20 November and today's hours.
    private func sealed(_ body: @Sendable (RollupWorld) async throws -> Void) async throws {
        try await RollupWorld.with { world in
            try await world.fill("2026-11-18 00:00Z", "2026-11-19 00:00Z", every: "30 minutes")
            try await world.run("2026-11-18T23:59:00Z")
            #expect(try await world.text(states) == "open")
            try await world.run("2026-11-22T10:20:00Z")
            #expect(try await world.text(states) == "sealed")
            try await body(world)
        }
    }

    @Test func `sealing merges a day's hours and changes no bucket`() async throws {
        try await RollupWorld.with { world in
            try await world.fill("2026-11-18 00:00Z", "2026-11-19 00:00Z", every: "30 minutes")
            try await world.run("2026-11-18T23:59:00Z")
            var before: [String] = []
            for level in ["1m", "1h", "1d"] { before.append(try await world.content(level)) }
            let report = try await world.run("2026-11-21T00:00:00Z")
            #expect(report.counts["days_sealed"] == 1)
            for (level, content) in zip(["1m", "1h", "1d"], before) {
                #expect(try await world.content(level) == content)
            }
            let left = try await world.texts("SELECT relation::text AS value FROM cygni_rollup.relations ORDER BY 1")
            #expect(left == ["days_20261118", "hours_20261118", "minutes_20261118"])
            let again = try await world.run("2026-11-21T00:01:00Z")
            #expect(again.items.isEmpty)
        }
    }

    @Test func `the certificate holds the raw count and a digest that any order of rows gives`() async throws {
        try await sealed { world in
            let matches = try await world.text(
                """
                SELECT (c.raw_rows = r.rows AND c.raw_digest = r.digest AND c.definition_hash = cygni_rollup.definition_hash())::text AS value
                FROM cygni_rollup.certificates AS c, (
                    SELECT count(*) AS rows, sum(hash_record_extended(ROW(ts, tenant_id, project_id, metric, value), 0)::numeric) AS digest
                    FROM (SELECT * FROM cygni.metric_samples_p20261118 ORDER BY random()) AS shuffled
                ) AS r
                WHERE c.day = '2026-11-18' AND c.voided_at IS NULL
                """
            )
            #expect(matches == "true")
        }
    }

    @Test func `a late sample of a sealed day counts at once, and the day is sealed again when more had time to come`()
        async throws
    {
        try await sealed { world in
            try await world.sample("2026-11-18 05:45Z", "1000")
            let report = try await world.run("2026-11-22T10:21:00Z")
            #expect(report.counts["hours_refreshed"] == 1 && report.counts["days_sealed"] == nil)
            #expect(try await world.text(states) == "open")
            #expect(try await world.totals("1h") == "144/289")
            #expect(try await world.totals("1d") == "6/289")
            try await world.sample("2026-11-18 07:45Z", "1000")
            #expect(try await world.run("2026-11-24T10:20:00Z").counts["days_sealed"] == nil)
            #expect(try await world.run("2026-11-24T10:21:00Z").counts["days_sealed"] == 1)
            let certificates = try await world.texts(
                "SELECT raw_rows || CASE WHEN voided_at IS NULL THEN ' live' ELSE ' void' END AS value FROM cygni_rollup.certificates ORDER BY issued_at"
            )
            #expect(certificates == ["288 void", "290 live"])
            #expect(
                try await world.text(
                    "SELECT late_rows::text AS value FROM cygni_rollup.hours WHERE hour = '2026-11-18 05:00Z'"
                ) == "1"
            )
        }
    }

    @Test func `removing raw samples of a sealed day leaves its roll-ups alone`() async throws {
        try await sealed { world in
            let before = try await world.content("1h")
            try await world.execute("DELETE FROM cygni.metric_samples WHERE ts < '2026-11-18 06:00Z'")
            let report = try await world.run("2026-11-22T10:21:00Z", settings(audits: 5))
            #expect(report.outcome == .succeeded)
            #expect(report.counts["hours_pruned"] == 6)
            #expect(try await world.content("1h") == before)
        }
    }

    @Test func `a late sample where certified ones are gone is kept out, named, and does not come up again`()
        async throws
    {
        try await sealed { world in
            let before = try await world.content("1h")
            try await world.execute("DELETE FROM cygni.metric_samples WHERE ts < '2026-11-18 06:00Z'")
            try await world.sample("2026-11-18 05:45Z", "1000")
            let report = try await world.run("2026-11-22T10:21:00Z")
            #expect(report.outcome == .partial)
            #expect(report.items.contains { $0.reason?.contains("samples that were certified are gone") == true })
            #expect(try await world.content("1h") == before)
            let next = try await world.run("2026-11-22T10:22:00Z")
            #expect(next.outcome == .succeeded)
            #expect(next.counts["parked_hours"] == 1)
        }
    }

    @Test func `a parked hour is never computed again, also when its neighbour reopens the day`() async throws {
        try await sealed { world in
            try await world.execute("DELETE FROM cygni.metric_samples WHERE ts < '2026-11-18 01:00Z'")
            try await world.sample("2026-11-18 00:45Z", "1000")
            try await world.sample("2026-11-18 07:45Z", "1000")
            try await world.run("2026-11-22T10:21:00Z")
            #expect(try await world.totals("1h") == "144/289")
            try await world.sample("2026-11-18 00:46Z", "1000")
            for minute in 22...23 { try await world.run("2026-11-22T10:\(minute):00Z", settings(audits: 5)) }
            #expect(try await world.totals("1h") == "144/289")
            #expect(try await world.run("2026-11-22T10:24:00Z", rebuild: "2026-11-18").outcome != .succeeded)
            #expect(try await world.totals("1h") == "144/289")
            #expect(try await world.text(states) == "open")
        }
    }

    @Test func `what is sealed stands when its partition is dropped, also when refreshed by hand`() async throws {
        try await sealed { world in
            let before = try await world.content("1h")
            try await world.execute("DROP TABLE cygni.metric_samples_p20261118")
            try await world.run("2026-11-22T10:21:00Z", settings(audits: 5))
            try await world.execute("REFRESH MATERIALIZED VIEW cygni_rollup.hours_20261118")
            #expect(try await world.content("1h") == before)
            let rebuilt = try await world.run("2026-11-22T10:22:00Z", rebuild: "2026-11-18")
            #expect(rebuilt.exitStatus == .failure)
            #expect(rebuilt.items.map(\.item.action) == ["refuse"])
            #expect(rebuilt.items.contains { $0.reason?.contains("raw samples of 2026-11-18 are gone") == true })
            #expect(try await world.content("1h") == before)
        }
    }

    @Test func `the self-audit takes removed samples for what they are, also when the partition is made again`()
        async throws
    {
        try await sealed { world in
            let before = try await world.content("1h")
            try await world.execute(
                "DROP TABLE cygni.metric_samples_p20261118; SELECT cygni.ensure_partitions('metric_samples', '2026-11-18', '2026-11-18')"
            )
            try await world.sample("2026-11-18 05:45Z", "1000")
            #expect(try await world.run("2026-11-22T10:21:00Z").outcome != .succeeded, "the late sample is parked")
            let audited = try await world.run("2026-11-22T10:22:00Z", settings(audits: 1000))
            #expect(audited.outcome == .succeeded, "\(audited.items)")
            #expect((audited.counts["hours_pruned"] ?? 0) > 0)
            #expect(try await world.content("1h") == before)
        }
    }

    @Test func `a rebuild of days that never had samples says how many, and does not look at each`() async throws {
        try await sealed { world in
            let report = try await world.run("2026-11-22T10:21:00Z", rebuild: "0001-01-01..9999-12-31", isDryRun: true)
            #expect(report.items.contains { $0.item.id == "2026-11-18" && $0.item.action == "build_day" })
            #expect((report.counts["days_without_samples"] ?? 0) > 3_000_000)
        }
    }

    @Test func `a built day refuses a refresh once its samples are gone`() async throws {
        try await RollupWorld.with { world in
            try await world.fill("2026-11-18 00:00Z", "2026-11-19 00:00Z", every: "30 minutes")
            try await world.run("2026-11-22T10:20:00Z")
            let before = try await world.content("1m")
            try await world.execute("DROP TABLE cygni.metric_samples_p20261118")
            await #expect(throws: PostgresError.self) {
                try await world.execute("REFRESH MATERIALIZED VIEW cygni_rollup.minutes_20261118")
            }
            #expect(try await world.content("1m") == before)
        }
    }

    @Test func `a rebuild gives the same buckets and a new certificate`() async throws {
        try await sealed { world in
            var before: [String] = []
            for level in ["1m", "1h", "1d"] { before.append(try await world.content(level)) }
            let report = try await world.run("2026-11-22T10:21:00Z", rebuild: "2026-11-18..2026-11-18")
            #expect(report.counts["days_built"] == 1, "\(report.errors) \(report.items)")
            for (level, content) in zip(["1m", "1h", "1d"], before) {
                #expect(try await world.content(level) == content)
            }
            #expect(try await world.text(states) == "sealed")
        }
    }

    @Test(arguments: ["enable_nestloop", "enable_hashjoin"])
    func `the days to rebuild are found by any plan`(without: String) async throws {
        try await sealed { world in
            let days = try await world.database.connect(role: "cygni_jobs").access { session in
                try session.script("SET \(without) = off; SET enable_mergejoin = off", name: "plan")
                return try session.query(
                    RollupFacts.statements["days"],
                    CivilDate(year: 2026, month: 11, day: 18),
                    CivilDate(year: 2026, month: 11, day: 19)
                ).count
            }
            #expect(days >= 1)
        }
    }

    @Test func `months merge, stay few, and late days lie over them`() async throws {
        try await RollupWorld.with { world in
            try await world.fill("2026-09-25 00:00Z", "2026-11-22 00:00Z", every: "6 hours")
            let report = try await world.run("2026-11-22T10:20:00Z")
            #expect(report.outcome == .succeeded, "\(report.errors)")
            let shape =
                "SELECT string_agg(grain || ' ' || n, ', ' ORDER BY grain) AS value FROM (SELECT grain, count(*) AS n FROM cygni_rollup.relations WHERE level = '1h' GROUP BY grain) AS g"
            // 25 September to 19 November are past; the 20th and 21st are still open, hour by hour.
            #expect(try await world.text(shape) == "day 19, hour 48, month 2")
            #expect(try await world.totals("1d") == "348/1392")
            let before = try await world.text(
                "SELECT relation::text AS value FROM cygni_rollup.relations WHERE level = '1h' AND range_start = '2026-10-01Z'"
            )
            try await world.sample("2026-10-10 05:45Z", "1000")
            try await world.run("2026-11-22T10:21:00Z")
            #expect(try await world.totals("1d") == "348/1393")
            #expect(try await world.text(shape) == "day 19, hour 49, month 2")
            // The day lies over its month from then on, until there are seven.
            try await world.run("2026-11-24T10:21:00Z")
            #expect(try await world.totals("1d") == "348/1393")
            #expect(try await world.text(shape) == "day 22, month 2")
            #expect(
                try await world.texts("SELECT relation::text AS value FROM cygni_rollup.relations WHERE level = '1h'")
                    .contains(before)
            )
        }
    }
}

private let states = "SELECT state AS value FROM cygni_rollup.days WHERE day = '2026-11-18'"
