package import CygniPostgres
import Synchronization

/// A connection that is made while the files are still being read.
package final class EarlyConnection: Sendable {
    private let isReadOnly: Bool
    private let task: Mutex<Task<Connection, any Error>?>

    package init(_ options: ConnectionOptions) {
        isReadOnly = options.isReadOnly
        task = Mutex(Task { try await Connection.open(options) })
    }

    /// The connection, for the first who asks for one of its kind; nil for everybody else.
    func take(isReadOnly: Bool) async throws -> Connection? {
        guard isReadOnly == self.isReadOnly else { return nil }
        let taken = task.withLock { task in
            defer { task = nil }
            return task
        }
        guard let taken else { return nil }
        return try await withTaskCancellationHandler(operation: { try await taken.value }, onCancel: { taken.cancel() })
    }

    /// Nobody wants it any more.
    package func abandon() {
        guard let task = task.withLock({ $0 }) else { return }
        task.cancel()
        Task { await (try? task.value)?.close() }
    }
}
