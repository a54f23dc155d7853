import CygniLog
import CygniModel
import CygniPostgres
import Logging
import Synchronization

/// The lock and the ledger row of one run, over all of its attempts.
///
/// Each has a connection of its own: a lock must not share one, and the books are kept while the work is in a statement.
final class RunBooks: Sendable {
    private struct State {
        var lock: AdvisoryLock?
        var ledger: Connection?
        var entry: Ledger.Entry?
        var attempt = 0
    }

    private let run: RunIdentity
    private let settings: RunSettings
    private let control: RunControl
    private let clock: RunClock
    private let requiredMigration: Int
    private let log: RunLog
    private let state = Mutex(State())

    /// - Parameter log: what the run has logged and the books have not taken yet.
    init(
        run: RunIdentity,
        settings: RunSettings,
        control: RunControl,
        clock: RunClock,
        requiredMigration: Int,
        log: RunLog
    ) {
        self.run = run
        self.settings = settings
        self.control = control
        self.clock = clock
        self.requiredMigration = requiredMigration
        self.log = log
    }

    /// Whether a row of this run stands in the ledger.
    var isOpen: Bool { state.withLock { $0.entry != nil } }

    /// Begins an attempt: takes the lock unless it is still ours, and a new fence.
    ///
    /// - Returns: the lock, the fence and the database's time.
    func begin() async throws -> (lock: AdvisoryLock, fence: Int, now: Timestamp) {
        let (held, attempt) = state.withLock { state in
            state.attempt += 1
            return (state.lock, state.attempt)
        }
        let wasOpen = isOpen
        if attempt > 1 { await dropLedger() }
        let ledger = try await ledger()
        let run = run
        // Hosts that come late need no lock to find the work done.
        if attempt == 1, let slot = run.slot,
            let taken = try await ledger.access({ try JobSlots.finished(slot, run, in: $0) })
        {
            throw taken
        }
        let lock: AdvisoryLock
        if let held, (try? await held.verify()) != nil {
            lock = held
        } else {
            state.withLock { $0.lock = nil }
            lock = try await takeLock(ledger)
            state.withLock { $0.lock = lock }
        }
        let entry: Ledger.Entry
        let now: Timestamp
        switch try await open(ledger, attempt: attempt) {
        case .refused(let refusal): throw refusal
        case .opened(let opened, let time): (entry, now) = (opened, time)
        }
        state.withLock { $0.entry = entry }
        run.logger.info(
            wasOpen ? "run goes on" : "run started",
            metadata: .init([
                .trigger: run.trigger, .attempt: "\(attempt)", .fence: "\(entry.fence)", .version: run.version,
            ])
        )
        return (lock, entry.fence, now)
    }

    private enum Opening {
        case opened(Ledger.Entry, Timestamp)
        case refused(any Error)
    }

    /// One transaction: what it writes about dead runs and about slots stands, too, when the run is refused.
    private func open(_ ledger: Connection, attempt: Int) async throws -> Opening {
        let (identity, settings) = (run, settings)
        let (opening, lost) = try await ledger.transaction(.readCommitted, attempts: 3) { session in
            var run = identity
            let lost = try Ledger.closeLost(run, in: session)
            if attempt == 1, let slot = run.slot {
                if let schedule = settings.schedule {
                    try JobSlots.note(schedule, of: run.job, own: slot, in: session)
                }
                let refusal = try JobSlots.refusal(of: slot, run, after: settings.after, in: session)
                // Another host is at it: this one helps, and the slot stays that one's.
                if run.isShared, let taken = refusal as? SlotTaken, taken.state == "running" {
                    run.slot = nil
                } else if let refusal {
                    return (Opening.refused(refusal), lost)
                }
            }
            let (entry, now) = try Ledger.open(run, attempt: attempt, in: session)
            return (Opening.opened(entry, now), lost)
        }
        for trace in lost {
            run.logger.warning("closed the books of a dead run", metadata: .init([.holder: "\(trace)"]))
        }
        return opening
    }

