/// How a job stands, in one word: what an operator must look after comes first.
package enum JobStanding: String, CaseIterable, Comparable, Sendable {
    /// Its newest run did not end well, and nobody has acknowledged that.
    case failing
    /// A slot of its schedule has passed and no run came for it.
    case late
    case running
    /// Somebody keeps its schedule from starting it.
    case paused
    case fine
    /// It has never run, and nothing is late.
    case new

    /// - Parameters:
    ///   - state: of its newest run; nil: it has never run.
    ///   - isLate: whether a slot was missed.
    package init(state: String?, isAcknowledged: Bool, isLate: Bool, isPaused: Bool) {
        switch state {
        case "running": self = .running
        case let state? where state != "succeeded" && !isAcknowledged: self = .failing
        case _ where isPaused: self = .paused
        case _ where isLate: self = .late
        case nil: self = .new
        default: self = .fine
        }
    }

    /// Whether somebody should look.
    package var isTrouble: Bool { self == .failing || self == .late }

    package static func < (one: JobStanding, other: JobStanding) -> Bool {
        let order = allCases
        return order.firstIndex(of: one) ?? 0 < order.firstIndex(of: other) ?? 0
    }
}
