import CygniJobs
import CygniModel
import CygniPostgres
import CygniTestSupport
import MetricsRollup
import Testing

struct FreshDataTests {
    @Test func `an empty database has nothing to roll up, twice`() async throws {
        try await RollupWorld.with { world in
            for _ in 1...2 {
                let report = try await world.run("2026-11-22T10:20:00Z")
                #expect(report.outcome == .succeeded)
                #expect(report.counts["hours_refreshed"] == nil)
            }
            #expect(try await world.totals("1h") == "0/0")
        }
    }

    @Test func `samples show at all three levels, and a second run has nothing to do`() async throws {
        try await RollupWorld.with { world in
            try await world.fill("2026-11-22 08:00Z", "2026-11-22 10:00Z")
            let first = try await world.run("2026-11-22T10:20:00Z")
            #expect(first.outcome == .succeeded)
            #expect(first.counts["hours_refreshed"] == 2)
            #expect(try await world.totals("1m") == "72/72")
            #expect(try await world.totals("1h") == "12/72")
            #expect(try await world.totals("1d") == "6/72")
            let second = try await world.run("2026-11-22T10:21:00Z")
            #expect(second.items.isEmpty)
        }
    }

    @Test func `a new hour touches its own relations and its day, and rewrites no view`() async throws {
        try await RollupWorld.with { world in
            try await world.fill("2026-11-22 08:00Z", "2026-11-22 09:00Z")
            try await world.run("2026-11-22T09:01:00Z")
            let before = try await world.texts(revisions)
            try await world.fill("2026-11-22 09:00Z", "2026-11-22 10:00Z")
            let report = try await world.run("2026-11-22T10:01:00Z")
            #expect(report.counts["views_rewritten"] == nil)
            let changed = Set(try await world.texts(revisions)).subtracting(before)
            #expect(changed == ["minutes_20261122_09 r1", "hours_20261122_09 r1", "days_20261122 r2"])
        }
    }

    @Test func `what a transaction writes while a run goes on is rolled up by the next`() async throws {
        try await RollupWorld.with { world in
            try await world.fill("2026-11-22 08:00Z", "2026-11-22 09:00Z")
            let writer = try await world.database.connect(role: "cygni_jobs")
            try await writer.access { session in
                try session.script(
                    """
                    BEGIN;
                    INSERT INTO cygni.metric_samples VALUES ('2026-11-22 08:30Z', md5('t1')::uuid, md5('p1')::uuid, 'slow', 1)
                    """,
                    name: "test"
                )
            }
            try await world.run("2026-11-22T10:20:00Z")
            #expect(try await world.totals("1h") == "6/36")
            try await writer.access { session in try session.script("COMMIT", name: "test") }
            try await world.run("2026-11-22T10:21:00Z")
            #expect(try await world.totals("1h") == "7/37")
        }
    }

    @Test(arguments: [
        "INSERT INTO cygni.metric_samples_p20261122 VALUES ('2026-11-22 08:30Z', md5('t1')::uuid, md5('p1')::uuid, 'm9', 1)",
        "UPDATE cygni.metric_samples SET value = 0 WHERE ts = '2026-11-22 08:30Z'",
        "UPDATE cygni.metric_samples_p20261122 SET metric = 'other' WHERE ts = '2026-11-22 08:30Z'",
        "DELETE FROM cygni.metric_samples WHERE ts < '2026-11-22 08:30Z'",
        "TRUNCATE cygni.metric_samples_p20261122", "TRUNCATE cygni.metric_samples",
    ])
    func `every way of changing samples is noticed`(change: String) async throws {
        try await RollupWorld.with { world in
            try await world.fill("2026-11-22 08:00Z", "2026-11-22 09:00Z")
            try await world.run("2026-11-22T09:20:00Z")
            let before = try await world.content("1h")
            try await world.execute(change)
            let report = try await world.run("2026-11-22T09:21:00Z")
            #expect(report.counts["hours_refreshed"] == 1)
            #expect(try await world.content("1h") != before)
        }
    }

    @Test func `a dry run plans the same steps and changes nothing`() async throws {
        try await RollupWorld.with { world in
            try await world.fill("2026-11-10 08:00Z", "2026-11-10 09:00Z")
            try await world.fill("2026-11-22 08:00Z", "2026-11-22 10:00Z")
            let dry = try await world.run("2026-11-22T10:20:00Z", isDryRun: true)
            #expect(try await world.text("SELECT count(*)::text AS value FROM cygni_rollup.relations") == "0")
            #expect(try await world.text("SELECT count(*)::text AS value FROM cygni.job_runs") == "0")
            let real = try await world.run("2026-11-22T10:20:00Z")
            #expect(dry.items.map(\.item) == real.items.map(\.item))
            #expect(dry.items.count > 5)
        }
    }

    @Test func `a limit does that much and leaves the rest for the next run`() async throws {
        try await RollupWorld.with { world in
            try await world.fill("2026-11-22 05:00Z", "2026-11-22 10:00Z")
            try await world.run("2026-11-22T10:20:00Z", limit: 2)
            #expect(try await world.totals("1h") == "12/72")
            try await world.run("2026-11-22T10:21:00Z")
            #expect(try await world.totals("1h") == "30/180")
            #expect(try await world.totals("1d") == "6/180")
        }
    }

    @Test func `every statement of the room can be prepared`() async throws {
        try await RollupWorld.with { world in
            let connection = try await world.database.connect(role: "cygni_jobs")
            for statement in RollupFacts.statements.statements + RollupSteps.statements.statements
            where statement.name != "rollup_steps.short_lock_timeout" {
                try await connection.access { session in
                    try session.script("PREPARE s AS \(statement.text); DEALLOCATE s", name: statement.name)
                }
            }
        }
    }
}

/// Each relation that holds samples, with its revision.
private let revisions =
    "SELECT relation || ' r' || revision AS value FROM cygni_rollup.relations WHERE source_rows > 0"
