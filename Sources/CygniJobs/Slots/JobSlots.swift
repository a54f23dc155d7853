package import CygniModel
package import CygniPostgres
import FoundationEssentials

/// The statements over `cygni.job_slots` and `cygni.job_pauses` that runs need, typed.
package enum JobSlots {
    private static let statements = StatementFile("job_slots", PackageResources.job_slots_sql)

    /// Writes down what the schedule implies, from what is noted up to now and some time ahead.
    ///
    /// - Parameter own: the slot that is noted in any case.
    package static func note(_ schedule: RunSchedule, of job: String, own: Timestamp, in session: Session) throws {
        try session.query(statements["forget_stale"], job, schedule.text)
        let last = try session.query(statements["last_noted"], job, schedule.text)[0].get("slot", as: Timestamp?.self)
        let due = SlotNotes.due(schedule.slots, last: last, own: own, now: try Ledger.now(in: session))
        guard !due.isEmpty else { return }
        try session.query(
            statements["note"],
            job,
            schedule.text,
            due,
            schedule.startGrace.microseconds,
            schedule.runGrace.microseconds
        )
    }

    /// The run that has done a slot; nil while there is none, or while it is still at it.
    static func finished(_ slot: Timestamp, _ run: RunIdentity, in session: Session) throws -> SlotTaken? {
        try taken(slot, run, in: session).flatMap { $0.state == "running" ? nil : $0 }
    }

    private static func taken(_ slot: Timestamp, _ run: RunIdentity, in session: Session) throws -> SlotTaken? {
        try session.query(statements["run_of_slot"], run.job, slot, run.id).first.map { row in
            SlotTaken(slot: slot, by: try Ledger.Trace(row), state: try row.get("state"))
        }
    }

    /// Why the run of a slot must not begin; nil when nothing is in its way. The caller holds the job's lock.
    static func refusal(
        of slot: Timestamp,
        _ run: RunIdentity,
        after: [String],
        in session: Session
    ) throws -> (any Error)? {
        if let taken = try taken(slot, run, in: session) { return taken }
        if let pause = try session.query(statements["pause"], run.job).first.map(JobPause.init) {
            return JobFailure(
                "job '\(run.job)' is \(pause); end that with `cygni resume \(run.job)`",
                status: .tryLater
            )
        }
        guard let unmet = try session.query(statements["unmet"], after).first else { return nil }
        let other = try unmet.get("job", as: String.self)
        let state = try unmet.get("state", as: String?.self)
        let words = try state.map {
            "whose last run, of \(try unmet.get("started_at", as: Timestamp.self).rfc3339), is \($0)"
        }
        return JobFailure(
            "job '\(run.job)' comes after '\(other)', \(words ?? "which has never run")",
            status: .tryLater
        )
    }
}

/// Another run has done the slot, or is at it: there is nothing left to do.
struct SlotTaken: Error, CustomStringConvertible {
    let slot: Timestamp
    let by: Ledger.Trace
    let state: String

    var description: String { "the slot of \(slot.rfc3339) has its run already: \(by), \(state)" }
}
