import CygniJobs
import CygniModel
import CygniPostgres
import CygniTestSupport
import FoundationEssentials
import Testing

/// One run at a time, and none that goes on without its lock.
@Suite struct LockTests {
    @Test func theSecondOfTwoRunsIsSkippedAndSaysWhy() async throws {
        try await withDatabase(.jobs) { database in
            let (begun, mayEnd) = (Signal(), Signal())
            let slow = ListJob(items: ["a"]) { _, _ in
                begun.send()
                await mayEnd.wait()
            }
            let first = RunIdentity.test()
            async let firstReport = JobRunner(job: slow, run: first, settings: .test(database))()
            await begun.wait()
            let second = await JobRunner(job: ListJob(items: ["a"]), run: .test(), settings: .test(database))()
            mayEnd.send()
            #expect(second.exitStatus == .tryLater && second.outcome == .skipped)
            let words = second.errors.joined()
            #expect(words.contains("host 'test-host', pid 4711, run \(first.id.uuidString.lowercased()), since 2"))
            #expect(await firstReport.exitStatus == .success)
            let runs = try await database.runs()
            #expect(runs == ["succeeded 1 0"])
        }
    }

    @Test func aRunWaitsForTheLockAsLongAsItIsTold() async throws {
        try await withDatabase(.jobs) { database in
            let begun = Signal()
            let slow = ListJob(items: ["a"]) { _, _ in
                begun.send()
                try await Task.sleep(for: .milliseconds(300))
            }
            async let first = JobRunner(job: slow, run: .test(), settings: .test(database))()
            await begun.wait()
            var settings = RunSettings.test(database)
            settings.lockWait = .seconds(20)
            let second = await JobRunner(job: ListJob(items: ["a", "b"]), run: .test(), settings: settings)()
            #expect(await first.exitStatus == .success)
            #expect(second.exitStatus == .success && second.items.map(\.item.id) == ["b"])
        }
    }

    @Test func theRowOfADeadRunIsClosedAsLost() async throws {
        try await withDatabase(.jobs) { database in
            try await database.execute("INSERT INTO cygni.job_runs (job, host, pid) VALUES ('list-job', 'gone', 1)")
            try await database.execute("INSERT INTO cygni.job_runs (job) VALUES ('other-job')")
            let report = await JobRunner(job: ListJob(items: []), run: .test(), settings: .test(database))()
            #expect(report.exitStatus == .success)
            let rows = try await database.texts(
                """
                SELECT concat_ws(' ', job, state, finished_at IS NOT NULL, error LIKE 'found dead by run %test-host%')
                FROM cygni.job_runs ORDER BY started_at
                """
            )
            #expect(rows == ["list-job lost t t", "other-job running f", "list-job succeeded t"])
        }
    }

    @Test func aLostLockStopsTheNextSideEffect() async throws {
        try await withDatabase(.jobs) { database in
            var settings = RunSettings.test(database)
            settings.retries = 0
            settings.heartbeat = .hours(1)
            let job = ListJob(items: ["a", "b", "c"]) { item, _ in
                if item == "b" { try await database.endSessions(like: "% lock") }
            }
            let report = await JobRunner(job: job, run: .test(), settings: settings)()
            #expect(report.exitStatus == .failure)
            #expect(report.errors.first?.hasPrefix("lost the lock of this job: ") == true, "\(report.errors)")
            let (done, runs) = (try await database.done(), try await database.runs())
            #expect(done == ["a"] && runs == ["failed 1 1"])
        }
    }

    @Test func aLostLockIsTakenAgainAndTheWorkDoneOnce() async throws {
        try await withDatabase(.jobs) { database in
            let once = Once()
            let job = ListJob(items: ["a", "b", "c"]) { item, _ in
                if item == "b", once.first() { try await database.endSessions(like: "% lock") }
            }
            let report = await JobRunner(job: job, run: .test(), settings: .test(database))()
            #expect(report.exitStatus == .success, "\(report.errors)")
            #expect(report.counts["items_done"] == 3 && report.counts["written"] == 3 && report.counts["due"] == 3)
            let fences = try await database.texts("SELECT concat(item, fence) FROM public.done ORDER BY item")
            let runs = try await database.runs()
            #expect(fences == ["a1", "b2", "c2"] && runs == ["succeeded 2 0"])
        }
    }

    @Test func theHeartbeatInterruptsWorkWithoutALock() async throws {
        try await withDatabase(.jobs) { database in
            var settings = RunSettings.test(database)
            settings.retries = 0
            let job = ListJob(items: ["a"]) { _, context in
                try await database.endSessions(like: "% lock")
                try await context.read { session in
                    _ = try session.query(Statement("sleep", "SELECT 1 FROM pg_sleep(60)"))
                }
            }
            let report = await JobRunner(job: job, run: .test(), settings: settings)()
            #expect(report.exitStatus == .failure)
        }
    }

    @Test func aRunWhoseJobWasTakenOverGivesUp() async throws {
        try await withDatabase(.jobs) { database in
            var settings = RunSettings.test(database)
            settings.relockWait = .milliseconds(300)
            settings.heartbeat = .hours(1)
            let other = Signal()
            let job = ListJob(items: ["a", "b"]) { item, _ in
                guard item == "b" else { return }
                try await database.endSessions(like: "% lock")
                let lock = try await AdvisoryLock.acquire(
                    database.options(),
                    key: AdvisoryLockKey("cygni job list-job"),
                    wait: .seconds(10)
                )
                Task {
                    await other.wait()
                    await lock?.release()
                }
            }
            let report = await JobRunner(job: job, run: .test(), settings: settings)()
            other.send()
            #expect(report.exitStatus == .failure && report.outcome == .failed)
            #expect(report.errors.joined().contains("runs elsewhere: cygni-tests, backend "), "\(report.errors)")
            let (done, runs) = (try await database.done(), try await database.runs())
            #expect(done == ["a"] && runs == ["failed 2 1"])
        }
    }

    @Test func anOldFenceCommitsNothing() async throws {
        try await withDatabase(.jobs) { database in
            let job = ListJob(items: ["a", "b", "c"]) { item, _ in
                if item == "b" { try await database.execute("UPDATE cygni.job_fences SET fence = fence + 1") }
            }
            let report = await JobRunner(job: job, run: .test(), settings: .test(database))()
            #expect(report.exitStatus == .failure)
            #expect(report.errors == ["lost the lock of this job: another run has taken over"])
            let done = try await database.done()
            #expect(done == ["a"])
        }
    }

    @Test func aNewFenceWaitsForTheOldOnesTransaction() async throws {
        try await withDatabase(.jobs) { database in
            let begun = Signal()
            let job = ListJob(items: [])
            _ = await JobRunner(job: job, run: .test(), settings: .test(database))()
            async let zombie: Void = database.connect().transaction { session in
                try session.script("SELECT fence FROM cygni.job_fences FOR SHARE", name: "zombie")
                begun.send()
                try session.script("SELECT pg_sleep(0.5); INSERT INTO public.done VALUES ('zombie')", name: "zombie")
            }
            await begun.wait()
            let seen = ListJob(items: ["zombie"])
            let report = await JobRunner(job: seen, run: .test(), settings: .test(database))()
            try await zombie
            #expect(report.exitStatus == .success && report.items.isEmpty, "what the zombie did is a fact by now")
        }
    }
}
