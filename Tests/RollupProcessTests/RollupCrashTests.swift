import CygniPostgres
import CygniTestSupport
import Testing

struct RollupCrashTests {
    /// What a run comes to that nobody disturbed: the first over all days, then one over late and new samples.
    private func undisturbed(_ late: Bool) async throws -> String {
        try await withDatabase(.migrated) { database in
            try await RollupProcess.seed(database)
            let process = try RollupProcess(database, sealAfter: late ? "0s" : "1d")
            #expect(try await process.run().status == 0)
            if late {
                try await addLate(database)
                #expect(try await process.run().status == 0)
            }
            return try await process.endState()
        }
    }

    private func addLate(_ database: TestDatabase) async throws {
        try await database.connect(role: "cygni_owner").access { session in
            try session.script(
                """
                INSERT INTO cygni.metric_samples
                SELECT date_trunc('day', now(), 'UTC') + shift, md5('t1')::uuid, md5('p1')::uuid, 'm1', 5
                FROM unnest(ARRAY['-4 days 3 hours', '-4 days 9 hours', '1 hour', '5 hours']::interval[]) AS shift
                """,
                name: "late"
            )
        }
    }

    @Test(arguments: [
        "rollup.before-build", "rollup.after-build", "rollup.after-build:3", "rollup.before-publish",
        "rollup.after-publish",
        "rollup.before-seal", "rollup.in-seal", "rollup.after-seal:2", "rollup.before-hour", "rollup.in-hour",
        "rollup.after-hour",
        "rollup.before-day", "rollup.after-day",
    ])
    func `killed anywhere in a first run, the next ends where an undisturbed one does`(point: String) async throws {
        let expected = try await undisturbed(false)
        try await withDatabase(.migrated) { database in
            try await RollupProcess.seed(database)
            let process = try RollupProcess(database)
            let killed = try await process.run(crashAt: point)
            #expect(killed.status == 137, "\(killed)")
            let next = try await process.run()
            #expect(next.status == 0, "\(next)")
            #expect(try await process.endState() == expected)
            let states = "SELECT string_agg(state, ' ' ORDER BY fence) AS value FROM cygni.job_runs"
            #expect(try await process.text(states) == "lost succeeded")
        }
    }

    @Test(arguments: [
        "rollup.in-hour", "rollup.after-hour", "rollup.after-hour:2", "rollup.after-day", "rollup.after-publish",
        "rollup.in-seal",
        "rollup.after-seal", "rollup.after-drop",
    ])
    func `killed anywhere over late samples of a sealed day, nothing is lost or counted twice`(point: String)
        async throws
    {
        let expected = try await undisturbed(true)
        try await withDatabase(.migrated) { database in
            try await RollupProcess.seed(database)
            let process = try RollupProcess(database, sealAfter: "0s")
            #expect(try await process.run().status == 0)
            try await addLate(database)
            #expect(try await process.run(crashAt: point).status == 137)
            #expect(try await process.run().status == 0)
            #expect(try await process.endState() == expected)
        }
    }

    @Test(arguments: [23, 24])
    func `taken down and up again, the roll-up is made anew from raw samples`(files: Int) async throws {
        try await withDatabase(.migrated) { database in
            try await RollupProcess.seed(database)
            let process = try RollupProcess(database)
            #expect(try await process.run().status == 0)
            let before = try await process.endState()
            let migrate = try BuiltExecutable("cygni-migrate")
            let environment = ["CYGNI_CONFIG": "\(process.folder.path)/cygni.yaml"]
            let down = try await migrate.run(["down", "\(files)"], environment: environment)
            #expect(down.status == 0, "\(down)")
            #expect(try await process.text("SELECT count(*)::text AS value FROM pg_matviews") == "0")
            #expect(try await migrate.run(["up"], environment: environment).status == 0)
            #expect(try await process.run().status == 0)
            #expect(try await process.endState() == before)
        }
    }

    /// What the job makes and rewrites is no drift.
    @Test func `the schema is still what the migrations make`() async throws {
        try await withDatabase(.migrated) { database in
            try await RollupProcess.seed(database)
            let process = try RollupProcess(database, sealAfter: "0s")
            #expect(try await process.run().status == 0)
            let verify = try await BuiltExecutable("cygni-migrate").run([
                "verify", "--drift", "--database-url", database.url(),
            ])
            #expect(verify.status == 0, "\(verify)")
        }
    }

    @Test func `two hosts at once do the work once`() async throws {
        let expected = try await undisturbed(false)
        try await withDatabase(.migrated) { database in
            try await RollupProcess.seed(database)
            let (here, there) = (try RollupProcess(database), try RollupProcess(database))
            async let first = here.run()
            async let second = there.run()
            let statuses = try await [first.status, second.status].sorted()
            #expect(statuses == [0, 75] || statuses == [0, 0])
            #expect(try await here.endState() == expected)
            let built = "SELECT sum((counts ->> 'days_built')::integer)::text AS value FROM cygni.job_runs"
            #expect(try await here.text(built) == "5")
        }
    }

    @Test func `a server that restarts in mid-run costs an attempt, not the run`() async throws {
        let cluster = try await TestCluster.start(isDurable: true)
        let database = try await cluster.makeDatabase(.migrated)
        try await RollupProcess.seed(database, days: 40)
        let process = try RollupProcess(database)
        let running = try process.start()
        let some = "SELECT (count(*) > 8)::text AS value FROM cygni_rollup.relations"
        while try await process.text(some) == "false" { try await Task.sleep(for: .milliseconds(20)) }
        try await cluster.restart(immediate: true)
        let result = try await running.result(timeLimit: .seconds(120))
        #expect(result.status == 0, "\(result)")
        #expect(
            try await process.text("SELECT state || ' ' || (attempt > 1) AS value FROM cygni.job_runs")
                == "succeeded true"
        )
        let samples =
            "SELECT ((SELECT sum(count) FROM cygni.metrics_1d) = (SELECT count(*) FROM cygni.metric_samples))::text AS value"
        #expect(try await process.text(samples) == "true")
        #expect(try await process.run(["--output", "json"]).standardOutput.contains("\"items\":[]"))
        try await cluster.stop()
    }
}
