import Synchronization

/// Why a run must come to an end before its work is done.
package enum StopReason: Hashable, Sendable {
    /// A signal asked for it: SIGTERM, SIGINT, SIGHUP.
    case signal(Int32)
    /// The run's deadline passed.
    case deadline
}

/// Thrown at the next checkpoint after a stop was asked for; jobs let it pass.
package struct RunStopped: Error, Hashable {
    package let reason: StopReason
}

/// Where signals and the deadline meet the work: who asked for a stop, and how far it has gone.
///
/// A stop has three steps. *Asked*: no further item begins. *Pressed*: the task in hand is cancelled, which interrupts the
/// server. *Abandoned*: the runner waits no longer. A request made before the run began is kept for it.
package final class RunControl: Sendable {
    package enum Step: Int, Comparable, Sendable {
        case running, asked, pressed, abandoned

        package static func < (left: Step, right: Step) -> Bool { left.rawValue < right.rawValue }
    }

    private struct State {
        var step = Step.running
        var reason: StopReason?
        var isOver = false
        var watchers: [@Sendable (Step) -> Void] = []
    }

    private let state = Mutex(State())

    package init() {}

    /// Who asked first; nil while nobody has.
    package var reason: StopReason? { state.withLock { $0.reason } }
    package var step: Step { state.withLock { $0.step } }

    /// A signal came: the first asks, a second presses.
    package func received(signal: Int32) {
        advance(to: step == .running ? .asked : .pressed, because: .signal(signal))
    }

    /// Goes to `step`, never back; the first reason given is the one reported.
    func advance(to step: Step, because reason: StopReason) {
        let watchers = state.withLock { state -> [@Sendable (Step) -> Void] in
            guard !state.isOver, step > state.step else { return [] }
            state.step = step
            state.reason = state.reason ?? reason
            return state.watchers
        }
        for watcher in watchers { watcher(step) }
    }

    /// The work has ended: what comes later changes the outcome no more.
    func finish() {
        state.withLock { state in
            state.isOver = true
            state.watchers = []
        }
    }

    /// Calls `body` at each later step, and now when a stop was asked for already.
    func watch(_ body: @escaping @Sendable (Step) -> Void) {
        let step = state.withLock { state in
            state.watchers.append(body)
            return state.step
        }
        if step > .running { body(step) }
    }

    /// Runs what waits for something, and cancels it when a stop is asked for.
    ///
    /// - Throws: ``RunStopped`` then.
    func untilAsked<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        try check()
        return try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask(operation: body)
            group.addTask {
                while true {
                    try await Task.sleep(for: .milliseconds(50))
                    try self.check()
                }
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() else { throw CancellationError() }
            return value
        }
    }

    /// Throws when no further item may begin.
    func check() throws {
        if let reason { throw RunStopped(reason: reason) }
    }
}
