import CygniLog
import CygniModel
import CygniPostgres
import Logging
import Synchronization

/// The lock and the ledger row of one run, over all of its attempts.
final class RunBooks: Sendable {
    private struct State {
        var lock: RunLock?
        var entry: Ledger.Entry?
        var attempt = 0
    }

    private let run: RunIdentity
    private let settings: RunSettings
    private let control: RunControl
    private let clock: RunClock
    private let requiredMigration: Int
    private let state = Mutex(State())

    init(run: RunIdentity, settings: RunSettings, control: RunControl, clock: RunClock, requiredMigration: Int) {
        self.run = run
        self.settings = settings
        self.control = control
        self.clock = clock
        self.requiredMigration = requiredMigration
    }

    /// Whether a row of this run stands in the ledger.
    var isOpen: Bool { state.withLock { $0.entry != nil } }
    var attempt: Int { state.withLock { $0.attempt } }

    /// Begins an attempt: takes the lock unless it is still ours, and a new fence.
    ///
    /// - Returns: the lock, the fence and the database's time.
    func begin() async throws -> (lock: RunLock, fence: Int, now: Timestamp) {
        let (held, attempt, isReopening) = state.withLock { state in
            state.attempt += 1
            return (state.lock, state.attempt, state.entry != nil)
        }
        let lock: RunLock
        if let held, (try? await held.verify()) != nil {
            lock = held
        } else {
            state.withLock { $0.lock = nil }
            lock = try await takeLock(isReopening: isReopening)
            state.withLock { $0.lock = lock }
        }
        let run = run
        let (entry, lost, now) = try await lock.transaction { session in
            try Ledger.open(run, attempt: attempt, in: session)
        }
        state.withLock { $0.entry = entry }
        for trace in lost {
            run.logger.warning("closed the books of a dead run", metadata: .init([.holder: "\(trace)"]))
        }
        run.logger.info(
            isReopening ? "run goes on" : "run started",
            metadata: .init([
                .trigger: run.trigger, .attempt: "\(attempt)", .fence: "\(entry.fence)", .version: run.version,
            ])
        )
        return (lock, entry.fence, now)
    }

    /// Says every few seconds that the run lives; returns only by throwing.
    ///
    /// - Throws: ``LockLost`` when the lock is gone, `CancellationError` when the attempt is over.
    func keepAlive(_ lock: RunLock) async throws {
        while true {
            try await clock.sleep(settings.heartbeat)
            guard let entry = state.withLock({ $0.entry }) else { continue }
            try await lock.verify()
            do {
                try await lock.access { session in try Ledger.beat(entry, in: session) }
            } catch let error as PostgresError {
                // The lock is ours, so a beat that the server could not write now is no reason to stop.
                run.logger.debug("heartbeat not written", metadata: .init([.error: "\(error)"]))
            }
        }
    }

    /// Writes how the run ended, over the lock's session or, when that is gone, a fresh one.
    func close(with report: RunReport) async throws -> Timestamp? {
        let (lock, entry) = state.withLock { ($0.lock, $0.entry) }
        guard let entry else { return nil }
        let job = run.job
        let body: @Sendable (Session) throws -> Timestamp? = { session in
            try Ledger.close(entry, with: report, in: session)
            return try Ledger.lastSuccess(of: job, in: session)
        }
        if let lock {
            do {
                return try await lock.transaction(body)
            } catch let error as LockLost where !error.isTakenOver {
                state.withLock { $0.lock = nil }
            }
        }
        let connection = try await Connection.open(lockOptions)
        let last = try await connection.transaction(.readCommitted, attempts: 3, body)
        await connection.close()
        return last
    }

    /// Lets the lock go.
    func release() async {
        let lock = state.withLock { state in
            defer { state.lock = nil }
            return state.lock
        }
        await lock?.release()
    }

    private func takeLock(isReopening: Bool) async throws -> RunLock {
        let connection = try await openConnection(lockOptions)
        do {
            let migration = requiredMigration
            try await connection.access { session in try Ledger.checkSchema(needing: migration, in: session) }
            // Our own old session may be about to end on the server, and its lock with it.
            let wait = isReopening ? max(settings.lockWait, .seconds(10)) : settings.lockWait
            return try await RunLock.take(job: run.job, on: connection, wait: wait, control: control, clock: clock)
        } catch let error as LockHeld where isReopening {
            await connection.close()
            throw LockLost("\(error)", isTakenOver: true)
        } catch {
            await connection.close()
            throw error
        }
    }

    private var lockOptions: ConnectionOptions {
        var options = settings.database
        options.applicationName += " lock"
        options.idleInTransactionSessionTimeout = .seconds(60)
        options.lockTimeout = .seconds(10)
        return options
    }
}
