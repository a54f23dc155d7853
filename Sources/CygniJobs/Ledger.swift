import CygniModel
import CygniPostgres
import FoundationEssentials

/// The statements over `cygni.job_runs` and `cygni.job_fences`, typed.
enum Ledger {
    static let statements = StatementFile("job_runs", PackageResources.job_runs_sql)

    /// A row that this run owns: it is changed only while the fence is still this one.
    struct Entry: Hashable, Sendable {
        let run: UUID
        let fence: Int
    }

    /// A run as another one names it.
    struct Trace: Sendable, CustomStringConvertible {
        let run: UUID
        let host: String
        let pid: Int?
        let startedAt: Timestamp

        var description: String {
            let process = pid.map { ", pid \($0)" } ?? ""
            let place = host.isEmpty ? "an unnamed host" : "host '\(host)'"
            return "\(place)\(process), run \(run.text), since \(startedAt.rfc3339)"
        }

        init(_ row: Row) throws {
            run = try row.get("id")
            host = try row.get("host")
            pid = try row.get("pid", as: Int?.self)
            startedAt = try row.get("started_at")
        }
    }

    /// The database's time.
    static func now(in session: Session) throws -> Timestamp {
        try session.query(statements["now"])[0].get("now")
    }

    /// The run besides this one that is under way by the books, of a shared job on its host; nil when none is, or when it has not opened them yet.
    static func holder(of run: RunIdentity, in session: Session) throws -> String? {
        try session.query(statements["holder"], run.job, run.id, run.isShared ? run.host : nil).first.map {
            try Trace($0).description
        }
    }

    /// Closes the rows that dead runs left open; the caller holds the job's lock. Of a shared job, other hosts' runs count as
    /// dead when they have given no sign for long.
    static func closeLost(_ run: RunIdentity, in session: Session) throws -> [Trace] {
        let cause = "found dead by run \(run.id.text) on host '\(run.host)'"
        return try session.query(statements["close_lost"], run.job, run.id, cause, run.isShared ? run.host : nil).map(
            Trace.init
        )
    }

    /// Takes the next fence, and opens this run's row, or claims it again in a later attempt.
    ///
    /// - Throws: ``LockLost`` when another run has closed this one's row meanwhile.
    static func open(_ run: RunIdentity, attempt: Int, in session: Session) throws -> (entry: Entry, now: Timestamp) {
        let fence = try session.query(statements["take_fence"], run.lane)[0].get("fence", as: Int.self)
        let opened = try session.query(
            statements["open"],
            run.id,
            run.job,
            run.trigger,
            run.host,
            Int32(run.pid),
            run.version,
            run.configText,
            Int32(attempt),
            fence,
            run.slot
        )
        guard !opened.isEmpty else { throw LockLost("another run took over between two attempts", isTakenOver: true) }
        return (Entry(run: run.id, fence: fence), try now(in: session))
    }

    /// Says that the run lives.
    ///
    /// - Throws: ``LockLost`` when another run has taken over.
    static func beat(_ entry: Entry, in session: Session) throws {
        guard !(try session.query(statements["heartbeat"], entry.run, entry.fence).isEmpty) else {
            throw LockLost("another run has taken over", isTakenOver: true)
        }
    }

    /// Holds the fence's row for the length of the transaction, so that no later run can raise it meanwhile.
    ///
    /// - Throws: ``LockLost`` when a later run has raised it already.
    static func holdFence(_ fence: Int?, of lane: String, in session: Session) throws {
        let current = try session.queryPrepared(statements["hold_fence"], lane).first?.get("fence", as: Int.self)
        guard let fence, current == fence else { throw LockLost("another run has taken over", isTakenOver: true) }
    }

    /// Writes how the run ended.
    ///
    /// - Parameter attempt: the last one begun, which may have failed before it could claim the row again.
    /// - Throws: ``LockLost`` when the row is no longer this run's.
    static func close(_ entry: Entry, with report: RunReport, attempt: Int, in session: Session) throws {
        let rows = try session.query(
            statements["close"],
            entry.run,
            entry.fence,
            report.outcome.ledgerState,
            report.exitStatus.code,
            JSONText(report.countsJSON.text),
            report.errors.isEmpty ? nil : report.errors.joined(separator: "\n"),
            Int32(attempt)
        )
        guard !rows.isEmpty else { throw LockLost("another run has taken over", isTakenOver: true) }
    }

    /// Adds to what is kept of a run's log.
    static func keep(_ lines: String, of run: UUID, in session: Session) throws {
        try session.query(statements["keep_log"], run, lines)
    }

    /// Keeps the report of a run that has ended, and drops logs and reports that are too old.
    static func keep(_ report: RunReport, in session: Session) throws {
        try session.query(statements["keep_report"], report.runID, report.json.text)
        try session.query(statements["drop_old_logs"])
        try session.query(statements["drop_old_reports"])
    }

    /// When the job last succeeded, as far as the ledger goes back.
    static func lastSuccess(of job: String, in session: Session) throws -> Timestamp? {
        try session.query(statements["last_success"], job).first?.get("at", as: Timestamp?.self)
    }
}
