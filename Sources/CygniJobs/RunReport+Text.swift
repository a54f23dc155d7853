import CygniModel

extension RunReport {
    /// The report for a person: one line on how it ended, then what was counted, then what needs attention.
    package var text: String {
        if let answer, errors.isEmpty { return answer.text }
        var lines = [headline]
        let width = counts.keys.map(\.count).max() ?? 0
        for (name, number) in counts.sorted(by: { $0.key < $1.key }) {
            lines.append("  \(name.padded(to: width))  \(number)")
        }
        lines += isDryRun ? plan : failures
        lines += errors.flatMap { error in
            error.split(separator: "\n").enumerated().map { ($0.offset == 0 ? "  error: " : "    ") + $0.element }
        }
        return lines.joined(separator: "\n")
    }

    private var headline: String {
        let duration = (finishedAt - startedAt).forPeople
        switch outcome {
        case .succeeded where isDryRun:
            let total = results[.planned, default: 0]
            return "\(job): dry run, \(total == 0 ? "nothing to do" : "\(total) to do"); nothing was changed"
        case .succeeded: return "\(job): succeeded in \(duration)"
        case .partial: return "\(job): partly done in \(duration)"
        case .failed: return "\(job): failed after \(duration) (exit status \(exitStatus.code))"
        case .skipped where exitStatus == .success: return "\(job): nothing to do: \(reason ?? "")"
        case .skipped: return "\(job): not now (exit status \(exitStatus.code))"
        case .timedOut: return "\(job): its deadline passed after \(duration) (exit status \(exitStatus.code))"
        case .stopped: return "\(job): stopped after \(duration) (exit status \(exitStatus.code))"
        }
    }

    private var plan: [String] {
        let width = items.map(\.item.action.count).max() ?? 0
        var lines = items.map { outcome in
            "  \(outcome.item.action.padded(to: width))  \(outcome.item.id)"
                + (outcome.reason.map { "  (\($0))" } ?? "")
        }
        if isTruncated {
            lines.append("  … and \(results[.planned, default: 0] + results[.kept, default: 0] - items.count) more")
        }
        return lines
    }

    private var failures: [String] {
        let failed = items.filter { $0.result == .failed }
        var lines = failed.map { "  failed: \($0.item.action) \($0.item.id): \($0.reason ?? "no reason given")" }
        let hidden = results[.failed, default: 0] - failed.count
        if hidden > 0 { lines.append("  … and \(hidden) more that failed") }
        return lines
    }
}

extension String {
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}

extension Duration {
    /// `850 ms`, `1.2 s`, `3 min 05 s`, `2 h 07 min`.
    var forPeople: String {
        let milliseconds = max(0, microseconds / 1000)
        let seconds = milliseconds / 1000
        func twoDigits(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        switch seconds {
        case 0: return "\(milliseconds) ms"
        case ..<60: return "\(seconds).\(milliseconds % 1000 / 100) s"
        case ..<3600: return "\(seconds / 60) min \(twoDigits(seconds % 60)) s"
        default: return "\(seconds / 3600) h \(twoDigits(seconds / 60 % 60)) min"
        }
    }
}
