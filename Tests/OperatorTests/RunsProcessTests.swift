import CygniPostgres
import CygniTestSupport
import Foundation
import Testing

/// `cygni runs|why|run|cycle|pause|resume` over the real job.
@Suite struct RunsProcessTests {
    private func with(_ file: String = "schedule: \"*/5 * * * *\"\n", _ body: (ToolWorld) async throws -> Void)
        async throws
    {
        try await ToolWorld.with { world in
            try world.folder.write(file, to: "jobs/metrics-rollup.yaml")
            try await body(world)
        }
    }

    private func rollup(_ world: ToolWorld, _ arguments: [String] = ["--trigger", "cron"]) async throws -> ProcessResult
    {
        try await BuiltExecutable("cygni-metrics-rollup")
            .run(arguments + ["--output", "json"], environment: world.environment)
    }

    private func json(_ result: ProcessResult) throws -> [String: Any] {
        try #require(
            try JSONSerialization.jsonObject(with: Data(result.standardOutput.utf8)) as? [String: Any],
            "\(result)"
        )
    }

    private func answer(_ world: ToolWorld, _ arguments: [String] = []) async throws -> String {
        let result = try await world.run(["why", "metrics-rollup", "--output", "json"] + arguments)
        #expect(result.status == 0, "\(result)")
        return try json(result)["answer"] as? String ?? ""
    }

    @Test func aPauseIsToldAndKept() async throws {
        try await with { world in
            let paused = try await world.run(["pause", "metrics-rollup", "--why", "disk of db1 is full", "--for", "2h"])
            #expect(
                paused.status == 0 && paused.standardOutput.contains("metrics-rollup is paused by user:"),
                "\(paused)"
            )
            let again = try await world.run(["pause", "metrics-rollup", "--why", "other"])
            #expect(again.status == 0 && again.standardOutput.contains("is already paused by user:"), "\(again)")
            let run = try await rollup(world)
            #expect(run.status == 75)
            let report = try json(run)
            #expect(report["outcome"] as? String == "skipped")
            #expect((report["errors"] as? [String])?.first?.contains("disk of db1 is full; end that with") == true)
            try await #expect(answer(world) == "paused")
            let runs = try await world.run(["runs"])
            #expect(runs.standardOutput.hasPrefix("metrics-rollup is paused by user:"), "\(runs)")
            try await #expect(world.run(["cycle"]).status == 75)
            let resumed = try await world.run(["resume", "metrics-rollup"])
            #expect(resumed.status == 0 && resumed.standardOutput.hasPrefix("metrics-rollup goes on; it was paused"))
            try await #expect(
                world.run(["resume", "metrics-rollup"]).standardOutput == "metrics-rollup is not paused\n"
            )
            try await #expect(rollup(world).status == 0)
            let audit = try await world.run(["audit", "verify"])
            #expect(audit.status == 0, "\(audit)")
            let actions = try await world.database.connect().access { session in
                try session.query(
                    .init("actions", "SELECT action || ' ' || subject AS v FROM cygni.audit_log ORDER BY id")
                )
                .map { try $0.get("v", as: String.self) }
            }
            #expect(actions == ["job.pause job:metrics-rollup", "job.resume job:metrics-rollup"])
        }
    }

    @Test func aSlotIsRunOnceHoweverManyStartIt() async throws {
        try await with("schedule: \"0 0 1 1 *\"\nlock_wait: 1m\n") { world in
            let results = try await withThrowingTaskGroup(of: ProcessResult.self) { group in
                for _ in 0..<8 { group.addTask { try await rollup(world) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(results.map(\.status) == Array(repeating: 0, count: 8), "\(results)")
            let outcomes = try results.map { try json($0)["outcome"] as? String ?? "" }.sorted()
            #expect(outcomes == Array(repeating: "skipped", count: 7) + ["succeeded"])
        }
    }

    @Test func cycleRunsWhatIsDueOnce() async throws {
        try await with { world in
            let before = try await answer(world)
            #expect(["host-down", "expected"].contains(before))
            let plan = try await world.run(["cycle", "--dry-run"])
            #expect(plan.status == 0 && plan.standardOutput.contains("metrics-rollup, slot 2"), "\(plan)")
            let first = try await world.run(["cycle", "--output", "json"])
            #expect(first.status == 0, "\(first)")
            let runs = try #require(try json(first)["runs"] as? [[String: Any]])
            #expect(runs.count == 1 && runs[0]["exit_status"] as? Int == 0)
            let slot = try #require(runs[0]["slot"] as? String)
            try await #expect(answer(world, ["--at", slot]) == "ran")
            let list = try await world.run(["runs", "metrics-rollup", "--output", "json"])
            let lines = try #require(try json(list)["runs"] as? [[String: Any]])
            #expect(
                lines.contains { $0["state"] as? String == "succeeded" && $0["slot"] as? String == slot },
                "\(list)"
            )
            #expect(lines.contains { $0["trigger"] as? String == "cycle" })
        }
    }

    /// Nothing has ever been started, so nothing is noted: the jobs' files tell what should have been.
    @Test func aScheduleThatNothingEverFollowedIsShown() async throws {
        try await with("schedule: \"0 3 * * *\"\nstart_grace: 0s\n") { world in
            let runs = try await world.run(["runs"])
            #expect(runs.standardOutput.contains("metrics-rollup  expected, never started  2"), "\(runs)")
            _ = try await world.run(["pause", "metrics-rollup", "--why", "x"])
            try await #expect(world.run(["cycle"]).status == 75)
            let noted = try await world.run(["runs", "--output", "json"])
            let lines = try #require(try json(noted)["runs"] as? [[String: Any]])
            #expect(lines.map { $0["state"] as? String } == ["never started"], "\(noted)")
            let slots: Int = try await world.database.value("SELECT count(*) FROM cygni.job_slots")
            #expect(slots == 2)
        }
    }

    @Test func whatNoRunCameForIsShown() async throws {
        try await with { world in
            try await world.database.execute(
                """
                INSERT INTO cygni.job_slots (job, slot, schedule, start_by, finish_by)
                VALUES ('metrics-rollup', '2026-03-02 03:00Z', '*/5 * * * * UTC', '2026-03-02 03:05Z', '2026-03-02 04:00Z');
                INSERT INTO cygni.job_runs (job, slot, state, finished_at, started_at, error)
                VALUES ('metrics-rollup', '2026-03-02 03:10Z', 'failed', now(), '2026-03-02 03:10Z', 'disk full');
                """
            )
            let runs = try await world.run(["runs"])
            #expect(
                runs.standardOutput.contains("metrics-rollup  expected, never started  2026-03-02 03:00"),
                "\(runs)"
            )
            try await #expect(answer(world, ["--at", "2026-03-02T03:01"]) == "catch-up-over")
            try await #expect(answer(world, ["--at", "2026-03-02T03:11:00Z"]) == "failed")
            try await #expect(answer(world, ["--at", "2036-03-02T03:06:00Z"]) == "not-due")
        }
    }

    @Test func jobsAreRunByHand() async throws {
        try await with { world in
            let dry = try await world.run(["run", "metrics-rollup", "--dry-run"])
            #expect(dry.status == 0 && dry.standardOutput.contains("metrics-rollup: dry run"), "\(dry)")
            let done = try await world.run(["run", "metrics-rollup", "--output", "json"])
            #expect(done.status == 0, "\(done)")
            #expect((try json(done)["runs"] as? [[String: Any]])?.first?["exit_status"] as? Int == 0)
            try world.folder.write("schedule: null\n", to: "jobs/migrate.yaml")
            let both = try await world.run(["run", "metrics-rollup", "migrate"])
            #expect(both.status == 0 && both.standardOutput.contains("all applied"), "\(both)")
            let unknown = try await world.run(["run", "metrics"])
            #expect(
                unknown.status == 64 && unknown.standardError.contains("there are metrics-rollup, migrate"),
                "\(unknown)"
            )
        }
    }

    @Test func aWrongFileIsTheAnswer() async throws {
        try await with("schedule: \"61 * * * *\"\n") { world in
            try await #expect(answer(world) == "config-invalid")
        }
        try await with("after: [log-archives]\n") { world in
            let check = try await world.run(["config", "check"])
            #expect(
                check.status == 78 && check.standardError.contains("after: must name jobs that have a file"),
                "\(check)"
            )
        }
        try await with("after: [metrics-rollup]\n") { world in
            let check = try await world.run(["config", "check"])
            #expect(
                check.status == 78 && check.standardError.contains("must not lead back to the job itself"),
                "\(check)"
            )
        }
    }

    @Test(arguments: [
        ["pause", "metrics-rollup"], ["pause", "metrics-rollup", "--why", " "],
        ["pause", "metrics-rollup", "--why", "a\u{1B}[31m"], ["run"], ["runs", "--last", "0"],
        ["pause", "metrics-rollup", "--why", "x", "--for", "soon"], ["why"], ["resume"],
        ["why", "metrics-rollup", "--at", "noon"], ["pause", "nothing", "--why", "x"],
    ])
    func wrongUsageIs64(arguments: [String]) async throws {
        try await with { world in
            let result = try await world.run(arguments)
            #expect(result.status == 64, "\(arguments): \(result)")
        }
    }
}
