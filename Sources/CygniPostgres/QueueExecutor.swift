import Dispatch

/// A serial executor over one private dispatch queue, so that a connection's blocking libpq calls never occupy a thread
/// of Swift's cooperative pool.
///
/// `DispatchSerialQueue` would be this, but swift-corelibs-libdispatch does not have it.
final class QueueExecutor: SerialExecutor {
    let queue: DispatchQueue

    init(label: String) {
        queue = DispatchQueue(label: label)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        queue.async { unowned.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    func checkIsolated() {
        dispatchPrecondition(condition: .onQueue(queue))
    }
}
