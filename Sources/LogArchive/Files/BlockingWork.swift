import Dispatch
import Synchronization

/// Runs what blocks on a thread of its own, so that the tasks of others go on meanwhile.
enum BlockingWork {
    /// - Parameter body: gets a function that throws `CancellationError` once the task is cancelled.
    static func run<Value: Sendable>(
        _ body: @escaping @Sendable (_ checkCancellation: () throws -> Void) throws -> Value
    ) async throws -> Value {
        let flag = CancellationFlag()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                DispatchQueue.global().async {
                    continuation.resume(with: Result { try body { if flag.isSet { throw CancellationError() } } })
                }
            }
        } onCancel: {
            flag.set()
        }
    }
}

private final class CancellationFlag: Sendable {
    private let value = Atomic(false)

    var isSet: Bool { value.load(ordering: .relaxed) }

    func set() { value.store(true, ordering: .relaxed) }
}
