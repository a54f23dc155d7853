import CygniModel

/// The metrics of a job's last run, in the text format that node_exporter's textfile collector reads.
///
/// Samples carry no time of their own: the collector would skip the file.
struct Textfile {
    let task: String
    /// Zero before the first success.
    var lastSuccess: Double
    var lastRun: Double
    var duration: Double
    var exitCode: Int
    var expectedInterval: Double?
    var items: [String: Int]
    /// What the run counted besides, as its report names it.
    var counts: [String: Int]

    var text: String {
        var text = ""
        func add(_ name: String, _ help: String, _ samples: [(labels: String, value: String)]) {
            text += "# HELP cygni_task_\(name) \(help)\n# TYPE cygni_task_\(name) gauge\n"
            for sample in samples {
                text += "cygni_task_\(name){task=\"\(Self.escaped(task))\"\(sample.labels)} \(sample.value)\n"
            }
        }
        add(
            "last_success_timestamp_seconds",
            "When the last run that succeeded ended, in Unix time; 0 before the first.",
            [("", "\(lastSuccess)")]
        )
        add("last_run_timestamp_seconds", "When the last run ended, in Unix time.", [("", "\(lastRun)")])
        add("last_duration_seconds", "How long the last run took.", [("", "\(duration)")])
        add("last_exit_code", "Exit status of the last run; 0 is success.", [("", "\(exitCode)")])
        if let expectedInterval {
            add(
                "expected_interval_seconds",
                "The longest time between two runs that the schedule means.",
                [("", "\(expectedInterval)")]
            )
        }
        let results = items.sorted { $0.key < $1.key }
        add(
            "items",
            "Items of the last run by result.",
            results.map { (",result=\"\(Self.escaped($0.key))\"", "\($0.value)") }
        )
        guard !counts.isEmpty else { return text }
        let counted = counts.sorted { $0.key < $1.key }
        add(
            "counts",
            "What the last run counted, by the name in its report.",
            counted.map { (",name=\"\(Self.escaped($0.key))\"", "\($0.value)") }
        )
        return text
    }

    /// The time of the last success that an earlier file of this job tells of.
    static func lastSuccess(in text: String) -> Double? {
        for line in text.split(separator: "\n") where line.hasPrefix("cygni_task_last_success_timestamp_seconds{") {
            if let value = line.split(separator: " ").last.flatMap({ Double($0) }), value > 0 { return value }
        }
        return nil
    }

    private static func escaped(_ label: String) -> String {
        label.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
