import CygniJobs
import CygniModel
import CygniPostgres
import FoundationEssentials
import JobBook

/// One job as the ledger has it.
struct JobFacts: Sendable {
    struct Run: Sendable {
        let id: String
        let state: String
        /// Seconds; nil: it is under way.
        let took: Double?
    }

    struct Pause: Sendable {
        let since: Timestamp
        let until: Timestamp?
        let actor: String
        let why: String
    }

    let name: String
    let standing: JobStanding
    let runID: String?
    let state: String?
    let startedAt: Timestamp?
    let finishedAt: Timestamp?
    let error: String?
    let isAcknowledged: Bool
    let succeededAt: Timestamp?
    private(set) var nextSlot: Timestamp?
    /// Microseconds.
    let lateBy: Int64?
    let pause: Pause?
    let p50: Double?
    let p95: Double?
    /// Oldest first.
    let recent: [Run]

    /// How many runs the picture of a job shows.
    static let shown = 20

    /// - Parameter job: only this one; nil: all.
    static func all(_ job: String? = nil, in session: Session) throws -> [JobFacts] {
        try session.query(ServerStatements.operations["jobs"], shown, job).map(JobFacts.init)
            .sorted { ($0.standing, $0.name) < ($1.standing, $1.name) }
    }

    /// Where no run has noted what comes, the schedule in the job's file on this host says it.
    func expected(by known: [KnownJob], now: Timestamp) -> JobFacts {
        guard nextSlot == nil, let schedule = known.first(where: { $0.name == name })?.schedule else { return self }
        var job = self
        job.nextSlot = schedule.slots.slots(after: now, limit: 1).first
        return job
    }

    private init(_ row: Row) throws {
        name = try row.get("job")
        standing = try JobEndpoints.standing(row)
        runID = try row.get("run_id", as: String?.self)
        state = try row.get("state", as: String?.self)
        startedAt = try row.get("started_at", as: Timestamp?.self)
        finishedAt = try row.get("finished_at", as: Timestamp?.self)
        error = try row.get("error", as: String?.self)
        isAcknowledged = try row.get("acknowledged_at", as: Timestamp?.self) != nil
        succeededAt = try row.get("succeeded_at", as: Timestamp?.self)
        nextSlot = try row.get("next_slot", as: Timestamp?.self)
        lateBy = try row.get("late_by", as: Int64?.self)
        pause = try row.get("paused_since", as: Timestamp?.self).map { since in
            Pause(
                since: since,
                until: try row.get("paused_until", as: Timestamp?.self),
                actor: try row.get("paused_by"),
                why: try row.get("paused_why")
            )
        }
        p50 = try row.get("p50", as: Double?.self)
        p95 = try row.get("p95", as: Double?.self)
        let runs = try row.get("recent", as: String?.self).map(JSONInput.init(parsing:))?.items ?? []
        recent = runs.reversed().map { run in
            let took: Double? =
                switch run["took"] {
                case .number(let seconds): seconds
                case .integer(let seconds): Double(seconds)
                default: nil
                }
            return Run(id: run["id"]?.text ?? "", state: run["state"]?.text ?? "", took: took)
        }
    }
}
