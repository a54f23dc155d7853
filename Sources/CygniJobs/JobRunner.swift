import CygniModel
import CygniPostgres
import Logging

/// Runs a job once: lock, fence, ledger row, deadline, signals, attempts, books, metrics. The result is a value.
///
/// A runner is used once. It never exits the process and writes nothing to stdout.
package struct JobRunner<Work: Job>: Sendable {
    let job: Work
    let run: RunIdentity
    let settings: RunSettings
    let control: RunControl
    let clock: RunClock
    let recorder = RunRecorder()
    private let log = RunLog()
    let progress: Progress?

    /// - Parameters:
    ///   - control: where signals arrive; a stop that was asked for before the run begins is honoured.
    ///   - progress: where to draw it; nil draws nothing.
    package init(
        job: Work,
        run: RunIdentity,
        settings: RunSettings,
        control: RunControl = RunControl(),
        clock: RunClock = .system,
        progress: Progress? = nil
    ) {
        self.job = job
        // The slot is that of the moment it was started, whatever the jitter makes of it.
        var run = run
        if run.isScheduled, run.slot == nil { run.slot = settings.schedule?.slot(at: clock.now()) }
        run.isShared = Work.isShared
        if !run.isDryRun { run.logger.handler = log.copying(run.logger.handler) }
        self.run = run
        self.settings = settings
        self.control = control
        self.clock = clock
        self.progress = progress
    }

    /// Runs the job and returns how it ended; every failure is in the report.
    package func callAsFunction() async -> RunReport {
        let startedAt = clock.now()
        let books = RunBooks(
            run: run,
            settings: settings,
            control: control,
            clock: clock,
            requiredMigration: max(Work.requiredMigration, PlatformSchema.ofRuntime),
            log: log
        )
        let jitter =
            run.isScheduled && !run.isDryRun
            ? settings.jitter * HostJitter.fraction(host: run.host, job: run.job) : .zero
        let supervision = Supervision(
            control: control,
            clock: clock,
            deadline: settings.timeout + jitter,
            settings: settings
        )
        let drawing = progress?.start(recorder, clock)
        let ending = await supervision.run {
            try await control.untilAsked { try await clock.sleep(jitter) }
            try await run.isDryRun ? dryRun() : attempts(books)
        }
        await drawing?.stop()
        var report = makeReport(ending, books, startedAt)
        let lastSuccess = await settle(books, &report, ending)
        if !run.isDryRun, report.outcome != .skipped { writeTextfile(report, lastSuccess) }
        announce(report)
        return report
    }

    /// Decides and stops. No lock, no row, no file; the server itself refuses writes.
    private func dryRun() async throws {
        var readOnly = settings.database
        readOnly.isReadOnly = true
        let options = readOnly
        let connection = try await openConnection(options)
        let migration = max(Work.requiredMigration, PlatformSchema.ofRuntime)
        let now = try await connection.transaction(.snapshot) { session in
            try PlatformSchema.check(needing: migration, in: session)
            return try Ledger.now(in: session)
        }
        let context = JobContext(
            run: run,
            fence: nil,
            now: clock.decisionTime ?? now,
            connection: connection,
            openAnother: { try await openConnection(options) },
            recorder: recorder,
            control: control,
            verifyLock: { throw JobFailure("a dry run changes nothing") }
        )
        let plan = try await job.plan(context)
        recorder.planned(plan)
        for item in plan.items { recorder.ended(item, .planned, reason: item.reason) }
        for item in plan.kept { recorder.ended(item, .kept, reason: item.reason) }
        await connection.close()
    }
}
