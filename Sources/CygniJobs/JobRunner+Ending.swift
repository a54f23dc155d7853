import CygniLog
import CygniModel
import CygniPostgres
import Logging

extension JobRunner {
    /// What the run amounts to, before its books are closed.
    func makeReport(_ ending: Supervision.Ending, _ books: RunBooks, _ startedAt: Timestamp) -> RunReport {
        let totals = recorder.totals
        var errors: [String] = []
        let status: ExitStatus
        switch (control.reason, ending) {
        case (let reason?, _):
            status = reason.exitStatus
            errors.append(description(of: reason, at: totals.inHand))
            if case .threw(let error) = ending, !isEcho(error) { errors.append("\(error)") }
            if case .abandoned = ending { errors.append("the work did not end when it was cancelled") }
        case (nil, .threw(let taken as SlotTaken)):
            var report = RunReport(run, .skipped, .success, startedAt, clock.now())
            report.reason = taken.description
            return report
        case (nil, .threw(let error)):
            status = exitStatus(of: error)
            errors.append("\(error)")
        case (nil, .returned), (nil, .abandoned):
            status = totals.answer?.status ?? totals.exitStatus
        }
        var report = RunReport(run, status.outcome, status, startedAt, clock.now())
        report.counts = totals.counts
        for result in run.isDryRun ? [ItemOutcome.Result.planned] : [.done, .failed] {
            report.counts["items_\(result.rawValue)"] = totals.results[result, default: 0]
        }
        if let kept = totals.results[.kept] { report.counts["items_kept"] = kept }
        report.items = totals.outcomes
        report.results = totals.results
        report.isTruncated = totals.isTruncated
        report.answer = totals.answer
        report.errors = errors.map(Redaction.clean)
        return report
    }

    /// Closes the books and lets the lock go, in bounded time.
    ///
    /// - Returns: when the job last succeeded, if the ledger said so.
    func settle(_ books: RunBooks, _ report: inout RunReport, _ ending: Supervision.Ending) async -> Timestamp? {
        guard books.isOpen else {
            await books.release()
            return nil
        }
        // What is left of the grace period once the work was abandoned; a run that ended by itself has more patience.
        let patience = report.outcome == .stopped ? settings.grace - settings.abandonAfter : settings.bookPatience
        let closed = OneShot<Result<Timestamp?, any Error>>()
        let closing = Task { [report] in
            closed.resolve(await Result { try await persist(books, report) })
        }
        let timer = Task {
            try await clock.sleep(patience)
            closed.resolve(.failure(JobFailure("no answer within \(patience.text)")))
        }
        let result = await closed.value()
        timer.cancel()
        closing.cancel()
        report.finishedAt = clock.now()
        switch result {
        case .success(let lastSuccess):
            await books.release()
            return lastSuccess
        case .failure(let error):
            report.errors.append("the books of this run could not be closed, the next run will mark it lost: \(error)")
            if report.exitStatus == .success || report.exitStatus == .partial {
                report.exitStatus = error is LockLost ? .failure : .unavailable
                report.outcome = .failed
            }
            return nil
        }
    }

    /// Tries until the server is back or nobody waits any longer.
    private func persist(_ books: RunBooks, _ report: RunReport) async throws -> Timestamp? {
        while true {
            do {
                return try await books.close(with: report)
            } catch let error as PostgresError where error.isTransient {
                try await clock.sleep(.milliseconds(250))
            }
        }
    }

    /// One line of log on how it ended; the only place where a run's failure is logged.
    func announce(_ report: RunReport) {
        var metadata: [LogKey: String] = [:]
        metadata[.outcome] = report.outcome.rawValue
        metadata[.exitStatus] = "\(report.exitStatus.code)"
        metadata[.duration] = (report.finishedAt - report.startedAt).text
        if let reason = report.reason { metadata[.reason] = reason }
        if !report.errors.isEmpty { metadata[.error] = report.errors.joined(separator: "; ") }
        let level: Logger.Level =
            switch report.outcome {
            case .succeeded: .info
            case .skipped, .stopped: .notice
            case .partial: .warning
            case .failed, .timedOut: .error
            }
        let pairs = metadata.map { ($0.key.rawValue, Logger.MetadataValue.string($0.value)) }
        run.logger.log(level: level, "run ended", metadata: Dictionary(uniqueKeysWithValues: pairs))
    }

    private func description(of reason: StopReason, at inHand: [PlannedItem]) -> String {
        let place = inHand.first.map { " while at '\($0.id)'" } ?? ""
        switch reason {
        case .deadline: return "the deadline of \(settings.timeout.text) passed\(place)"
        case .signal(let number): return "stopped by signal \(number)\(place)"
        }
    }

    /// Errors that only say again that the run was stopped.
    private func isEcho(_ error: any Error) -> Bool {
        error is CancellationError || error is RunStopped
    }

    private func exitStatus(of error: any Error) -> ExitStatus {
        switch error {
        case let error as JobFailure: error.status
        case is LockHeld: .tryLater
        case let error as PostgresError:
            switch error.kind {
            case .connect, .connectionLost: .unavailable
            case .pooler, .parameters: .configuration
            case .server, .client: .failure
            }
        default: .failure
        }
    }
}

extension StopReason {
    fileprivate var exitStatus: ExitStatus {
        switch self {
        case .deadline: .timedOut
        case .signal(let number): .signal(number)
        }
    }
}

extension RunRecorder.Totals {
    /// How a run that came to its end by itself did.
    fileprivate var exitStatus: ExitStatus {
        guard results[.failed, default: 0] > 0 else { return .success }
        return results[.done, default: 0] > 0 ? .partial : .failure
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}
