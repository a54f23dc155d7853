import CygniModel
import Synchronization

/// Runs the work of one run under its deadline and its signals.
package struct Supervision: Sendable {
    let control: RunControl
    let clock: RunClock
    let deadline: Duration
    let settings: RunSettings

    /// - Parameters:
    ///   - deadline: how long the work may take.
    ///   - settings: for the parts of the grace period.
    package init(control: RunControl, clock: RunClock = .system, deadline: Duration, settings: RunSettings) {
        self.control = control
        self.clock = clock
        self.deadline = deadline
        self.settings = settings
    }

    package enum Ending: Sendable {
        case returned
        case threw(any Error)
        /// The work did not end in time after it was cancelled; it may still be going on, and the process must end.
        case abandoned
    }

    /// Waits for `work`, cancels it when its time is up or a stop is pressed, and gives up on it in the end.
    package func run(_ work: @escaping @Sendable () async throws -> Void) async -> Ending {
        let ending = OneShot<Ending>()
        let task = Task {
            do {
                try await work()
                ending.resolve(.returned)
            } catch {
                ending.resolve(.threw(error))
            }
        }
        let timers = Timers(clock: clock)
        timers.add(after: deadline) { control.advance(to: .pressed, because: .deadline) }
        control.watch { step in
            let reason = control.reason ?? .deadline
            switch step {
            case .running: break
            case .asked:
                timers.add(after: settings.pressAfter) { control.advance(to: .pressed, because: reason) }
                timers.add(after: settings.abandonAfter) { control.advance(to: .abandoned, because: reason) }
            case .pressed:
                task.cancel()
                timers.add(after: settings.abandonAfter) { control.advance(to: .abandoned, because: reason) }
            case .abandoned:
                task.cancel()
                ending.resolve(.abandoned)
            }
        }
        let result = await withTaskCancellationHandler {
            await ending.value()
        } onCancel: {
            task.cancel()
        }
        control.finish()
        timers.cancel()
        return result
    }
}

/// Actions due after a while, unless cancelled first.
private final class Timers: Sendable {
    private let clock: RunClock
    private let tasks = Mutex<[Task<Void, any Error>]>([])

    init(clock: RunClock) {
        self.clock = clock
    }

    func add(after delay: Duration, _ action: @escaping @Sendable () -> Void) {
        let task = Task { [clock] in
            try await clock.sleep(delay)
            action()
        }
        tasks.withLock { $0.append(task) }
    }

    func cancel() {
        tasks.withLock { tasks in
            for task in tasks { task.cancel() }
        }
    }
}

/// A value that comes once, for one who waits; the first to bring it wins.
final class OneShot<Value: Sendable>: Sendable {
    private enum State {
        case empty
        case awaited(CheckedContinuation<Value, Never>)
        case resolved(Value)
    }

    private let state = Mutex(State.empty)

    func resolve(_ value: Value) {
        let waiter = state.withLock { state -> CheckedContinuation<Value, Never>? in
            switch state {
            case .resolved: return nil
            case .empty:
                state = .resolved(value)
                return nil
            case .awaited(let continuation):
                state = .resolved(value)
                return continuation
            }
        }
        waiter?.resume(returning: value)
    }

    func value() async -> Value {
        await withCheckedContinuation { continuation in
            let ready = state.withLock { state -> Value? in
                if case .resolved(let value) = state { return value }
                state = .awaited(continuation)
                return nil
            }
            if let ready { continuation.resume(returning: ready) }
        }
    }
}