    /// Looks after the lock, says every few seconds that the run lives, and takes down what it logs; returns only by
    /// throwing.
    ///
    /// - Throws: ``LockLost`` when the lock is gone, `CancellationError` when the attempt is over.
    func keepAlive(_ lock: AdvisoryLock) async throws {
        let step = min(settings.heartbeat, settings.logInterval)
        var sinceBeat = Duration.zero
        while true {
            try await clock.sleep(step)
            sinceBeat += step
            let isBeat = sinceBeat >= settings.heartbeat
            if isBeat {
                sinceBeat = .zero
                try await lock.verifyForRun()
            }
            guard let entry = state.withLock({ $0.entry }) else { continue }
            let lines = log.take()
            guard isBeat || lines != nil else { continue }
            do {
                try await ledger().access { session in
                    if isBeat { try Ledger.beat(entry, in: session) }
                    if let lines { try Ledger.keep(lines, of: entry.run, in: session) }
                }
            } catch {
                // Also when the attempt is over meanwhile: the closing of the books takes them.
                if let lines { log.putBack(lines) }
                guard let error = error as? PostgresError else { throw error }
                // The lock is ours, so a beat that could not be written is no reason to stop.
                run.logger.debug("heartbeat not written", metadata: .init([.error: "\(error)"]))
            }
        }
    }

    /// Writes how the run ended, on a fresh connection when the old one broke.
    ///
    /// - Returns: when the job last succeeded.
    func close(with report: RunReport) async throws -> Timestamp? {
        let (entry, attempt) = state.withLock { ($0.entry, $0.attempt) }
        guard let entry else { return nil }
        let job = run.job
        let lines = log.take()
        do {
            return try await ledger().transaction(.readCommitted, attempts: 3) { session in
                try Ledger.close(entry, with: report, attempt: attempt, in: session)
                if let lines { try Ledger.keep(lines, of: entry.run, in: session) }
                try Ledger.keep(report, in: session)
                return try Ledger.lastSuccess(of: job, in: session)
            }
        } catch {
            if let lines { log.putBack(lines) }
            throw error
        }
    }

    /// Lets the lock go and ends the connections.
    func release() async {
        let (lock, ledger) = state.withLock { state in
            defer { (state.lock, state.ledger) = (nil, nil) }
            return (state.lock, state.ledger)
        }
        await lock?.release()
        await ledger?.close()
    }

    /// The books' connection; another one when it broke. Each new one is to a database that fits.
    private func ledger() async throws -> Connection {
        if let standing = state.withLock({ $0.ledger }), standing.isUsable { return standing }
        let migration = requiredMigration
        let connection = try await openConnection(options("ledger"))
        try await connection.access { session in try PlatformSchema.check(needing: migration, in: session) }
        state.withLock { $0.ledger = connection }
        return connection
    }

    /// An idle connection does not know yet that its server is gone; a later attempt starts with a fresh one.
    private func dropLedger() async {
        let old = state.withLock { state in
            defer { state.ledger = nil }
            return state.ledger
        }
        await old?.close()
    }

    private func takeLock(_ ledger: Connection) async throws -> AdvisoryLock {
        let key = AdvisoryLockKey(job: run.lane)
        let options = options("lock")
        let wait = isOpen ? max(settings.lockWait, settings.relockWait) : settings.lockWait
        let taken = try await explaining(options) {
            try await control.untilAsked { try await AdvisoryLock.acquire(options, key: key, wait: wait) }
        }
        if let taken { return taken }
        let run = run
        let holder = try await ledger.access { session in try Ledger.holder(of: run, in: session) }
        let backend = try await AdvisoryLock.holder(of: key, options)
        let held = LockHeld(
            job: run.job,
            holder: holder ?? backend.map { "\($0.applicationName), backend \($0.backend)" }
        )
        guard isOpen else { throw held }
        throw LockLost("\(held)", isTakenOver: true)
    }

    private func options(_ purpose: String) -> ConnectionOptions {
        var options = settings.database
        options.applicationName += " \(purpose)"
        options.settings["idle_session_timeout"] = "0"
        // A later owner's fence waits here for a dead attempt's last transaction.
        options.lockTimeout = .seconds(10)
        return options
    }
}
