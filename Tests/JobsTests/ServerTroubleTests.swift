import CygniJobs
import CygniModel
import CygniPostgres
import CygniTestSupport
import Testing

/// Servers that go, come back, or are not what they should be.
@Suite struct ServerTroubleTests {
    @Test func aRestartInMidRunCostsAnAttempt() async throws {
        let cluster = try await TestCluster.start(isDurable: true)
        let database = try await cluster.makeDatabase(.jobs)
        let once = Once()
        let job = ListJob(items: ["a", "b", "c"]) { item, _ in
            // In a task of its own: the heartbeat is going to cancel the item.
            if item == "b", once.first() { try await Task { try await cluster.restart(immediate: true) }.value }
        }
        var settings = RunSettings.test(database)
        settings.pause = .milliseconds(500)
        let report = await JobRunner(job: job, run: .test(), settings: settings)()
        #expect(report.exitStatus == .success, "\(report.errors)")
        #expect(report.items.map(\.item.id) == ["a", "b", "c"] && report.counts["written"] == 3)
        let (done, runs) = (try await database.done(), try await database.runs())
        #expect(done == ["a", "b", "c"] && runs == ["succeeded 2 0"])
        try await cluster.stop(immediate: true)
    }

    @Test func aRestartAtTheEndStillClosesTheBooks() async throws {
        let cluster = try await TestCluster.start(isDurable: true)
        let database = try await cluster.makeDatabase(.jobs)
        let job = ListJob(items: ["a"], after: { _, _ in try await cluster.restart(immediate: true) })
        var settings = RunSettings.test(database)
        settings.heartbeat = .hours(1)
        let report = await JobRunner(job: job, run: .test(), settings: settings)()
        #expect(report.exitStatus == .success, "\(report.errors)")
        let runs = try await database.runs()
        #expect(runs == ["succeeded 1 0"])
        try await cluster.stop(immediate: true)
    }

    @Test func aServerThatStaysAwayIs69() async throws {
        let cluster = try await TestCluster.start()
        let database = try await cluster.makeDatabase(.jobs)
        let job = ListJob(items: ["a", "b"]) { item, _ in
            if item == "b" { try await Task { try await cluster.stop(immediate: true) }.value }
        }
        var settings = RunSettings.test(database)
        settings.retries = 1
        settings.bookPatience = .seconds(1)
        let report = await JobRunner(job: job, run: .test(), settings: settings)()
        #expect(report.exitStatus == .unavailable && report.outcome == .failed)
        #expect(report.errors.last?.contains("the next run will mark it lost") == true, "\(report.errors)")

        let before = await JobRunner(job: ListJob(items: ["a"]), run: .test(), settings: settings)()
        #expect(before.exitStatus == .unavailable && before.errors.count == 1, "\(before.errors)")
    }

    @Test(arguments: [
        ["pool_mode": "transaction", "default_pool_size": "2"],
        ["pool_mode": "transaction", "ignore_startup_parameters": "options"],
    ])
    func aTransactionPoolerIs78(pooler: [String: String]) async throws {
        try await withDatabase(.jobs) { database in
            let bouncer = try await PgBouncer(database, pooler)
            var settings = RunSettings.test(database)
            settings.database.url = bouncer.options().url
            for isDryRun in [false, true] {
                var identity = RunIdentity.test()
                identity.isDryRun = isDryRun
                let report = await JobRunner(job: ListJob(items: ["a"]), run: identity, settings: settings)()
                #expect(report.exitStatus == .configuration, "\(report.errors)")
                #expect(report.errors.joined().contains("pooler"))
            }
            let (done, runs) = (try await database.done(), try await database.runs())
            #expect(done.isEmpty && runs.isEmpty)
        }
    }

    @Test func aDatabaseWithoutTheSchemaIs78() async throws {
        try await withDatabase { database in
            var settings = RunSettings.test(database)
            settings.database.role = nil
            let report = await JobRunner(job: ListJob(items: []), run: .test(), settings: settings)()
            #expect(report.exitStatus == .configuration)
            #expect(report.errors == ["database '\(database.name)' has no platform schema: run `cygni-migrate up`"])
        }
    }

    @Test func aSchemaThatIsTooOldIs78() async throws {
        struct Modern: Job {
            static let name = "modern"
            static let requiredMigration = 999_999
            func plan(_ context: JobContext) async throws -> ListJob.Plan { .init(items: [], counts: [:]) }
            func apply(_ plan: ListJob.Plan, _ context: JobContext) async throws {}
        }
        try await withDatabase(.jobs) { database in
            let report = await JobRunner(job: Modern(), run: .test(job: Modern.name), settings: .test(database))()
            #expect(report.exitStatus == .configuration)
            #expect(
                report.errors.joined().contains("this job needs 999999: run `cygni-migrate up`"),
                "\(report.errors)"
            )
        }
    }

    @Test func aRoleThatTheLoginMayNotTakeIs78() async throws {
        try await withDatabase(.jobs) { database in
            var settings = RunSettings.test(database)
            settings.database = database.options(role: "cygni_app")
            settings.database.role = "cygni_jobs"
            let report = await JobRunner(job: ListJob(items: []), run: .test(), settings: settings)()
            #expect(report.exitStatus == .configuration, "\(report.errors)")
            #expect(report.errors.joined().contains("set database.role"))
        }
    }

    @Test func anotherFailureIsNotRepeated() async throws {
        try await withDatabase(.jobs) { database in
            struct Broken: Job {
                static let name = "broken"
                func plan(_ context: JobContext) async throws -> ListJob.Plan {
                    try await context.read { session in
                        _ = try session.query(Statement("no", "SELECT * FROM nowhere"))
                    }
                    return .init(items: [], counts: [:])
                }
                func apply(_ plan: ListJob.Plan, _ context: JobContext) async throws {}
            }
            let report = await JobRunner(job: Broken(), run: .test(job: Broken.name), settings: .test(database))()
            #expect(report.exitStatus == .failure && report.errors.joined().contains("42P01"), "\(report.errors)")
            let runs = try await database.runs()
            #expect(runs == ["failed 1 1"])
        }
    }
}
