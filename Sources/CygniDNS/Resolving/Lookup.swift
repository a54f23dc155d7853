import Synchronization

/// Questions on their way together; who waits for them gets all outcomes at once, so that a look at a domain costs one wake-up.
final class Lookup: Sendable {
    /// What libunbound hands back, copied.
    enum Outcome: Sendable {
        case packet([UInt8], code: UInt8, security: Answer.Security)
        case timeout
        case failed(String)
        case cancelled
    }

    private struct State {
        var outcomes: [Outcome?]
        var left: Int
        var awaited: CheckedContinuation<[Outcome], Never>?
    }

    let questions: [Message.Question]
    /// The names as libunbound takes them.
    let names: [String]
    private let state: Mutex<State>

    init(_ questions: [Message.Question]) {
        self.questions = questions
        names = questions.map { $0.name.description + "." }
        state = Mutex(State(outcomes: Array(repeating: nil, count: questions.count), left: questions.count))
    }

    /// Ends one question; the first word on it counts.
    func end(_ index: Int, _ outcome: Outcome) {
        let (awaited, outcomes) = state.withLock { state -> (CheckedContinuation<[Outcome], Never>?, [Outcome]) in
            guard state.outcomes[index] == nil else { return (nil, []) }
            state.outcomes[index] = outcome
            state.left -= 1
            guard state.left == 0, let awaited = state.awaited else { return (nil, []) }
            state.awaited = nil
            return (awaited, state.outcomes.compactMap(\.self))
        }
        awaited?.resume(returning: outcomes)
    }

    /// - Returns: in the order of the questions.
    func outcomes() async -> [Outcome] {
        await withCheckedContinuation { continuation in
            let ended = state.withLock { state -> [Outcome]? in
                if state.left == 0 { return state.outcomes.compactMap(\.self) }
                state.awaited = continuation
                return nil
            }
            if let ended { continuation.resume(returning: ended) }
        }
    }
}
