import CygniConfig
import CygniJobs
import CygniModel
import FoundationEssentials
import Testing

@testable import JobBook

/// One answer for every way in which a run can be missing.
@Suite struct WhyAnswerTests {
    private static let slot = Timestamp(parsing: "2026-03-02T03:00:00Z") ?? Timestamp(seconds: 0)

    private func schedule(_ text: String = "0 3 * * *", zone: String = "UTC") throws -> RunSchedule {
        RunSchedule(
            slots: ZonedSchedule(try CronSchedule(parsing: text), in: try ZoneFile.rules(of: zone)),
            text: text,
            startGrace: .minutes(5),
            runGrace: .hours(1)
        )
    }

    private func run(_ state: String, slot: Timestamp? = slot, minutes: Int = 0) throws -> RunFact {
        RunFact(
            id: try #require(UUID(uuidString: "00000000-0000-0000-0000-000000000007")),
            host: "web1",
            pid: 4711,
            trigger: "cron",
            state: state,
            slot: slot,
            startedAt: Self.slot + .minutes(minutes),
            finishedAt: state == "running" ? nil : Self.slot + .minutes(minutes + 2),
            error: state == "failed" ? "disk full" : nil
        )
    }

    /// Facts an hour after the slot, in which nothing is to be seen.
    private func facts(_ change: (inout WhyFacts) throws -> Void) throws -> WhyAnswer {
        var facts = WhyFacts(job: "log-archive", now: Self.slot + .hours(1), asked: Self.slot + .hours(1))
        facts.schedule = try schedule()
        facts.slot = Self.slot
        try change(&facts)
        return WhyAnswer(facts)
    }

    @Test func aRunOfItsOwn() throws {
        for (state, code) in [
            ("succeeded", WhyAnswer.Code.ran), ("partial", .ran), ("failed", .failed), ("timed_out", .failed),
            ("lost", .lost), ("stopped", .stopped), ("running", .running),
        ] {
            let answer = try facts { $0.run = try run(state) }
            #expect(answer.code == code)
            #expect(answer.words.contains("on host 'web1', pid 4711, from 2026-03-02T03:00:00"))
        }
        let late = try facts {
            $0.run = try run("running")
            $0.now = Self.slot + .minutes(61)
        }
        #expect(late.code == .overdue && late.next?.contains("host 'web1'") == true)
        #expect(try facts { $0.run = try run("failed") }.words.hasSuffix(": disk full"))
    }

