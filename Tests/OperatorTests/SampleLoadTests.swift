import CygniModel
import CygniPostgres
import CygniTestSupport
import Testing

@testable import Operator

@Suite struct SampleLoadTests {
    private static let noon = Timestamp(parsing: "2026-11-22T12:34:56Z") ?? Timestamp(seconds: 0)

    private func load(_ database: TestDatabase, _ now: Timestamp = noon) async throws -> SampleLoad.Added {
        try await SampleLoad(database.connectAsJobs(), history: .days(1)).run(now: now) { _ in }
    }

    @Test func whatIsThereIsNotLoadedAgain() async throws {
        try await withDatabase(.migrated) { database in
            let first = try await load(database)
            #expect((first.tenants, first.projects, first.deployments, first.domains) == (12, 19, 171, 57))
            // From midnight of the day before to noon: 36 hours of 19 projects.
            #expect((130_000...145_000).contains(first.samples), "\(first)")
            #expect(first.lines == 36 * (6 * 30 + 8 * 14 + 5 * 6))
            #expect(try await load(database) == SampleLoad.Added())
            let hourLater = try await load(database, Self.noon + .hours(1))
            #expect((3000...4200).contains(hourLater.samples), "\(hourLater)")
            #expect(hourLater.tenants == 0)
        }
    }

    @Test func valuesFollowFromTheirMinuteAlone() async throws {
        let digest = """
            SELECT md5(string_agg(concat_ws(' ', ts, tenant_id, project_id, metric, value), ',' ORDER BY ts, project_id, metric))
            FROM cygni.metric_samples WHERE ts < '2026-11-22 10:00+00' AND ts >= '2026-11-22 00:00+00'
            """
        try await withDatabase(.migrated) { database in
            _ = try await load(database)
            let once = try await database.value(digest, as: String.self)
            try await withDatabase(.migrated) { other in
                // In two steps, and with another start.
                _ = try await load(other, Self.noon - .hours(5))
                _ = try await load(other)
                #expect(try await other.value(digest, as: String.self) == once)
            }
        }
    }

    @Test func thereAreOutliersGapsAndLateArrivals() async throws {
        try await withDatabase(.migrated) { database in
            let added = try await load(database)
            #expect(added.lateSamples > 100)
            let outliers =
                "SELECT count(*) FROM cygni.metric_samples WHERE metric = 'http_request_duration_ms' AND value > 1000"
            #expect(try await database.value(outliers) > 5)
            let signs = "SELECT count(DISTINCT sign(value)) FROM cygni.metric_samples WHERE metric = 'clock_offset_ms'"
            #expect(try await database.value(signs) == 3)
            let gaps = """
                SELECT count(*) FROM (SELECT ts - lag(ts) OVER (PARTITION BY project_id ORDER BY ts) AS gap
                FROM cygni.metric_samples WHERE metric = 'cpu_percent') AS s WHERE gap > interval '30 minutes'
                """
            #expect(try await database.value(gaps) > 0)
        }
    }

    @Test func aRealTenantOfASamplesNameStopsTheLoad() async throws {
        try await withDatabase(.migrated) { database in
            try await database.execute("INSERT INTO cygni.tenants (slug) VALUES ('tiny-radio')")
            await #expect(throws: SampleNameTaken.self) { try await load(database) }
            #expect(try await database.value("SELECT count(*) FROM cygni.tenants") == 1)
        }
    }

    @Test func aMachineIsSampled() async throws {
        try await withDatabase(.migrated) { database in
            let stored = try await HostSampler(database.connectAsJobs()).run(seconds: 2) { _ in }
            #expect(stored.metrics >= 5)
            #expect(stored.samples == 2 * stored.metrics)
        }
    }

    @Test func piecesEndAtMidnight() {
        let pieces = SampleLoad.pieces(Self.noon - .days(1), Self.noon)
        #expect(pieces.map(\.start.description) == ["2026-11-21T12:34:56Z", "2026-11-22T00:00:00Z"])
        #expect(pieces.map(\.end.description) == ["2026-11-22T00:00:00Z", "2026-11-22T12:34:56Z"])
        #expect(SampleLoad.pieces(Self.noon, Self.noon).isEmpty)
    }

    @Test func theSummaryReadsWhatIsThere() async throws {
        try await withDatabase(.migrated) { database in
            _ = try await load(database)
            let facts = try await database.connectAsJobs().transaction(.snapshot) { session in
                try SummaryFacts.read(now: Self.noon, session)
            }
            #expect(facts.tenants == 12)
            #expect(facts.sources.map(\.name) == ["sample platform"])
            #expect(facts.sources.first?.tenants == 12)
            #expect(facts.slowest.isEmpty)
        }
    }
}
