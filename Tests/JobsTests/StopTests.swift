import CygniJobs
import CygniModel
import CygniPostgres
import CygniTestSupport
import Dispatch
import Glibc
import Testing

/// Signals and the deadline.
@Suite struct StopTests {
    @Test(arguments: [SIGTERM, SIGINT, SIGHUP])
    func aSignalLetsTheItemInHandFinish(number: Int32) async throws {
        try await withDatabase(.jobs) { database in
            let control = RunControl()
            let job = ListJob(items: ["a", "b", "c"]) { item, _ in
                if item == "b" { control.received(signal: number) }
                try await Task.sleep(for: .milliseconds(50))
            }
            let report = await JobRunner(job: job, run: .test(), settings: .test(database), control: control)()
            #expect(report.exitStatus == .signal(number) && report.outcome == .stopped)
            #expect(report.errors == ["stopped by signal \(number)"])
            let (done, runs) = (try await database.done(), try await database.runs())
            #expect(done == ["a", "b"] && runs == ["stopped 1 \(128 + number)"])
        }
    }

    @Test func aSignalBeforeTheRunIsNotForgotten() async throws {
        try await withDatabase(.jobs) { database in
            let control = RunControl()
            control.received(signal: SIGTERM)
            let report = await JobRunner(
                job: ListJob(items: ["a"]),
                run: .test(),
                settings: .test(database),
                control: control
            )()
            #expect(report.exitStatus == .signal(SIGTERM))
            let (done, runs) = (try await database.done(), try await database.runs())
            #expect(done.isEmpty && runs.isEmpty)
        }
    }

    @Test func theGracePeriodEndsAStatementThatGoesOn() async throws {
        try await stopsDuringASleep { control, settings in
            // A tenth of it is left for the books, which is little on a loaded machine.
            settings.grace = .seconds(12)
            control.received(signal: SIGTERM)
        }
    }

    @Test func aSecondSignalEndsTheStatementInHand() async throws {
        try await stopsDuringASleep { control, _ in
            control.received(signal: SIGTERM)
            control.received(signal: SIGINT)
        }
    }

    /// Runs one item that sleeps for a minute on the server and stops it.
    private func stopsDuringASleep(_ stop: @escaping @Sendable (RunControl, inout RunSettings) -> Void) async throws {
        try await withDatabase(.jobs) { database in
            let control = RunControl()
            var settings = RunSettings.test(database)
            stop(RunControl(), &settings)
            let job = ListJob(items: ["a", "b"]) { _, context in
                var unused = RunSettings.test(database)
                stop(control, &unused)
                try await context.transaction { session in
                    try session.script("INSERT INTO public.done VALUES ('half'); SELECT pg_sleep(60)", name: "half")
                }
            }
            let report = await JobRunner(job: job, run: .test(), settings: settings, control: control)()
            #expect(report.exitStatus == .signal(SIGTERM))
            #expect(report.errors == ["stopped by signal 15"])
            let (done, runs) = (try await database.done(), try await database.runs())
            #expect(done.isEmpty && runs == ["stopped 1 143"])
        }
    }

    @Test func workThatHeedsNothingIsAbandonedInTime() async throws {
        try await withDatabase(.jobs) { database in
            let control = RunControl()
            var settings = RunSettings.test(database)
            settings.grace = .seconds(1)
            let job = ListJob(items: ["a"]) { _, _ in
                control.received(signal: SIGTERM)
                await withCheckedContinuation { continuation in
                    DispatchQueue.global().asyncAfter(deadline: .now() + 5) { continuation.resume() }
                }
            }
            let report = await JobRunner(job: job, run: .test(), settings: settings, control: control)()
            #expect(report.exitStatus == .signal(SIGTERM))
            #expect(
                report.errors == ["stopped by signal 15 while at 'a'", "the work did not end when it was cancelled"]
            )
            let runs = try await database.runs()
            #expect(runs == ["stopped 1 143"])
            // The database must outlive the work that still goes on.
            try await Task.sleep(for: .seconds(5))
        }
    }

    @Test func theDeadlineEndsTheRun() async throws {
        try await withDatabase(.jobs) { database in
            var settings = RunSettings.test(database)
            settings.timeout = .seconds(1)
            let job = ListJob(items: ["a", "b"]) { item, context in
                guard item == "b" else { return }
                try await context.transaction { session in
                    try session.script("INSERT INTO public.done VALUES ('half'); SELECT pg_sleep(60)", name: "half")
                }
            }
            let report = await JobRunner(job: job, run: .test(), settings: settings)()
            #expect(report.exitStatus == .timedOut && report.outcome == .timedOut)
            #expect(report.errors == ["the deadline of 1s passed"])
            let (done, runs) = (try await database.done(), try await database.runs())
            #expect(done == ["a"] && runs == ["timed_out 1 124"])
        }
    }

    @Test func aStopEndsTheWaitForTheLock() async throws {
        try await withDatabase(.jobs) { database in
            let lock = try await AdvisoryLock.acquire(database.options(), key: AdvisoryLockKey("cygni job list-job"))
            let control = RunControl()
            var settings = RunSettings.test(database)
            settings.lockWait = .seconds(60)
            let waiting = settings
            async let report = JobRunner(
                job: ListJob(items: ["a"]),
                run: .test(),
                settings: waiting,
                control: control
            )()
            try await Task.sleep(for: .milliseconds(500))
            control.received(signal: SIGTERM)
            #expect(await report.exitStatus == .signal(SIGTERM))
            await lock?.release()
        }
    }
}
