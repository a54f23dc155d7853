import Foundation
import Synchronization

/// A value behind a lock that one can wait on without occupying a thread.
package final class Monitor<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>

    package init(_ value: Value) {
        mutex = Mutex(value)
    }

    package var value: Value { mutex.withLock { $0 } }

    package func update(_ change: (inout Value) -> Void) {
        mutex.withLock { value in change(&value) }
    }

    /// Looks again every few milliseconds until `condition` gives a result.
    ///
    /// - Returns: nil when the time is up first.
    package func wait<Result>(atMost limit: Duration, for condition: (Value) -> Result?) async throws -> Result? {
        let deadline = ContinuousClock.now + limit
        while true {
            if let result = condition(value) { return result }
            guard ContinuousClock.now < deadline else { return nil }
            try await Task.sleep(for: .milliseconds(3))
        }
    }
}

/// Runs `body` on a thread of its own, which may block.
func startThread(_ body: @escaping @Sendable () -> Void) {
    Thread.detachNewThread(body)
}
