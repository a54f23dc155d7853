import JobBook

/// A state as the page shows it: a sign, a word and a colour. The colour alone says nothing.
struct StateView: Sendable, Hashable {
    /// How urgent it is.
    enum Tone: String, Sendable {
        case bad, warn, good, busy, quiet
    }

    let stateWord: String
    let tone: String
    let sign: String

    init(_ word: String, _ tone: Tone) {
        stateWord = word.replacing("_", with: " ")
        self.tone = tone.rawValue
        sign =
            switch tone {
            case .bad: "✕"
            case .warn: "!"
            case .good: "✓"
            case .busy: "▸"
            case .quiet: "·"
            }
    }

    init(_ standing: JobStanding) {
        switch standing {
        case .failing: self.init("failing", .bad)
        case .late: self.init("late", .warn)
        case .running: self.init("running", .busy)
        case .paused: self.init("paused", .quiet)
        case .fine: self.init("fine", .good)
        case .new: self.init("new", .quiet)
        }
    }

    /// A run's state. A failure that somebody has seen is no longer loud.
    static func ofRun(_ state: String, isAcknowledged: Bool) -> StateView {
        switch state {
        case "running": StateView(state, .busy)
        case "succeeded": StateView(state, .good)
        case _ where isAcknowledged: StateView("\(state), seen", .quiet)
        case "partial", "stopped": StateView(state, .warn)
        default: StateView(state, .bad)
        }
    }

    static func ofDomain(_ state: String) -> StateView {
        switch state {
        case "failing": StateView(state, .bad)
        case "pending", "quarantined": StateView(state, .warn)
        case "verified": StateView(state, .good)
        default: StateView(state, .quiet)
        }
    }

    static func ofCertificate(_ state: String, failures: Int) -> StateView {
        switch state {
        case "unserved", "quarantined": StateView(state, .bad)
        case _ where failures > 0: StateView("\(state), renewal fails", .bad)
        case "pending": StateView(state, .warn)
        case "served", "deployed", "issued": StateView(state, .good)
        default: StateView(state, .quiet)
        }
    }

    static func ofPreview(_ state: String) -> StateView {
        switch state {
        case "failed": StateView(state, .bad)
        case "reaping": StateView("ending", .warn)
        case "ready": StateView(state, .good)
        case "queued", "building": StateView(state, .busy)
        default: StateView(state, .quiet)
        }
    }
}
