import CygniConfig
import CygniJobs
import CygniModel
package import CygniPostgres

/// Reads what the answer is decided from.
package struct WhyReader {
    private static let statements = StatementFile("job_book", PackageResources.job_book_sql)

    package let job: KnownJob
    /// As it was given; nil: now.
    package let at: String?

    package init(job: KnownJob, at: String?) { (self.job, self.at) = (job, at) }

    package func facts(_ session: Session) throws -> WhyFacts {
        let now = try session.query(Self.statements["now"])[0].get("now", as: Timestamp.self)
        let (asked, local) = try moment(now)
        var facts = WhyFacts(
            job: job.name,
            now: now,
            schedule: job.schedule,
            catchUp: job.settings.catchUp,
            asked: asked
        )
        facts.local = local
        guard let schedule = job.schedule, let slot = schedule.slots.newest(through: asked, limit: 1).first else {
            return facts
        }
        facts.slot = slot
        let startBy = min(slot + schedule.startGrace, max(slot, now))
        func run(_ name: String, _ binds: (any PostgresBindable)?...) throws -> RunFact? {
            try session.query(Self.statements[name], binds: binds).first.map(RunFact.init)
        }
        facts.run = try run("run_of_slot", job.name, slot)
        facts.during = try run("run_during", job.name, slot, startBy)
        facts.later = try run("later_run", job.name, slot)
        facts.pause = try session.query(Self.statements["pause_at"], job.name, slot, startBy).first.map(JobPause.init)
        for other in job.settings.after {
            let last = try run("last_run_before", other, startBy)
            if last.map({ !["succeeded", "partial"].contains($0.state) }) ?? true {
                facts.unmet = .init(job: other, run: last)
                break
            }
        }
        facts.sign = try session.query(Self.statements["sign_of_life"], slot, startBy, job.name).first.map { row in
            WhyFacts.Sign(job: try row.get("job"), host: try row.get("host"), at: try row.get("started_at"))
        }
        return facts
    }

    /// A time without Z or an offset is that of the job's zone.
    private func moment(_ now: Timestamp) throws -> (Timestamp, LocalMoment?) {
        guard let at else { return (now, nil) }
        guard let time = Timestamp(parsing: at) else {
            throw JobFailure("--at must be a time such as 2026-03-29T02:30 or 2026-03-29T00:30:00Z", status: .usage)
        }
        let clock = at.drop { $0 != "T" && $0 != "t" && $0 != " " }
        let hasOffset = clock.contains { "Zz+-".contains($0) }
        guard !hasOffset, let zone = job.schedule?.slots.zone else { return (time, nil) }
        let local = LocalMoment(time, in: zone)
        switch local {
        case .once(let moment): return (moment, local)
        case .skipped(let jump): return (jump, local)
        case .twice(_, let second): return (second, local)
        }
    }
}
