package import CygniLog
import CygniModel

/// Draws a run's progress on a terminal: a bar, the count, the rate, the time left.
package struct Progress: Sendable {
    let output: LineOutput

    package init(output: LineOutput) {
        self.output = output
    }

    /// Begins to draw, ten times a second at most.
    func start(_ recorder: RunRecorder, _ clock: RunClock) -> Drawing {
        let task = Task {
            let startedAt = clock.now()
            while true {
                try await clock.sleep(.milliseconds(100))
                let totals = recorder.totals
                let elapsed = (clock.now() - startedAt).inSeconds
                output.show(
                    status: Self.line(
                        done: totals.finished,
                        of: totals.planSize,
                        elapsed: elapsed,
                        inHand: totals.inHand.first?.id,
                        width: output.width ?? 80
                    )
                )
            }
        }
        return Drawing(task: task, output: output)
    }

    struct Drawing: Sendable {
        let task: Task<Void, any Error>
        let output: LineOutput

        /// Ends the drawing and cleans its line.
        func stop() async {
            task.cancel()
            _ = await task.result
            output.show(status: "")
        }
    }

    /// One line no wider than the terminal; empty while nothing is planned.
    static func line(done: Int, of total: Int, elapsed: Double, inHand: String?, width: Int) -> String {
        guard total > 0, width >= 20 else { return "" }
        let share = min(1, Double(done) / Double(total))
        let cells = max(5, min(30, width / 4))
        let filled = Int(share * Double(cells))
        var line = "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: cells - filled) + "]"
        line += " \(done)/\(total)"
        if done > 0, elapsed > 0 {
            let rate = Double(done) / elapsed
            line += rate >= 10 ? "  \(Int(rate))/s" : "  \(Int(rate * 60))/min"
            if done < total {
                line += "  \(Duration.seconds(Int64(Double(total - done) / rate)).forPeople) left"
            }
        }
        if let inHand { line += "  \(inHand)" }
        // The last column stays free: a full line would wrap and could not be cleared.
        return String(line.unicodeScalars.map { $0.mustBeEscaped ? "?" : Character($0) }.prefix(width - 1))
    }
}
