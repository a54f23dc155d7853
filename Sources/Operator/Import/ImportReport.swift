import CygniModel
import FoundationEssentials

/// What an import did, for a person and for scripts.
struct ImportReport: Sendable {
    let job: String
    /// What a row is called: `sample`, `line`.
    let noun: String
    let input: String
    let isDryRun: Bool
    let runID = UUID()
    var startedAt: Timestamp
    var finishedAt: Timestamp
    var written = BatchWriter.Written()
    var lines = 0
    var rejected = 0
    var bytes = 0
    var reasons: [String: Int] = [:]
    var rejectsPath = ""
    /// How long the reject file was after the last batch, for an import that goes on from there.
    var rejectsLength = 0
    var stoppedBy: Int32?
    /// Where an earlier import of the same file had got to.
    var resumedAfter = 0
    /// When the same file had been imported whole.
    var alreadyAt: Timestamp?

    var status: ExitStatus {
        if let stoppedBy { return .signal(stoppedBy) }
        if rejected == 0 { return .success }
        return written.rows > 0 ? .partial : .failure
    }

    var outcome: String {
        switch status {
        case .success: "succeeded"
        case .partial: "partial"
        case .signal: "stopped"
        default: "failed"
        }
    }

    var json: JSONValue {
        .object([
            ("job", .string(job)), ("run_id", .string(runID.text)), ("trigger", .string("manual")),
            ("outcome", .string(outcome)), ("dry_run", .bool(isDryRun)),
            ("started_at", .string(startedAt.rfc3339)), ("finished_at", .string(finishedAt.rfc3339)),
            ("counts", countsJSON),
            (
                "items",
                .array([
                    .object([
                        ("id", .string(input)), ("action", .string("import")),
                        ("result", .string(isDryRun ? "planned" : status == .failure ? "failed" : "done")),
                        ("reason", .optional(rejected > 0 ? rejectedText : nil)),
                    ])
                ])
            ),
            ("errors", .array([])),
        ])
    }

    var countsJSON: JSONValue {
        .object([
            ("bytes", .integer(bytes)), ("lines", .integer(lines)),
            ("partitions_created", .integer(written.partitions)), ("projects_created", .integer(written.projects)),
            ("rejected", .integer(rejected)), ("rejects_bytes", .integer(rejectsLength)),
            ("resumed_after", .integer(resumedAfter)), ("rows", .integer(written.rows)),
            ("tenants_created", .integer(written.tenants)),
        ])
    }

    var text: String {
        if let alreadyAt {
            return
                "\(input) was imported already, on \(alreadyAt.rfc3339): nothing to do; --again imports it once more\n"
        }
        if lines == 0, stoppedBy == nil { return "\(input) is empty: nothing to import\n" }
        let seconds = max((finishedAt - startedAt).inSeconds, 0.001)
        var text = "\(isDryRun ? "would import" : "imported") \(written.rows.counted(noun)) of \(input)"
        text += ", \(lines.counted("line")) read in \((finishedAt - startedAt).brief)"
        if written.rows > 10_000 { text += " (\(Int(Double(written.rows) / seconds).grouped)/s)" }
        text += "\n"
        if resumedAfter > 0 {
            text += "  went on after line \(resumedAfter.grouped), where an earlier import had ended\n"
        }
        let made = [(written.tenants, "tenant"), (written.projects, "project"), (written.partitions, "partition")]
            .filter { $0.0 > 0 }
            .map { $0.0.counted($0.1) }
        if !made.isEmpty { text += "  made \(made.joined(separator: ", "))\n" }
        if rejected > 0 { text += "  \(rejectedText)\n" }
        for (reason, count) in reasons.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }).prefix(5) {
            text += "    \(count.grouped) × \(reason)\n"
        }
        if let stoppedBy {
            text +=
                "  stopped by signal \(stoppedBy); all up to line \(lines.grouped) is in. Run it again, for standard "
            text += "input with --after-line \(lines), to go on from there\n"
        }
        return text
    }

    private var rejectedText: String {
        "\(rejected.counted("line")) rejected" + (isDryRun ? "" : ", kept in \(rejectsPath)")
    }
}
