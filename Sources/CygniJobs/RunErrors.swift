package import CygniModel
import CygniPostgres

/// A failure that knows its exit status: wrong configuration, a missing service, "not now".
package struct JobFailure: Error, Hashable, CustomStringConvertible {
    package let description: String
    package let status: ExitStatus

    /// - Parameter description: names the thing, the cause and the next step.
    package init(_ description: String, status: ExitStatus = .failure) {
        self.description = description
        self.status = status
    }
}

/// An item is left as it is, which is no failure: its time has not come.
package struct ItemHeld: Error, Hashable {
    package let reason: String

    package init(_ reason: String) { self.reason = reason }
}

/// This attempt no longer owns the job: its lock's session is gone, or a later run took the fence.
package struct LockLost: Error, Hashable, CustomStringConvertible {
    package let description: String
    /// A later run owns the job; going on would do its work twice.
    let isTakenOver: Bool

    init(_ cause: String, isTakenOver: Bool = false) {
        description = "lost the lock of this job: \(cause)"
        self.isTakenOver = isTakenOver
    }
}

/// Whether an error is about the attempt as a whole and not about the item in hand.
func endsAttempt(_ error: any Error) -> Bool {
    switch error {
    case is CancellationError, is RunStopped, is LockLost: true
    case let error as PostgresError: error.endsSession || [.connect, .pooler, .parameters].contains(error.kind)
    default: false
    }
}

extension PostgresError {
    /// The connection is of no more use, whether libpq has noticed yet or the server just said so (classes 08 and 57P).
    var endsSession: Bool {
        kind == .connectionLost || (sqlState.map { $0.hasPrefix("08") || $0.hasPrefix("57P") } ?? false)
    }
}
