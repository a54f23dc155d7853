import CygniJobs
import CygniModel
import CygniPostgres
import CygniTestSupport
import Testing

/// A job that hosts may run at the same time.
private struct SharedJob: Job {
    static let name = "shared-job"
    static let isShared = true

    struct Plan: JobPlan {
        let items: [PlannedItem]
        let counts: [String: Int] = [:]
    }

    var before: @Sendable () async throws -> Void = {}

    func plan(_ context: JobContext) async throws -> Plan { Plan(items: [PlannedItem(id: "a", action: "write")]) }

    func apply(_ plan: Plan, _ context: JobContext) async throws {
        for item in plan.items {
            try await context.perform(item) {
                try await before()
                try await context.transaction { _ in }
                try await context.withAnotherConnection { try await $0.transaction { _ in } }
            }
        }
    }
}

/// Runs of a job that hosts share.
@Suite struct SharedJobTests {
    private func run(_ host: String, slot: Timestamp? = nil) -> RunIdentity {
        var run = RunIdentity(job: "shared-job", host: host, pid: 1, version: "1", logger: .silent)
        run.slot = slot
        return run
    }

    @Test func `two hosts run at once, a second run on one of them is refused`() async throws {
        try await withDatabase(.jobs) { database in
            let (begun, mayEnd) = (Signal(), Signal())
            let slow = SharedJob {
                begun.send()
                await mayEnd.wait()
            }
            let slot = Timestamp(parsing: "2026-11-24T01:00:00Z")
            async let first = JobRunner(job: slow, run: run("web-1", slot: slot), settings: .test(database))()
            await begun.wait()
            let other = await JobRunner(job: SharedJob(), run: run("web-2", slot: slot), settings: .test(database))()
            let second = await JobRunner(job: SharedJob(), run: run("web-1"), settings: .test(database))()
            mayEnd.send()
            #expect(other.exitStatus == .success && second.exitStatus == .tryLater, "\(other) \(second)")
            #expect(await first.exitStatus == .success)
            // The slot is the first one's; who helped has none.
            let rows = try await database.texts(
                "SELECT concat_ws(' ', host, state, slot IS NOT NULL) FROM cygni.job_runs ORDER BY host"
            )
            #expect(rows == ["web-1 succeeded t", "web-2 succeeded f"])
            let late = await JobRunner(job: SharedJob(), run: run("web-3", slot: slot), settings: .test(database))()
            #expect(late.outcome == .skipped && late.exitStatus == .success)
        }
    }

    @Test func `another host's run is dead only once it has been silent for long`() async throws {
        try await withDatabase(.jobs) { database in
            try await database.execute(
                """
                INSERT INTO cygni.job_runs (job, host, heartbeat_at) VALUES ('shared-job', 'alive', now() - interval '9 minutes'),
                    ('shared-job', 'dead', now() - interval '11 minutes'), ('shared-job', 'here', now())
                """
            )
            let report = await JobRunner(job: SharedJob(), run: run("here"), settings: .test(database))()
            #expect(report.exitStatus == .success)
            let rows = try await database.texts("SELECT host || ' ' || state FROM cygni.job_runs ORDER BY host, state")
            #expect(rows == ["alive running", "dead lost", "here lost", "here succeeded"])
        }
    }
}
