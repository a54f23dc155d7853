import CygniModel
import JobBook

/// A job as a row of a table.
struct JobView: Sendable {
    struct PauseView: Sendable {
        let pausedSince: TimeView
        let pausedUntil: TimeView?
        let pausedBy: String
        let pausedWhy: String
    }

    let jobName: String
    let state: StateView
    let runHref: String?
    let runState: StateView?
    let lastRun: TimeView?
    let lastSuccess: TimeView?
    let lastError: String?
    let nextSlot: TimeView?
    let lateBy: String?
    let pause: PauseView?
    let p50: String
    let p95: String
    let spark: SparkView?
    let isTrouble: Bool

    init(_ job: JobFacts, now: Timestamp) {
        jobName = job.name
        state = StateView(job.standing)
        runHref = job.runID.map { "/runs/\($0)" }
        runState = job.state.map { StateView.ofRun($0, isAcknowledged: job.isAcknowledged) }
        lastRun = TimeView(job.startedAt, now: now)
        lastSuccess = TimeView(job.succeededAt, now: now)
        lastError = job.error.map { Self.short($0) }
        nextSlot = TimeView(job.nextSlot, now: now)
        lateBy = job.lateBy.map { TimeView.words($0 / 1_000_000) }
        pause = job.pause.map { pause in
            PauseView(
                pausedSince: TimeView(pause.since, now: now),
                pausedUntil: TimeView(pause.until, now: now),
                pausedBy: pause.actor,
                pausedWhy: pause.why
            )
        }
        p50 = job.p50.map(TimeView.length) ?? "–"
        p95 = job.p95.map(TimeView.length) ?? "–"
        spark = job.recent.isEmpty ? nil : SparkView(job.recent)
        isTrouble = job.standing.isTrouble
    }

    /// The first line, not too long for a table.
    static func short(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        return line.count > 200 ? line.prefix(200) + "…" : line
    }
}
