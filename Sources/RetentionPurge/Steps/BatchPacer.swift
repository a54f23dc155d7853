import CygniModel

/// Decides how large the next batch is and how long to wait before it, from how the last one went. Pure.
package struct BatchPacer: Sendable, Hashable {
    /// What was seen since the last batch.
    package struct Signs: Sendable, Hashable {
        /// How long the batch took.
        package var took: Duration
        /// Of the slowest replica.
        package var lag: Duration
        /// How long a commit of next to nothing took.
        package var commit: Duration
        /// Bytes that the server wrote per second.
        package var wal: Double

        package init(took: Duration, lag: Duration = .zero, commit: Duration = .zero, wal: Double = 0) {
            self.took = took
            self.lag = lag
            self.commit = commit
            self.wal = wal
        }
    }

    /// Rows or pages of the next batch.
    package private(set) var size: Int
    private let step: Int
    private let isOn: Bool
    private let dutyPercent: Int
    private let maxLag: Duration
    private let maxCommit: Duration
    private let walBudget: Double

    /// Between these a batch is as long as it should be.
    package static let aim = Duration.milliseconds(50)...Duration.milliseconds(100)

    package init(first: Int, settings: PaceSettings) {
        size = max(1, first)
        step = max(1, first)
        isOn = settings.isOn
        dutyPercent = settings.dutyPercent
        maxLag = settings.maxLag
        maxCommit = settings.maxCommit
        walBudget = Double(settings.walBudget.bytes)
    }

    /// Takes in how a batch went.
    ///
    /// - Returns: how long to wait before the next.
    package mutating func observe(_ signs: Signs) -> Duration {
        let isPressed = isOn && (signs.lag > maxLag || signs.commit > maxCommit || signs.wal > walBudget)
        if isPressed || signs.took > Self.aim.upperBound {
            size = max(1, size / 2)
        } else if signs.took * (Double(size + step) / Double(size)) <= Self.aim.lowerBound {
            // Not to where a hiccup of the server makes it too long.
            size += step
        }
        guard isOn else { return .zero }
        let rest = signs.took * Double(100 - dutyPercent) / Double(dutyPercent)
        return isPressed ? max(rest, .milliseconds(500)) : rest
    }
}
