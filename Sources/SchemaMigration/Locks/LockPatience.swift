import CygniModel
import CygniPostgres

/// How a migration waits for locks: briefly, and again.
///
/// Whoever wants a table behind a migration that waits for it waits as well, readers too. So a statement gives up soon,
/// lets the queue pass, and the file is tried again.
package struct LockPatience: Hashable, Sendable {
    /// How long a statement waits, and so at most how long anybody queued behind it; zero: without end.
    package var timeout: Duration
    /// For how long a file is tried again from its first attempt; zero: not at all.
    package var retry: Duration

    package static let standard = LockPatience(timeout: .milliseconds(500), retry: .minutes(5))

    package init(timeout: Duration, retry: Duration) {
        self.timeout = timeout
        self.retry = retry
    }

    /// The pause behind an attempt, in which those who queued get their turn: 0.3 s, growing to 5 s.
    ///
    /// - Parameters:
    ///   - attempt: from 1.
    ///   - chance: 0 to 1; keeps two migrators, and a migrator and a periodic job, from meeting again and again.
    func pause(after attempt: Int, chance: Double) -> Duration {
        var milliseconds = 300.0
        for _ in 1..<max(1, min(attempt, 16)) { milliseconds *= 1.5 }
        return .milliseconds(Int(min(milliseconds, 5000) * (0.75 + chance / 2)))
    }
}

extension MigrationFailure {
    /// It could not have a lock, and running it again is as good as running it first.
    var isForWantOfALock: Bool {
        // A procedure may have committed some of its work.
        guard statement?.words.first != "CALL" else { return false }
        return ["55P03", "40P01"].contains(cause.sqlState)
    }
}
