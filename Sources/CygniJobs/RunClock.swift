import CygniLog
package import CygniModel

/// Time and chance, handed in so that tests hold them.
package struct RunClock: Sendable {
    /// This host's time, for the report and the log.
    package var now: @Sendable () -> Timestamp
    /// Waits; throws when the task is cancelled.
    package var sleep: @Sendable (Duration) async throws -> Void
    /// A number from 0 up to 1, for jitter.
    package var chance: @Sendable () -> Double
    /// What the job decides by; nil is the database's clock.
    package var decisionTime: Timestamp?

    package static let system = RunClock(
        now: { .wallClock() },
        sleep: { try await Task.sleep(for: $0) },
        chance: { .random(in: 0..<1) }
    )
}
