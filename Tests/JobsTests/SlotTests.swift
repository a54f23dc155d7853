import CygniModel
import CygniPostgres
import CygniTestSupport
import Testing

@testable import CygniJobs

extension RunSchedule {
    /// In UTC, with five minutes to start and an hour to end.
    static func test(_ text: String) throws -> RunSchedule {
        RunSchedule(
            slots: ZonedSchedule(try CronSchedule(parsing: text), in: .utc),
            text: "\(text) UTC",
            startGrace: .minutes(5),
            runGrace: .hours(1)
        )
    }
}

/// What a schedule implies, and one run for each slot.
@Suite struct SlotTests {
    private func time(_ text: String) throws -> Timestamp { try #require(Timestamp(parsing: text)) }

    private func clock(_ time: Timestamp) -> RunClock {
        var clock = RunClock.system
        clock.now = { time }
        return clock
    }

    private func settings(_ database: TestDatabase, _ schedule: String = "*/5 * * * *") throws -> RunSettings {
        var settings = RunSettings.test(database)
        settings.schedule = try .test(schedule)
        return settings
    }

    private func run(_ slot: Timestamp? = nil, trigger: String = "cron") -> RunIdentity {
        var run = RunIdentity.test()
        run.trigger = trigger
        run.slot = slot
        return run
    }

    @Test(arguments: [
        ("2026-03-01T12:04:59Z", "2026-03-01T12:05:00Z"), ("2026-03-01T12:04:54Z", "2026-03-01T12:00:00Z"),
        ("2026-03-01T12:05:00Z", "2026-03-01T12:05:00Z"), ("2026-03-01T12:09:00Z", "2026-03-01T12:05:00Z"),
    ])
    func aRunIsForTheNewestSlot(start: String, slot: String) throws {
        #expect(try RunSchedule.test("*/5 * * * *").slot(at: time(start)) == time(slot))
    }

    @Test func aYearOfSilenceCostsNoMoreThanADay() throws {
        let schedule = try RunSchedule.test("* * * * *").slots
        let now = try time("2026-03-01T12:00:10Z")
        let due = SlotNotes.due(schedule, last: now - .days(365), own: try time("2026-03-01T12:00:00Z"), now: now)
        #expect(due.count == 2 * SlotNotes.limit && due == due.sorted())
        #expect(try due[SlotNotes.limit - 1] == time("2026-03-01T12:00:00Z"))
    }

    @Test func aRareScheduleHasAlwaysItsNextSlotNoted() throws {
        let schedule = try RunSchedule.test("0 3 1 1 *").slots
        let own = try time("2026-01-01T03:00:00Z")
        #expect(try SlotNotes.due(schedule, last: nil, own: own, now: own) == [own, time("2027-01-01T03:00:00Z")])
        let missed = try SlotNotes.due(
            schedule,
            last: own,
            own: time("2029-01-01T03:00:00Z"),
            now: time("2029-01-02T00:00:00Z")
        )
        #expect(missed.map { String($0.rfc3339.prefix(4)) } == ["2027", "2028", "2029", "2030"])
    }

    @Test func jitterStaysTheSameAndSpreads() {
        let fractions = (0..<1000).map { HostJitter.fraction(host: "host-\($0)", job: "metrics-rollup") }
        #expect(HostJitter.fraction(host: "host-7", job: "metrics-rollup") == fractions[7])
        #expect(HostJitter.fraction(host: "host-7", job: "log-archive") != fractions[7])
        #expect(fractions.allSatisfy { (0..<1).contains($0) })
        for tenth in 0..<10 {
            let count = fractions.count { Int($0 * 10) == tenth }
            #expect((60...140).contains(count), "\(count) of 1000 hosts in tenth \(tenth)")
        }
    }

    @Test func aScheduledRunWritesItsSlotAndWhatComes() async throws {
        try await withDatabase(.jobs) { database in
            let now = try time("2026-03-01T12:03:00Z")
            let report = try await JobRunner(
                job: ListJob(items: []),
                run: run(),
                settings: settings(database),
                clock: clock(now)
            )()
            #expect(report.exitStatus == .success, "\(report.errors)")
            let slots = try await database.texts("SELECT slot AT TIME ZONE 'UTC' FROM cygni.job_runs")
            #expect(slots == ["2026-03-01 12:00:00"])
            let noted = try await database.texts("SELECT count(*) > 100 FROM cygni.job_slots WHERE slot > now()")
            #expect(noted == ["true"])
            let states = try await database.texts(
                "SELECT DISTINCT state FROM cygni.job_slot_states WHERE slot IN (SELECT slot FROM cygni.job_runs) OR slot > now()"
            )
            #expect(Set(states) == ["succeeded", "expected"])
        }
    }

    @Test func aRunByHandHasNone() async throws {
        try await withDatabase(.jobs) { database in
            _ = try await JobRunner(
                job: ListJob(items: []),
                run: run(trigger: "manual"),
                settings: settings(database)
            )()
            let slots = try await database.texts("SELECT slot IS NULL FROM cygni.job_runs")
            let noted = try await database.texts("SELECT count(*) FROM cygni.job_slots")
            #expect(slots == ["true"] && noted == ["0"])
        }
    }

    @Test func theSecondRunOfASlotDoesNothing() async throws {
        try await withDatabase(.jobs) { database in
            let now = try time("2026-03-01T12:00:00Z")
            func once() async throws -> RunReport {
                try await JobRunner(
                    job: ListJob(items: ["a"]),
                    run: run(),
                    settings: settings(database),
                    clock: clock(now)
                )()
            }
            let (first, second) = (try await once(), try await once())
            #expect(first.outcome == .succeeded)
            #expect(second.outcome == .skipped && second.exitStatus == .success && second.errors.isEmpty)
            #expect(second.reason?.contains("has its run already: host 'test-host', pid 4711") == true)
            #expect(second.json.text.contains(#""reason":"the slot of 2026-03-01T12:00:00"#), "\(second.json.text)")
            #expect(try await database.runs() == ["succeeded 1 0"])
        }
    }

    @Test(arguments: [("lost", true), ("stopped", true), ("failed", false), ("timed_out", false)])
    func aRunThatDiedLeavesItsSlot(state: String, isFree: Bool) async throws {
        try await withDatabase(.jobs) { database in
            let now = try time("2026-03-01T12:00:00Z")
            try await database.execute(
                "INSERT INTO cygni.job_runs (job, slot, state, finished_at) VALUES ('list-job', '\(now.rfc3339)', '\(state)', now())"
            )
            let report = try await JobRunner(
                job: ListJob(items: []),
                run: run(),
                settings: settings(database),
                clock: clock(now)
            )()
            #expect(report.outcome == (isFree ? .succeeded : .skipped))
        }
    }

    @Test func aPauseStopsTheScheduleAndNobodyElse() async throws {
        try await withDatabase(.jobs) { database in
            try await database.execute(
                "INSERT INTO cygni.job_pauses (job, actor, why) VALUES ('list-job', 'user:anna', 'disk is full')"
            )
            let paused = try await JobRunner(job: ListJob(items: ["a"]), run: run(), settings: settings(database))()
            #expect(paused.exitStatus == .tryLater && paused.outcome == .skipped)
            #expect(paused.errors.first?.contains("paused by user:anna since 2") == true, "\(paused.errors)")
            #expect(paused.errors.first?.contains("disk is full; end that with `cygni resume list-job`") == true)
            let noted = try await database.texts("SELECT count(*) > 1 FROM cygni.job_slots")
            #expect(noted == ["true"])
            let byHand = try await JobRunner(
                job: ListJob(items: []),
                run: run(trigger: "manual"),
                settings: settings(database)
            )()
            #expect(byHand.outcome == .succeeded)
            try await database.execute("UPDATE cygni.job_pauses SET until = now() - interval '1 second'")
            let after = try await JobRunner(job: ListJob(items: []), run: run(), settings: settings(database))()
            #expect(after.outcome == .succeeded)
        }
    }

    @Test func whatItComesAfterMustHaveEndedWell() async throws {
        try await withDatabase(.jobs) { database in
            var settings = try settings(database)
            settings.after = ["first"]
            func words() async -> String {
                await JobRunner(job: ListJob(items: []), run: run(), settings: settings)().errors.joined()
            }
            #expect(await words() == "job 'list-job' comes after 'first', which has never run")
            try await database.execute(
                "INSERT INTO cygni.job_runs (job, state, finished_at) VALUES ('first', 'failed', now())"
            )
            #expect(await words().hasSuffix("is failed"))
            try await database.execute(
                "INSERT INTO cygni.job_runs (job, state, finished_at, started_at) VALUES ('first', 'succeeded', now(), now() + interval '1 s')"
            )
            #expect(await words() == "")
        }
    }

    /// Twenty hosts whose clocks fire for the same slots; `make bench-slots` does it with processes, over a hundred of them.
    @Test func eachSlotIsRunOnceOverAllHosts() async throws {
        let cluster = try await TestCluster.start(settings: ["max_connections": "200"])
        try await cluster.withDatabase(.jobs) { database in
            let start = try time("2026-03-01T12:00:00Z")
            var settings = try settings(database, "* * * * *")
            settings.lockWait = .seconds(60)
            let reports = try await withThrowingTaskGroup(of: [RunReport].self) { group in
                for _ in 0..<20 {
                    group.addTask { [settings] in
                        var reports: [RunReport] = []
                        for minute in 0..<20 {
                            let slot = start + .minutes(minute)
                            reports.append(
                                await JobRunner(job: ListJob(items: []), run: run(slot), settings: settings)()
                            )
                        }
                        return reports
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(reports.count == 400)
            #expect(reports.count { $0.outcome == .succeeded } == 20)
            #expect(reports.count { $0.outcome == .skipped && $0.exitStatus == .success } == 380)
            let runs = try await database.texts(
                "SELECT concat_ws(' ', count(*), count(DISTINCT slot)) FROM cygni.job_runs"
            )
            #expect(runs == ["20 20"])
        }
        try await cluster.stop()
    }
}
