import CygniModel
import ServiceLifecycle

/// Before the time to stop is over, whoever still waits for rows to be written is told so.
///
/// It stands last among the services, so that it hears of the stop first; the others must not wait for it.
struct IngestDrain: Service {
    let queue: IngestQueue
    /// From the stop to the end of the process.
    let limit: Duration

    func run() async throws {
        try await gracefulShutdown()
        let (queue, limit) = (queue, limit)
        Task {
            try await Task.sleep(for: limit * 0.8)
            queue.close()
        }
    }
}
