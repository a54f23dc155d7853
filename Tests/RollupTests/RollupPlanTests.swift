import CygniConfig
import CygniModel
import MetricsRollup
import Testing

/// The decision alone: facts in, steps out, no database.
struct RollupPlanTests {
    private let now = moment("2026-11-22T10:20:00Z")
    private let today = moment("2026-11-22").date
    private let standard = settings(sealAfter: .hours(48))

    private func plan(_ change: (inout RollupFacts) -> Void, limit: Int = 0) -> [RollupStep] {
        var facts = RollupFacts(now: now)
        change(&facts)
        return RollupPlan(facts: facts, settings: standard, limit: limit).entries.map(\.step)
    }

    private func note(_ hour: String, rows: Int = 10, hasRelation: Bool = false) -> RollupFacts.Note {
        var note = RollupFacts.Note(hour: moment(hour), since: now)
        note.rows = rows
        note.hasRelation = hasRelation
        return note
    }

    private func day(_ date: String, sealed: Bool? = false, relations: Bool = true) -> RollupFacts.Day {
        var day = RollupFacts.Day(date: moment(date).date)
        day.isSealed = sealed
        day.hasRelations = relations
        return day
    }

    @Test func `nothing noted is nothing to do`() {
        #expect(plan { _ in }.isEmpty)
        #expect(plan { $0.days = [day("2026-11-22")] }.isEmpty)
    }

    @Test func `a new hour of an open day costs that hour and its day, and no view`() {
        let steps = plan {
            $0.notes = [note("2026-11-22T09:00:00Z", hasRelation: true)]
            $0.days = [day("2026-11-22")]
        }
        #expect(steps == [.refreshHour(moment("2026-11-22T09:00:00Z")), .refreshDay(today)])
    }

    @Test func `the first samples of a day make its relations and rewrite the views`() {
        let steps = plan {
            $0.notes = [note("2026-11-22T09:00:00Z")]
            $0.days = [day("2026-11-22", sealed: nil, relations: false)]
        }
        let hour = RollupStep.refreshHour(moment("2026-11-22T09:00:00Z"))
        #expect(steps == [.openDay(today), hour, .refreshDay(today), .publish])
    }

    @Test func `a past day that turns up whole is built at once, and sealed`() {
        let past = moment("2026-11-10").date
        let steps = plan {
            $0.notes = [note("2026-11-10T01:00:00Z"), note("2026-11-10T02:00:00Z")]
            $0.days = [day("2026-11-10", sealed: nil, relations: false)]
        }
        #expect(steps == [.buildDay(past), .publish, .seal(past), .publish, .dropRetired])
    }

    @Test(arguments: [("2026-11-21T23:59:59Z", false), ("2026-11-22T00:00:00Z", true)])
    func `a day is past from the moment its lateness ends`(now: String, isPast: Bool) {
        var facts = RollupFacts(now: moment(now))
        facts.days = [day("2026-11-19")]
        let steps = RollupPlan(facts: facts, settings: standard, limit: 0).entries.map(\.step)
        let seal = RollupStep.seal(moment("2026-11-19").date)
        #expect(steps.contains(seal) == isPast)
    }

    @Test func `a late sample of a sealed day refreshes its hour, and no more`() {
        let past = moment("2026-11-10").date
        let steps = plan {
            $0.notes = [note("2026-11-10T01:00:00Z")]
            $0.days = [day("2026-11-10", sealed: true)]
        }
        let hour = RollupStep.refreshHour(moment("2026-11-10T01:00:00Z"))
        #expect(steps == [hour, .refreshDay(past), .publish])
    }

    @Test(arguments: [("2026-11-20T10:20:01Z", false), ("2026-11-20T10:20:00Z", true)])
    func `a day whose seal was broken is sealed when late samples have had their time`(at: String, isDue: Bool) {
        var reopened = day("2026-11-10")
        reopened.reopenedAt = moment(at)
        #expect(plan { $0.days = [reopened] }.contains(.seal(reopened.date)) == isDue)
    }

    @Test func `while somebody writes, a day computed now is not sealed`() {
        var facts = RollupFacts(now: now)
        facts.notes = [note("2026-11-10T01:00:00Z")]
        var written = day("2026-11-10", sealed: nil, relations: false)
        written.isSettled = false
        facts.days = [written]
        let plan = RollupPlan(facts: facts, settings: standard, limit: 0)
        #expect(!plan.entries.contains { if case .seal = $0.step { true } else { false } })
        #expect(plan.counts["days_waiting_for_writers"] == 1)
    }

    @Test func `an open day waits for the writers of its last refresh`() {
        var waiting = day("2026-11-10")
        waiting.isSettled = false
        #expect(plan { $0.days = [waiting] }.isEmpty)
        waiting.isSettled = true
        #expect(plan { $0.days = [waiting] }.contains(.seal(waiting.date)))
    }

    @Test func `a run cut off between an hour and its day finishes the day`() {
        var stale = day("2026-11-22")
        stale.isStale = true
        #expect(plan { $0.days = [stale] } == [.refreshDay(today)])
    }

    @Test func `a limit leaves the rest noted and unsealed`() {
        let change: (inout RollupFacts) -> Void = {
            $0.notes = [self.note("2026-11-10T01:00:00Z"), self.note("2026-11-11T01:00:00Z")]
            $0.days = [
                self.day("2026-11-10", sealed: nil, relations: false),
                self.day("2026-11-11", sealed: nil, relations: false),
            ]
        }
        let first = moment("2026-11-10").date
        #expect(plan(change, limit: 1) == [.buildDay(first), .publish, .seal(first), .publish, .dropRetired])
    }

    @Test func `a month merges when the last of its days is sealed and lateness is over`() {
        let steps = plan {
            $0.days = [day("2026-10-31")]
        }
        #expect(steps.contains(.mergeMonth(moment("2026-10-01"))))
        #expect(!plan { $0.days = [day("2026-11-10")] }.contains(.mergeMonth(moment("2026-11-01"))))
    }

    @Test func `a rebuild computes days that nothing is noted of, where raw samples are left`() {
        var gone = day("2026-11-11", sealed: true)
        gone.hasRaw = false
        let steps = plan {
            $0.rebuild = RebuildRange(parsing: "2026-11-10..2026-11-11")
            $0.days = [day("2026-11-10", sealed: true), gone]
        }
        let past = moment("2026-11-10").date
        #expect(steps.count == 6 && steps.first == .buildDay(past))
        #expect(steps.contains { if case .refuse(gone.date, _) = $0 { true } else { false } })
        #expect(steps.suffix(4) == [.publish, .seal(past), .publish, .dropRetired])
    }

    @Test(arguments: [
        ("2026-11-01..2026-11-03", true), ("2026-11-01", true), ("2026-11-03..2026-11-01", false), ("yesterday", false),
        ("2026-11-01T00:00:00Z", false), ("2026-02-30", false), ("", false), ("2026-11-01..", false),
        ("2026-11-01.2026-11-03", false),
    ])
    func `a rebuild range is one day or two`(text: String, isValid: Bool) {
        #expect((RebuildRange(parsing: text) != nil) == isValid)
    }

    @Test func `hours drawn for an audit are left out when they are about to change`() {
        let hour = moment("2026-11-22T09:00:00Z")
        let steps = plan {
            $0.notes = [note("2026-11-22T09:00:00Z")]
            $0.days = [day("2026-11-22")]
            $0.auditCandidates = [hour, moment("2026-11-21T09:00:00Z")]
        }
        #expect(!steps.contains(.audit(hour)))
        #expect(steps.contains(.audit(moment("2026-11-21T09:00:00Z"))))
    }
}
