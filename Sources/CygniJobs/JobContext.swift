import CygniLog
package import CygniModel
package import CygniPostgres
package import FoundationEssentials
package import Logging

/// What a job is handed for one attempt of a run: the database, the time, and the only ways to change anything.
package final class JobContext: Sendable {
    package let runID: UUID
    package let job: String
    /// The name of this host.
    package let host: String
    /// This attempt's fencing number, for side effects outside the database; nil in a dry run.
    package let fence: Int64?
    /// The time to decide by: the database's clock when the attempt began, or the injected one.
    package let now: Timestamp
    /// At most this many items; 0 is no limit.
    package let limit: Int
    package let isDryRun: Bool
    package let logger: Logger

    /// See ``RunIdentity``.
    private let lane: String
    let connection: Connection
    private let openAnother: @Sendable () async throws -> Connection
    let recorder: RunRecorder
    let control: RunControl
    let crashPoints: CrashPoints
    /// Throws ``LockLost`` unless this attempt still holds the job's lock.
    let verifyLock: @Sendable () async throws -> Void

    init(
        run: RunIdentity,
        fence: Int64?,
        now: Timestamp,
        connection: Connection,
        openAnother: @escaping @Sendable () async throws -> Connection,
        recorder: RunRecorder,
        control: RunControl,
        verifyLock: @escaping @Sendable () async throws -> Void
    ) {
        runID = run.id
        job = run.job
        lane = run.lane
        host = run.host
        limit = run.limit
        isDryRun = run.isDryRun
        logger = run.logger
        crashPoints = run.crashPoints
        self.fence = fence
        self.now = now
        self.connection = connection
        self.openAnother = openAnother
        self.recorder = recorder
        self.control = control
        self.verifyLock = verifyLock
    }

    /// This run on a connection of its own, for work that goes on beside the rest of it.
    private init(_ context: JobContext, on connection: Connection) {
        (runID, job, host, fence) = (context.runID, context.job, context.host, context.fence)
        (now, limit, isDryRun, logger) = (context.now, context.limit, context.isDryRun, context.logger)
        (recorder, control, crashPoints) = (context.recorder, context.control, context.crashPoints)
        (lane, openAnother, verifyLock) = (context.lane, context.openAnother, context.verifyLock)
        self.connection = connection
    }

    /// Hands out this run with a connection of its own, which is closed at the end.
    package func withAnotherConnection<Value: Sendable>(
        _ body: (JobContext) async throws -> Value
    ) async throws -> Value {
        let connection = try await openAnother()
        do {
            let value = try await body(JobContext(self, on: connection))
            await connection.close()
            return value
        } catch {
            await connection.close()
            throw error
        }
    }

    /// Reads facts from one unchanging picture of the database.
    package func read<Value: Sendable>(_ body: @Sendable (Session) throws -> Value) async throws -> Value {
        try await connection.transaction(.snapshot, body)
    }

    /// Changes the database in one transaction, which commits only while this attempt's fence is the job's newest.
    ///
    /// The lock is checked first, then the fence's row is held in the transaction: a later owner of the lock waits for this
    /// transaction to end before its own fence counts, and after that none of this attempt's commits any more.
    ///
    /// - Parameter attempts: how often it is tried when it meets a deadlock; `body` has no effects outside the database.
    package func transaction<Value: Sendable>(
        attempts: Int = 3,
        _ body: @Sendable (Session) throws -> Value
    ) async throws -> Value {
        try await verifyLock()
        let (lane, fence) = (lane, fence)
        return try await connection.transaction(.readCommitted, attempts: attempts) { session in
            try Ledger.holdFence(fence.map(Int.init), of: lane, in: session)
            return try body(session)
        }
    }

    /// Does one item: checks that the run may go on, runs `body`, and records how it ended.
    ///
    /// An item that fails is recorded with its reason and the run goes on; so is one that is left for later (``ItemHeld``). What ends the whole attempt is thrown on: a stop,
    /// a cancellation, a lost lock or a lost connection.
    package func perform(_ item: PlannedItem, _ body: () async throws -> Void) async throws {
        try await checkpoint()
        recorder.began(item)
        do {
            try await body()
            recorder.ended(item, .done, reason: item.reason)
        } catch let held as ItemHeld {
            recorder.ended(item, .kept, reason: held.reason)
        } catch {
            guard !Task.isCancelled, !endsAttempt(error) else {
                recorder.dropped(item)
                throw error
            }
            let reason = Redaction.clean("\(error)")
            recorder.ended(item, .failed, reason: reason)
            logger.warning(
                "item failed",
                metadata: .init([.item: item.id, .action: item.action, .error: reason])
            )
        }
    }

    /// Does several items at once, in one go that succeeds or fails as a whole.
    package func perform(_ items: [PlannedItem], _ body: () async throws -> Void) async throws {
        try await checkpoint()
        do {
            try await body()
            for item in items { recorder.ended(item, .done, reason: item.reason) }
        } catch {
            guard !Task.isCancelled, !endsAttempt(error) else { throw error }
            let reason = Redaction.clean("\(error)")
            for item in items { recorder.ended(item, .failed, reason: reason) }
            logger.warning(
                "items failed",
                metadata: .init([.item: items.first?.id ?? "", .items: "\(items.count)", .error: reason])
            )
        }
    }

    /// Throws when the run must go no further: stopped, cancelled, or without its lock.
    package func checkpoint() async throws {
        try Task.checkCancellation()
        try control.check()
        try await verifyLock()
    }

    /// Adds to a number of the report.
    package func count(_ key: String, _ by: Int = 1) {
        recorder.count(key, by)
    }

    /// A place at which tests kill the process; nothing in release builds.
    package func crashPoint(_ name: String) {
        crashPoints.reach(name)
    }
}
