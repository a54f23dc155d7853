import Synchronization

/// The time that ``withTimeLimit(_:onTimeOut:_:)`` gave is up.
package struct TimeLimitPassed: Error {
    package init() {}
}

/// Runs `body` and cancels it when the time is up, which is noticed within a few hundredths of a second.
///
/// - Parameters:
///   - executor: where `body` runs; nil: on the shared pool of threads.
///   - onTimeOut: called first then; for what a cancellation alone would not end soon.
/// - Throws: ``TimeLimitPassed`` then, whatever `body` makes of it; it returns only when `body` has.
package func withTimeLimit<Value: Sendable>(
    _ limit: Duration,
    on executor: (any TaskExecutor)? = nil,
    onTimeOut: @escaping @Sendable () -> Void = {},
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let time = TimeLimit()
    let task = Task(executorPreference: executor) { try await body() }
    let number = Deadlines.shared.add(after: limit) {
        time.isUp.store(true, ordering: .releasing)
        onTimeOut()
        task.cancel()
    }
    let result = await withTaskCancellationHandler {
        await task.result
    } onCancel: {
        task.cancel()
    }
    Deadlines.shared.remove(number)
    // What `onTimeOut` broke may be told before the time is.
    if time.isUp.load(ordering: .acquiring) { throw TimeLimitPassed() }
    return try result.get()
}

private final class TimeLimit: Sendable {
    let isUp = Atomic(false)
}
