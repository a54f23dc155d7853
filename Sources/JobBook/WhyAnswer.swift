import CygniConfig
import CygniJobs
import CygniModel

/// The one answer to "why did it not run?", with what to do.
package struct WhyAnswer: Hashable, Sendable {
    /// Stable codes, for programs.
    package enum Code: String, CaseIterable, Hashable, Sendable {
        case noSchedule = "no-schedule"
        case configInvalid = "config-invalid"
        case notDue = "not-due"
        case clockSkipped = "clock-skipped"
        case clockRepeated = "clock-repeated"
        case ran
        case running
        case overdue
        case failed
        case stopped
        case lost
        case expected
        case paused
        case runsElsewhere = "runs-elsewhere"
        case dependency
        case catchUpOver = "catch-up-over"
        case hostDown = "host-down"
        case notInstalled = "not-installed"
    }

    package var code: Code
    package var words: String
    /// What to do; nil: nothing.
    package var next: String?

    package init(code: Code, words: String, next: String?) {
        (self.code, self.words, self.next) = (code, words, next)
    }
}

extension WhyAnswer {
    /// Decides in the order in which a run meets what stops it.
    package init(_ facts: WhyFacts) {
        guard let schedule = facts.schedule else {
            self.init(
                code: .noSchedule,
                words: "it has no schedule: people and CI start it",
                next: "cygni run \(facts.job)"
            )
            return
        }
        let coming = schedule.slots.slots(after: max(facts.now, facts.asked), limit: 1).first?.rfc3339 ?? "never"
        if let answer = Self.clock(facts, schedule) {
            self = answer
        } else if let run = facts.run, let answer = Self.ended(run, facts, schedule) {
            self = answer
        } else if let slot = facts.slot, slot <= facts.now {
            self = Self.missing(slot, facts, schedule)
        } else {
            self.init(code: .notDue, words: "it is not due before \(facts.slot?.rfc3339 ?? coming)", next: nil)
        }
    }

    /// What the zone's clock did to the time that was asked for.
    private static func clock(_ facts: WhyFacts, _ schedule: RunSchedule) -> WhyAnswer? {
        let isFixed = schedule.slots.isAtFixedTimes
        switch facts.local {
        case .skipped(let jump):
            let words =
                isFixed
                ? "that time did not exist: clocks were put forward at \(jump.rfc3339), and jobs at fixed times ran then"
                : "that time did not exist: clocks were put forward at \(jump.rfc3339); a job with * keeps its distance"
            let ran = facts.run.map { ": \($0.words), \($0.state)" } ?? ""
            return WhyAnswer(code: .clockSkipped, words: words + (isFixed ? ran : ""), next: nil)
        case .twice(let first, let second) where isFixed && facts.asked == second:
            let ran = facts.run.map { ": \($0.words), \($0.state)" } ?? ""
            return WhyAnswer(
                code: .clockRepeated,
                words:
                    "that time came twice, at \(first.rfc3339) and \(second.rfc3339), and a job at a fixed time runs "
                    + "the first time\(ran)",
                next: nil
            )
        default: return nil
        }
    }

    /// The slot has a run.
    private static func ended(_ run: RunFact, _ facts: WhyFacts, _ schedule: RunSchedule) -> WhyAnswer? {
        let error = run.error.map { ": \($0)" } ?? ""
        switch run.state {
        case "succeeded", "partial":
            return WhyAnswer(code: .ran, words: "it did: \(run.words), \(run.state)\(error)", next: nil)
        case "running":
            let late = run.slot.map { facts.now > $0 + schedule.runGrace } ?? false
            return WhyAnswer(
                code: late ? .overdue : .running,
                words: late ? "it runs, and should have ended: \(run.words)" : "it runs: \(run.words)",
                next: late ? "look at its log on host '\(run.host)'; its deadline ends it" : nil
            )
        case "lost":
            return WhyAnswer(
                code: .lost,
                words: "it began and died: \(run.words)\(error)",
                next: "cygni cycle runs the slot again"
            )
        case "stopped":
            return WhyAnswer(
                code: .stopped,
                words: "it was stopped: \(run.words)\(error)",
                next: "cygni cycle runs the slot again"
            )
        default:
            return WhyAnswer(
                code: .failed,
                words: "it ran and ended as \(run.state): \(run.words)\(error)",
                next: "once the cause is gone: cygni run \(facts.job)"
            )
        }
    }

    /// The slot has none.
    private static func missing(_ slot: Timestamp, _ facts: WhyFacts, _ schedule: RunSchedule) -> WhyAnswer {
        if let pause = facts.pause {
            return WhyAnswer(code: .paused, words: "it was \(pause)", next: "cygni resume \(facts.job)")
        }
        if let other = facts.during {
            return WhyAnswer(
                code: .runsElsewhere,
                words: "the job's lock was held: \(other.words)",
                next: "a lock_wait in its file lets it wait instead"
            )
        }
        if let unmet = facts.unmet {
            let words = unmet.run.map { "whose \($0.words), is \($0.state)" } ?? "which had never run"
            return WhyAnswer(
                code: .dependency,
                words: "it comes after '\(unmet.job)', \(words)",
                next: "cygni run \(unmet.job) \(facts.job)"
            )
        }
        let startBy = slot + schedule.startGrace
        if facts.now <= startBy {
            return WhyAnswer(
                code: .expected,
                words: "it is expected and has until \(startBy.rfc3339) to start",
                next: nil
            )
        }
        if let later = facts.later, facts.catchUp != .all {
            return WhyAnswer(
                code: .catchUpOver,
                words:
                    "nothing started it in time, and catch_up: \(facts.catchUp.rawValue) does not come back to it since "
                    + "the slot of \(later.slot?.rfc3339 ?? "") had its \(later.words)",
                next: nil
            )
        }
        if let sign = facts.sign {
            return WhyAnswer(
                code: .notInstalled,
                words:
                    "expected and never started, while host '\(sign.host)' did start \(sign.job) at \(sign.at.rfc3339)",
                next: "cygni schedule check, on that host; then cygni cycle"
            )
        }
        return WhyAnswer(
            code: .hostDown,
            words:
                "expected and never started, and no schedule started anything from \(slot.rfc3339) to \(startBy.rfc3339): "
                + "the hosts were down, or cron does not run there",
            next: "systemctl status cron; cygni schedule check; then cygni cycle"
        )
    }
}
