/// A request took longer than it may.
struct TimeIsUp: Error {}

/// Runs `body` and cancels it when the time is up.
///
/// - Throws: ``TimeIsUp`` then.
func within<Value: Sendable>(_ limit: Duration, _ body: @escaping @Sendable () async throws -> Value) async throws
    -> Value
{
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: limit)
            throw TimeIsUp()
        }
        defer { group.cancelAll() }
        guard let value = try await group.next() else { throw TimeIsUp() }
        return value
    }
}
