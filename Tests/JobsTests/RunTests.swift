import CygniJobs
import CygniModel
import CygniPostgres
import CygniTestSupport
import FoundationEssentials
import Testing

/// Runs that meet no trouble, and those that only their items do.
@Suite struct RunTests {
    @Test func doesEveryItemAndClosesItsBooks() async throws {
        try await withDatabase(.jobs) { database in
            var identity = RunIdentity.test()
            identity.configText = "a=1\n"
            identity.trigger = "ci"
            let report = await JobRunner(job: ListJob(items: ["a", "b"]), run: identity, settings: .test(database))()
            #expect(report.outcome == .succeeded && report.exitStatus == .success, "\(report.errors)")
            #expect(report.counts == ["due": 2, "written": 2, "items_done": 2, "items_failed": 0])
            #expect(report.items.map(\.item.id) == ["a", "b"])
            #expect(report.items.allSatisfy { $0.result == .done && $0.reason == "missing" })
            let done = try await database.done()
            #expect(done == ["a", "b"])
            let rows = try await database.texts(
                """
                SELECT concat_ws(' ', id, job, trigger, host, pid, version, state, exit_status, fence, counts->>'written',
                    config_hash = encode(sha256('a=1\n'), 'hex'), finished_at >= started_at, error IS NULL)
                FROM cygni.job_runs
                """
            )
            let id = identity.id.uuidString.lowercased()
            #expect(rows == ["\(id) list-job ci test-host 4711 1.2.3 succeeded 0 1 2 t t t"])
            let locks = try await database.texts(
                """
                SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
                    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                """
            )
            #expect(locks == ["0"])
        }
    }

    @Test func aSecondRunFindsNothingToDo() async throws {
        try await withDatabase(.jobs) { database in
            for fence in 1...2 {
                let report = await JobRunner(job: ListJob(items: ["a"]), run: .test(), settings: .test(database))()
                #expect(report.exitStatus == .success)
                #expect(report.items.count == (fence == 1 ? 1 : 0))
            }
            let found = try await database.texts("SELECT fence FROM cygni.job_fences")
            #expect(found == ["2"])
        }
    }

    @Test func oneFailedItemIsPartlyDone() async throws {
        try await withDatabase(.jobs) { database in
            let job = ListJob(items: ["a", "b", "c"]) { item, _ in if item == "b" { throw ListJob.Refused() } }
            let report = await JobRunner(job: job, run: .test(), settings: .test(database))()
            #expect(report.exitStatus == .partial && report.outcome == .partial)
            #expect(report.items.map(\.result) == [.done, .failed, .done])
            #expect(report.items[1].reason == "refused")
            let done = try await database.done()
            #expect(done == ["a", "c"])
            let runs = try await database.runs()
            #expect(runs == ["partial 1 2"])
        }
    }

    @Test func nothingButFailedItemsIsAFailure() async throws {
        try await withDatabase(.jobs) { database in
            let job = ListJob(items: ["a"]) { _, _ in throw ListJob.Refused() }
            let report = await JobRunner(job: job, run: .test(), settings: .test(database))()
            #expect(report.exitStatus == .failure && report.outcome == .failed)
            let runs = try await database.runs()
            #expect(runs == ["failed 1 1"])
        }
    }

    @Test func theLimitReachesThePlan() async throws {
        try await withDatabase(.jobs) { database in
            var identity = RunIdentity.test()
            identity.limit = 1
            let report = await JobRunner(job: ListJob(items: ["a", "b"]), run: identity, settings: .test(database))()
            #expect(report.counts["due"] == 2 && report.counts["written"] == 1)
            let done = try await database.done()
            #expect(done == ["a"])
        }
    }

    @Test func aDryRunChangesNothing() async throws {
        try await withDatabase(.jobs) { database in
            var identity = RunIdentity.test()
            _ = await JobRunner(job: ListJob(items: ["a"]), run: identity, settings: .test(database))()
            let picture = """
                SELECT concat_ws(' ', relname, xmin_, n) FROM (
                    SELECT 'runs' AS relname, max(xmin::text) AS xmin_, count(*) AS n FROM cygni.job_runs
                    UNION ALL SELECT 'fences', max(xmin::text), count(*) FROM cygni.job_fences
                    UNION ALL SELECT 'done', max(xmin::text), count(*) FROM public.done
                ) AS all_
                """
            let before = try await database.texts(picture)
            identity.isDryRun = true
            let report = await JobRunner(job: ListJob(items: ["a", "b"]), run: identity, settings: .test(database))()
            #expect(report.outcome == .succeeded && report.isDryRun)
            #expect(report.items == [ItemOutcome(item: .init(id: "b", action: "write", reason: "missing"), .planned)])
            let found = try await database.texts(picture)
            #expect(found == before)
        }
    }

    @Test func aDryRunHasNoWayToWrite() async throws {
        struct Cheat: Job {
            static let name = "cheat"
            func plan(_ context: JobContext) async throws -> ListJob.Plan {
                try await context.transaction { session in
                    try session.script("INSERT INTO public.done VALUES ('cheat')", name: "cheat")
                }
                return ListJob.Plan(items: [], counts: [:])
            }
            func apply(_ plan: ListJob.Plan, _ context: JobContext) async throws {}
        }
        try await withDatabase(.jobs) { database in
            var identity = RunIdentity.test(job: Cheat.name)
            identity.isDryRun = true
            let report = await JobRunner(job: Cheat(), run: identity, settings: .test(database))()
            #expect(report.outcome == .failed)
            let done = try await database.done()
            #expect(done.isEmpty)
        }
    }
}
