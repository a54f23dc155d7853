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

    let connection: Connection
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
        recorder: RunRecorder,
        control: RunControl,
        verifyLock: @escaping @Sendable () async throws -> Void
    ) {
        runID = run.id
        job = run.job
        host = run.host
        limit = run.limit
        isDryRun = run.isDryRun
        logger = run.logger
        crashPoints = run.crashPoints
        self.fence = fence
        self.now = now
        self.connection = connection
        self.recorder = recorder
        self.control = control
        self.verifyLock = verifyLock
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
        let (job, fence) = (job, fence)
        return try await connection.transaction(.readCommitted, attempts: attempts) { session in
            try Ledger.holdFence(fence.map(Int.init), of: job, in: session)
            return try body(session)
        }
    }

    /// Does one item: checks that the run may go on, runs `body`, and records how it ended.
    ///
    /// An item that fails is recorded with its reason and the run goes on. What ends the whole attempt is thrown on: a stop,
    /// a cancellation, a lost lock or a lost connection.
    package func perform(_ item: PlannedItem, _ body: () async throws -> Void) async throws {
        try await checkpoint()
        recorder.began(item)
        do {
            try await body()
            recorder.ended(item, .done, reason: item.reason)
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
