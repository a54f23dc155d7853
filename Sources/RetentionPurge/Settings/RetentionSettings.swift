package import CygniConfig
import CygniModel

/// The keys of `jobs/retention-purge.yaml` beside the common ones.
package struct RetentionSettings: ConfigSection {
    /// By table. Without any, nothing goes.
    package var policies: [String: PolicySettings]
    /// By source: how long archived objects are kept, from the end of their range on.
    package var archives: [String: Duration]
    /// By level, `1m`, `1h` or `1d`.
    package var rollups: [String: Duration]
    /// nil: the audit log is kept whole.
    package var audit: Duration?
    /// How long what was taken out can be put back.
    package var quarantine: Duration
    package var brake: BrakeSettings
    package var pace: PaceSettings
    /// Where more than this share of a partition goes, what stays is copied.
    package var rewritePercent: Int
    /// How long to try for the locks of one partition.
    package var lockPatience: Duration

    package init(reading reader: inout ConfigReader) {
        policies = reader.value(
            "policies",
            .map(of: .section("a table whose rows end, and when")),
            default: [:],
            """
            The tables whose rows end, by name, each {keep: 30d}. Days of log_lines and metric_samples go whole, once they \
            are archived or certified; of other tables, rows are deleted in batches. What no policy names stays.
            """,
            example: "{log_lines: {keep: 30d, classes: {free: 7d}}}"
        )
        let span = ValueKind.duration(.days(1) ... .days(36_500))
        archives = reader.value(
            "archives",
            .map(of: span),
            default: [:],
            """
            How long archived objects are kept, by their source: a table, or a name under files of cygni-log-archive. What \
            is not named stays.
            """,
            example: "{log_lines: 400d, nginx: 90d}"
        )
        rollups = reader.value(
            "rollups",
            .map(of: span),
            default: [:],
            "How long each level of the roll-ups is kept: 1m, 1h, 1d. What is not named stays.",
            example: "{1m: 30d, 1h: 400d}"
        )
        audit = reader.optional(
            "audit",
            .duration(.days(30) ... .days(36_500)),
            """
            How long entries of the audit log are kept. Older ones become a segment, of which the head's hash and the count \
            stay. Left out, or null: all are kept.
            """,
            example: "2555d"
        )
        quarantine = reader.value(
            "quarantine",
            .duration(.minutes(1) ... .days(90)),
            default: .hours(24),
            "How long a partition that was taken out stays in quarantine, from where it can be put back."
        )
        brake = reader.section("brake", BrakeSettings.self, "When a run stops and asks for an approval.")
        pace = reader.section("pace", PaceSettings.self, "How batches of rows spare the live database.")
        rewritePercent = reader.value(
            "rewrite_percent",
            .integer(10...100),
            default: 50,
            """
            Where so much of a partition goes and the rest stays, the rest is copied and takes its place; below that, rows \
            are deleted in batches.
            """
        )
        lockPatience = reader.value(
            "lock_patience",
            .duration(.seconds(1) ... .hours(24)),
            default: .minutes(5),
            "How long to try for the locks of one partition; each try holds others up for 50 ms at most."
        )
        reader.check(
            ["policies"],
            "may have classes for log_lines only: no other table says the class of its rows",
            policies.allSatisfy { $0.key == "log_lines" || $0.value.classes.isEmpty }
        )
        reader.check(
            ["rollups"],
            "must name levels 1m, 1h and 1d only",
            rollups.keys.allSatisfy { ["1m", "1h", "1d"].contains($0) }
        )
    }

    /// What holds when the file is empty: nothing goes.
    package static var standard: RetentionSettings { ConfigReader.standard(RetentionSettings.self) }
}
