package import CygniModel

/// How far behind a policy is.
package struct Debt: Hashable, Sendable {
    package var policy: String
    /// nil: nothing is overdue.
    package var oldest: Timestamp?
    /// For how long the oldest row should have been gone.
    package var overdue: Duration
    /// When nothing will be overdue, at the pace of the last runs; nil: not at this pace, or nothing is.
    package var drainedAt: Timestamp?
    /// Whether it grew in each of the last three runs.
    package var isWorsening: Bool

    /// - Parameters:
    ///   - oldest: of what is due and stays.
    ///   - keep: how long it was to be kept.
    ///   - before: seconds overdue after earlier runs, newest first.
    ///   - interval: between this run and the one before.
    package init(
        policy: String,
        oldest: Timestamp?,
        keep: Duration,
        now: Timestamp,
        before: [Double],
        interval: Duration
    ) {
        self.policy = policy
        self.oldest = oldest
        overdue = oldest.map { max(.zero, now - $0 - keep) } ?? .zero
        let history = [overdue.inSeconds] + before
        isWorsening = history.count >= 4 && zip(history, history.dropFirst()).prefix(3).allSatisfy { $0 > $1 }
        if let last = before.first, overdue.inSeconds > 0, last > overdue.inSeconds {
            let runs = overdue.inSeconds / (last - overdue.inSeconds)
            drainedAt = now + .seconds(runs * max(1, interval.inSeconds))
        }
    }
}
