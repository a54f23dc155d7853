package import CygniModel
package import FoundationEssentials

/// How a run ended, as a value: what goes to the ledger, the metrics and the caller.
package struct RunReport: Sendable {
    package enum Outcome: String, Sendable, CaseIterable {
        case succeeded, partial, failed, skipped
        case timedOut = "timed_out"
        case stopped

        /// A run that was told "not now" after it had opened its books counts as stopped there.
        var ledgerState: String { self == .skipped ? Outcome.stopped.rawValue : rawValue }
    }

    package let job: String
    package let runID: UUID
    package let trigger: String
    package let isDryRun: Bool
    package var outcome: Outcome
    package var exitStatus: ExitStatus
    package let startedAt: Timestamp
    package var finishedAt: Timestamp
    package var counts: [String: Int] = [:]
    /// At most a thousand; `counts` is whole.
    package var items: [ItemOutcome] = []
    package var results: [ItemOutcome.Result: Int] = [:]
    package var isTruncated = false
    package var errors: [String] = []
    /// Why a run that failed at nothing did nothing.
    package var reason: String?
    /// What a question was answered with.
    package var answer: PlanAnswer?

    /// The report of a run that ended before it did anything, for example over its configuration.
    package init(
        failed run: RunIdentity,
        status: ExitStatus,
        errors: [String],
        startedAt: Timestamp,
        finishedAt: Timestamp
    ) {
        self.init(run, status.outcome, status, startedAt, finishedAt)
        self.errors = errors
    }

    init(
        _ run: RunIdentity,
        _ outcome: Outcome,
        _ exitStatus: ExitStatus,
        _ startedAt: Timestamp,
        _ finishedAt: Timestamp
    ) {
        job = run.job
        runID = run.id
        trigger = run.trigger
        isDryRun = run.isDryRun
        self.outcome = outcome
        self.exitStatus = exitStatus
        self.startedAt = startedAt
        self.finishedAt = finishedAt
    }
}

extension ExitStatus {
    /// The outcome that a run with this status reports.
    var outcome: RunReport.Outcome {
        switch self {
        case .success, .pending: .succeeded
        case .partial: .partial
        case .tryLater: .skipped
        case .timedOut: .timedOut
        case .signal: .stopped
        case .failure, .usage, .unavailable, .configuration: .failed
        }
    }
}

extension RunReport {
    /// The published form (`--output json`), without a line break.
    package var json: JSONValue {
        var members: [(name: String, value: JSONValue)] = [
            ("job", .string(job)),
            ("run_id", .string(runID.text)),
            ("trigger", .string(trigger)),
            ("outcome", .string(outcome.rawValue)),
            ("dry_run", .bool(isDryRun)),
            ("started_at", .string(startedAt.rfc3339)),
            ("finished_at", .string(finishedAt.rfc3339)),
            ("counts", countsJSON),
            ("items", .array(items.map(\.json))),
        ]
        if isTruncated { members.append(("items_truncated", .bool(true))) }
        if let answer { members.append(("answer", answer.json)) }
        if let reason { members.append(("reason", .string(reason))) }
        members.append(("errors", .array(errors.map(JSONValue.string))))
        return .object(members)
    }

    var countsJSON: JSONValue {
        .object(counts.sorted { $0.key < $1.key }.map { ($0.key, .integer($0.value)) })
    }
}

extension ItemOutcome {
    fileprivate var json: JSONValue {
        .object([
            ("id", .string(item.id)), ("action", .string(item.action)), ("result", .string(result.rawValue)),
            ("reason", .optional(reason)),
        ])
    }
}
