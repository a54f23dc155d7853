import Synchronization

/// The time that ``withTimeLimit(_:onTimeOut:_:)`` gave is up.
package struct TimeLimitPassed: Error {
    package init() {}
}

/// Runs `body` and cancels it when the time is up.
///
/// - Parameter onTimeOut: called first then; for what a cancellation alone would not end soon.
/// - Throws: ``TimeLimitPassed`` then, whatever `body` makes of it; it returns only when `body` has.
package func withTimeLimit<Value: Sendable>(
    _ limit: Duration,
    onTimeOut: @escaping @Sendable () -> Void = {},
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let time = TimeLimit()
    return try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: limit)
            time.isUp.store(true, ordering: .releasing)
            onTimeOut()
            throw TimeLimitPassed()
        }
        defer { group.cancelAll() }
        do {
            guard let value = try await group.next() else { throw TimeLimitPassed() }
            return value
        } catch {
            // What `onTimeOut` broke may be told before the time is.
            throw time.isUp.load(ordering: .acquiring) ? TimeLimitPassed() : error
        }
    }
}

private final class TimeLimit: Sendable {
    let isUp = Atomic(false)
}