    @Test func whatStoodInItsWay() throws {
        let pause = JobPause(since: Self.slot - .hours(1), until: nil, actor: "user:anna@web1", why: "disk is full")
        let paused = try facts { $0.pause = pause }
        #expect(paused.code == .paused && paused.next == "cygni resume log-archive")
        #expect(
            paused.words == "it was paused by user:anna@web1 since \((Self.slot - .hours(1)).rfc3339): disk is full"
        )
        let held = try facts { $0.during = try run("running", slot: nil, minutes: -5) }
        #expect(held.code == .runsElsewhere && held.words.contains("the job's lock was held: run 00000000"))
        let unmet = try facts { $0.unmet = .init(job: "metrics-rollup", run: try run("failed")) }
        #expect(unmet.code == .dependency && unmet.words.contains("it comes after 'metrics-rollup', whose run 0000"))
        let never = try facts { $0.unmet = .init(job: "metrics-rollup", run: nil) }
        #expect(never.words == "it comes after 'metrics-rollup', which had never run")
        #expect(never.next == "cygni run metrics-rollup log-archive")
    }

    @Test func nobodyStartedIt() throws {
        let early = try facts { $0.now = Self.slot + .minutes(4) }
        #expect(early.code == .expected && early.words.contains("has until 2026-03-02T03:05:00"))
        let down = try facts { _ in }
        #expect(down.code == .hostDown && down.words.hasPrefix("expected and never started, and no schedule started"))
        let line = try facts { $0.sign = .init(job: "metrics-rollup", host: "web1", at: Self.slot + .minutes(1)) }
        #expect(line.code == .notInstalled && line.words.contains("while host 'web1' did start metrics-rollup"))
        let over = try facts { $0.later = try run("succeeded", slot: Self.slot + .days(1)) }
        #expect(over.code == .catchUpOver && over.words.contains("catch_up: latest does not come back to it"))
        let all = try facts {
            $0.later = try run("succeeded", slot: Self.slot + .days(1))
            $0.catchUp = .all
        }
        #expect(all.code == .hostDown && all.next?.contains("cygni cycle") == true)
    }

    @Test func nothingWasDue() throws {
        let none = try facts { $0.schedule = nil }
        #expect(none.code == .noSchedule && none.next == "cygni run log-archive")
        let future = try facts {
            $0.now = Self.slot - .minutes(1)
            $0.asked = Self.slot + .minutes(5)
        }
        #expect(future.code == .notDue && future.words.contains("not due before 2026-03-02T03:00:00"))
    }

    @Test func clocksThatChange() throws {
        let berlin = try ZoneFile.rules(of: "Europe/Berlin")
        let skipped = LocalMoment(try #require(Timestamp(parsing: "2026-03-29T02:30:00Z")), in: berlin)
        let jump = try #require(Timestamp(parsing: "2026-03-29T01:00:00Z"))
        #expect(skipped == .skipped(at: jump))
        let fixed = try facts {
            ($0.schedule, $0.local, $0.asked) = (try schedule("30 2 * * *", zone: "Europe/Berlin"), skipped, jump)
            $0.run = try run("succeeded")
        }
        #expect(fixed.code == .clockSkipped && fixed.words.contains("jobs at fixed times ran then: run 0000"))
        let star = try facts {
            ($0.schedule, $0.local, $0.asked) = (try schedule("*/30 * * * *", zone: "Europe/Berlin"), skipped, jump)
        }
        #expect(star.code == .clockSkipped && star.words.hasSuffix("a job with * keeps its distance"))
        let twice = LocalMoment(try #require(Timestamp(parsing: "2026-10-25T02:30:00Z")), in: berlin)
        let (first, second) = (Timestamp(parsing: "2026-10-25T00:30:00Z"), Timestamp(parsing: "2026-10-25T01:30:00Z"))
        #expect(twice == .twice(try #require(first), try #require(second)))
        let again = try facts {
            ($0.schedule, $0.local) = (try schedule("30 2 * * *", zone: "Europe/Berlin"), twice)
            $0.asked = try #require(second)
        }
        #expect(again.code == .clockRepeated && again.words.contains("came twice, at 2026-10-25T00:30:00"))
        #expect(LocalMoment(jump, in: .utc) == .once(jump))
    }

    @Test(arguments: [
        (CatchUp.none, "12:03", ["12:00"]), (.none, "12:06", []), (.latest, "12:40", ["12:00"]),
        (.all, "12:40", ["09:00", "10:00", "12:00"]),
    ])
    func slotsToMakeUpFor(catchUp: CatchUp, now: String, expected: [String]) throws {
        func time(_ text: String) throws -> Timestamp { try #require(Timestamp(parsing: "2026-03-02T\(text):00Z")) }
        let known = [try time("09:00"): false, try time("11:00"): true]
        let due = DueSlots.of(try schedule("0 * * * *"), catchUp, known: known, now: try time(now))
        #expect(try due == expected.map(time))
        let taken = DueSlots.of(
            try schedule("0 * * * *"),
            catchUp,
            known: [try time("12:00"): true],
            now: try time(now)
        )
        #expect(taken.isEmpty)
    }

    @Test func aYearOfMissedMinutesIsBounded() throws {
        let now = try #require(Timestamp(parsing: "2026-03-02T03:00:00Z"))
        let due = DueSlots.of(try schedule("* * * * *"), .all, known: [now - .days(365): true], now: now)
        #expect(due.count == DueSlots.limit && due.last == now)
    }
}
