/// The last runs of a job as a row of bars: how long each took, and how it ended. Drawn as SVG by a template; the same is
/// told in words.
struct SparkView: Sendable {
    struct Bar: Sendable {
        let x: Int
        let y: Int
        let height: Int
        let barTone: String
    }

    let sparkWidth: Int
    let bars: [Bar]
    let sparkWords: String

    private static let height = 24.0

    /// - Parameter runs: oldest first.
    init(_ runs: [JobFacts.Run]) {
        let longest = runs.compactMap(\.took).max() ?? 0
        bars = runs.enumerated().map { index, run in
            let share = longest > 0 ? (run.took ?? longest) / longest : 0
            // A short run is still a bar.
            let height = Int(max(4, share * Self.height))
            return Bar(
                x: index * 6,
                y: Int(Self.height) - height,
                height: height,
                barTone: StateView.ofRun(run.state, isAcknowledged: false).tone
            )
        }
        sparkWidth = max(6, runs.count * 6)
        let bad = runs.filter { $0.state != "succeeded" && $0.state != "running" }.count
        let words = longest > 0 ? ", the longest took \(TimeView.length(longest))" : ""
        sparkWords = "Last \(runs.count) runs: \(bad == 0 ? "none" : "\(bad)") went wrong\(words)"
    }
}
