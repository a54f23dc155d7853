/// The time that ``withTimeLimit(_:_:)`` gave is up.
struct TimeLimitPassed: Error {}

/// Runs `body` and cancels it when the time is up.
///
/// - Parameter onTimeOut: called first then; for what a cancellation alone would not end soon.
/// - Throws: ``TimeLimitPassed`` then; it returns only when `body` has.
func withTimeLimit<Value: Sendable>(
    _ limit: Duration,
    onTimeOut: @escaping @Sendable () -> Void = {},
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: limit)
            onTimeOut()
            throw TimeLimitPassed()
        }
        defer { group.cancelAll() }
        guard let value = try await group.next() else { throw TimeLimitPassed() }
        return value
    }
}
