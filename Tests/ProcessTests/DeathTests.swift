import CygniTestSupport
import Glibc
import Testing

/// Processes that are stopped or killed.
@Suite struct DeathTests {
    @Test(arguments: [SIGTERM, SIGINT, SIGHUP])
    func aSignalEndsTheRunAfterTheItemInHand(number: Int32) async throws {
        try await withProbe(job: "items: 3\nitem_time: 1s") { scene in
            let process = try scene.start("--output", "json")
            try await scene.until(
                "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep($1)%' AND datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()"
            )
            process.signal(number)
            let result = try await process.result()
            #expect(result.exit == .status(128 + number), "\(result)")
            #expect(try Report(result).outcome == "stopped")
            let (done, runs) = (try await scene.done(), try await scene.runs())
            #expect(done == ["item-0"] && runs == ["stopped 1 \(128 + number)"])
        }
    }

    @Test func theGracePeriodIsKept() async throws {
        try await withProbe(job: "items: 2\nitem_time: 60s\ngrace: 2s") { scene in
            let process = try scene.start()
            try await scene.until("SELECT 1 FROM cygni.job_runs")
            process.signal(SIGTERM)
            let result = try await process.result()
            #expect(result.exit == .status(143), "\(result)")
            let (done, runs) = (try await scene.done(), try await scene.runs())
            #expect(done.isEmpty && runs == ["stopped 1 143"])
        }
    }

    @Test func aBlockedThreadDoesNotOutliveTheGracePeriod() async throws {
        try await withProbe(job: "item_time: 60s\ngrace: 2s") { scene in
            let process = try scene.start("--stubborn")
            try await scene.until("SELECT 1 FROM cygni.job_runs")
            process.signal(SIGTERM)
            let result = try await process.result()
            #expect(result.exit == .status(143), "\(result)")
            let runs = try await scene.runs()
            #expect(runs == ["stopped 1 143"])
        }
    }

    @Test func theDeadlineIs124() async throws {
        try await withProbe(job: "item_time: 60s\ntimeout: 1s") { scene in
            let result = try await scene.run("--output", "json")
            #expect(result.status == 124)
            #expect(try Report(result).outcome == "timed_out")
            let runs = try await scene.runs()
            #expect(runs == ["timed_out 1 124"])
        }
    }

    @Test(arguments: ["planned", "begun:2", "written:2", "committed:2", "applied"])
    func aKilledRunIsClosedByTheNextOne(point: String) async throws {
        try await withProbe(job: "items: 4") { scene in
            let killed = try await scene.run(environment: ["CYGNI_CRASH_AT": point])
            #expect(killed.exit == .signal(SIGKILL), "\(killed)")
            let before = try await scene.runs()
            #expect(before == ["running 1 -1"])
            let next = try await scene.run("--output", "json")
            #expect(next.status == 0, "\(next)")
            let (done, runs) = (try await scene.done(), try await scene.runs())
            #expect(done == ["item-0", "item-1", "item-2", "item-3"] && runs == ["lost 1 -1", "succeeded 1 0"])
        }
    }

    @Test func ofManyAtOnceOneWorks() async throws {
        try await withProbe(job: "items: 1\nitem_time: 2s") { scene in
            let statuses = try await withThrowingTaskGroup(of: Int32.self) { group in
                for _ in 0..<6 { group.addTask { try await scene.run().status } }
                return try await group.reduce(into: []) { $0.append($1) }.sorted()
            }
            #expect(statuses == [0, 75, 75, 75, 75, 75])
            let (done, runs) = (try await scene.done(), try await scene.runs())
            #expect(done == ["item-0"] && runs == ["succeeded 1 0"])
        }
    }

    @Test func aPausedProcessThatWakesUpTooLateChangesNothing() async throws {
        try await withProbe(job: "items: 3\nitem_time: 1s\nretries: 0") { scene in
            let zombie = try scene.start("--output", "json")
            try await scene.until("SELECT 1 FROM public.done")
            zombie.signal(SIGSTOP)
            // As a network would do after its time-outs: the server gives up on the sessions of a host that is away.
            try await scene.database.execute(
                """
                SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                WHERE datname = current_database() AND application_name LIKE 'cygni-probe%'
                """
            )
            let next = try await scene.run("--output", "json")
            zombie.signal(SIGCONT)
            let late = try await zombie.result()
            #expect(next.status == 0 && late.status != 0, "\(next)\n\(late)")
            let (done, runs) = (try await scene.done(), try await scene.runs())
            #expect(done == ["item-0", "item-1", "item-2"] && runs == ["lost 1 -1", "succeeded 1 0"])
        }
    }
}
