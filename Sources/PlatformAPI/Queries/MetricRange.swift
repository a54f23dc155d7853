import CygniModel

/// Which buckets a query of metrics reads: the range, the step of its points, and the level of the roll-ups. A pure value.
struct MetricRange: Hashable, Sendable {
    enum Level: String, CaseIterable, Sendable {
        case minute = "1m"
        case hour = "1h"
        case day = "1d"

        /// Seconds.
        var size: Int {
            switch self {
            case .minute: 60
            case .hour: 3600
            case .day: 86_400
            }
        }
    }

    static let mostPoints = 1000
    /// What a query without a step aims at.
    private static let usualPoints = 300
    /// Those to choose from then, in seconds.
    private static let usualSteps = [60, 300, 900, 3600, 10_800, 21_600, 43_200, 86_400, 604_800, 2_592_000]

    /// Both on a border of `step`, counted from 1970-01-01T00:00:00Z.
    let from: Timestamp
    let to: Timestamp
    /// Seconds.
    let step: Int
    let level: Level

    /// - Parameter step: seconds; nil: one that gives about 300 points.
    /// - Throws: ``Problem`` for a step that no level serves, and for a range of too many points.
    init(from: Timestamp, to: Timestamp, step: Int?) throws {
        guard from < to else { throw Self.refusal("to", "must be after from") }
        let seconds = Int((to.microseconds - from.microseconds + 999_999) / 1_000_000)
        let step = step ?? Self.usualSteps.first { seconds / $0 < Self.usualPoints } ?? 2_592_000
        // The coarsest whose buckets make whole steps; a step has at most 59 of the level below.
        guard let level = Level.allCases.last(where: { step >= $0.size }), step % level.size == 0 else {
            throw Self.refusal(
                "step",
                "must be whole minutes below an hour, whole hours below a day, and whole days from there"
            )
        }
        let width = Duration.seconds(step)
        let start = from.floored(to: width)
        let floor = to.floored(to: width)
        let end = floor < to ? floor + width : floor
        guard (end.microseconds - start.microseconds) / 1_000_000 / Int64(step) <= Self.mostPoints else {
            let fit = Self.usualSteps.first { seconds / $0 < Self.mostPoints - 1 }
            throw Self.refusal(
                "step",
                "gives more than \(Self.mostPoints) points"
                    + (fit.map { "; \($0) would do" } ?? "; ask for a shorter range")
            )
        }
        (self.from, self.to, self.step, self.level) = (start, end, step, level)
    }

    private static func refusal(_ name: String, _ rule: String) -> Problem {
        Problem(.invalidRequest, faults: [.init("query/\(name)", rule)])
    }
}
