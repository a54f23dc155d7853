import CygniConfig
import CygniJobs
import CygniModel
import CygniObjectStore
import CygniPostgres
import CygniTestSupport
import Logging
import RetentionPurge
import Testing

/// Rows about the horizon, to the microsecond.
struct BoundaryTests {
    private func purge(_ database: TestDatabase, at now: String, _ folder: TemporaryFolder) async throws -> RunReport {
        let identity = RunIdentity(
            job: RetentionPurgeJob.name,
            host: "test",
            pid: 1,
            version: "test",
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        var run = RunSettings(database: database.options(role: "cygni_jobs"))
        run.retries = 0
        var clock = RunClock.system
        clock.decisionTime = Timestamp(parsing: now)
        let file = try folder.write(
            "policies: {job_slots: {keep: 90d, time_column: finish_by, tenant_column: null}}",
            to: "jobs/retention-purge.yaml"
        )
        let settings = try ConfigLoader.load(JobFile<RetentionSettings>.self, file: file, environment: [:]).settings.own
        let job = RetentionPurgeJob(settings: settings, store: FolderStore(root: folder.file("objects")))
        return await JobRunner(job: job, run: identity, settings: run, clock: clock)()
    }

    @Test(arguments: [
        // Ninety days before these moments; the second has a leap day between.
        ("2027-03-31T12:00:00Z", "2026-12-31 12:00:00+00"), ("2028-03-31T12:00:00Z", "2028-01-01 12:00:00+00"),
        // Clocks were changed between, in the zone that the settings' reader may sit in.
        ("2027-06-01T00:00:00+02:00", "2027-03-02 22:00:00+00"),
    ])
    func `what is as old as the policy says stays, a microsecond older goes`(now: String, horizon: String) async throws
    {
        try await withDatabase(.migrated) { database in
            let folder = try TemporaryFolder()
            try await database.connect(role: "cygni_owner").access { session in
                try session.script(
                    """
                    SET timezone = 'Europe/Berlin';
                    INSERT INTO cygni.job_slots (job, slot, schedule, start_by, finish_by)
                    SELECT 'old', at, i::text, at, at FROM generate_series(-1, 1) AS i, LATERAL (SELECT '\(horizon)'::timestamptz + i * interval '1 microsecond' AS at) AS v
                    """,
                    name: "rows"
                )
            }
            let report = try await purge(database, at: now, folder)
            #expect(report.outcome == .succeeded, "\(report.errors)")
            let left = try await database.connect().access { session in
                try session.query(
                    Statement(
                        "left",
                        "SELECT string_agg(schedule, ' ' ORDER BY slot) AS value FROM cygni.job_slots WHERE job = 'old'"
                    )
                )[0]
                .get("value", as: String.self)
            }
            #expect(left == "0 1")
        }
    }
}
