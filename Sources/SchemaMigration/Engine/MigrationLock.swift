import CygniModel
import CygniPostgres

/// Who holds the migrator's lock, as far as the server tells.
package struct LockHolder: Hashable, Sendable {
    /// The server's process id of the holder's connection.
    package var backend: Int
    /// Its `application_name`; ours name the host and the process.
    package var application: String
    package var login: String
}

extension LockHolder: CustomStringConvertible {
    package var description: String {
        "'\(application)' (role \(login), server process \(backend))"
    }
}

/// Another run kept the lock for as long as we were willing to wait.
package struct MigrationLockBusy: Error, Sendable, CustomStringConvertible {
    package var holder: LockHolder?
    package var waited: Duration

    package var description: String {
        let who = holder.map { "held by \($0)" } ?? "passed from hand to hand"
        return
            "another migration is under way in this database: its lock was \(who) for \(waited.text): try again later, "
            + "or wait longer with --wait"
    }
}

/// The one lock that lets one migrator at a time change a database.
///
/// A session-level advisory lock on the very connection that migrates: it cannot outlive the work, nor the work the lock.
/// It is polled, never waited for inside the server: a blocked `pg_advisory_lock` keeps a snapshot, and a CREATE INDEX
/// CONCURRENTLY of the holder waits for every snapshot, so that the two would deadlock.
enum MigrationLock {
    /// Polls until the lock is ours.
    ///
    /// - Parameters:
    ///   - wait: how long to try; the first attempt is always made.
    ///   - onWait: called once, when somebody else turns out to hold it.
    static func take(
        on connection: Connection,
        wait: Duration,
        onWait: @Sendable (LockHolder?) -> Void,
        checkpoint: @Sendable () throws -> Void
    ) async throws {
        let start = ContinuousClock.now
        var hasTold = false
        while try await !connection.access(MigrationLedger.tryLock) {
            try checkpoint()
            let waited = ContinuousClock.now - start
            if waited >= wait {
                throw MigrationLockBusy(holder: try await connection.access(MigrationLedger.holder), waited: wait)
            }
            if !hasTold {
                onWait(try await connection.access(MigrationLedger.holder))
                hasTold = true
            }
            // Waiters out of step with one another find the lock free sooner.
            let pause = Duration.milliseconds(Int.random(in: 40...80))
            try await Task.sleep(for: min(pause, wait - waited))
        }
    }
}
