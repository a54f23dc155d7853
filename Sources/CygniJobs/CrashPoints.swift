import Glibc
import Synchronization

/// Named places at which a test can kill the process, as a power cut would: `sealed` or `sealed:3` (the third time).
///
/// Compiled into debug builds only; in a release build nothing of it is left but an empty call.
package final class CrashPoints: Sendable {
    /// Kills nowhere.
    package static let none = CrashPoints(nil)

    #if DEBUG
        private let name: String
        private let remaining: Mutex<Int>
    #endif

    /// - Parameter specification: `name` or `name:N`; nil or empty kills nowhere. The composition root reads it from
    ///   `CYGNI_CRASH_AT`.
    package init(_ specification: String?) {
        #if DEBUG
            let parts = (specification ?? "").split(separator: ":", maxSplits: 1)
            name = parts.first.map(String.init) ?? ""
            remaining = Mutex(parts.count > 1 ? Int(parts[1]) ?? 1 : 1)
        #endif
    }

    /// Ends the process with SIGKILL when this is the point, and the time, that was asked for.
    package func reach(_ point: String) {
        #if DEBUG
            guard !name.isEmpty, point == name else { return }
            let left = remaining.withLock { count in
                count -= 1
                return count
            }
            if left == 0 { kill(getpid(), SIGKILL) }
        #endif
    }
}
