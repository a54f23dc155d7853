import CygniJobs
import CygniModel

/// The time while a run goes on: the database's when it began, and what has passed since.
struct RunTime: Sendable {
    private let start: Timestamp
    private let began = ContinuousClock.now

    init(_ context: JobContext) { start = context.now }

    func callAsFunction() -> Timestamp { start + (ContinuousClock.now - began) }
}
