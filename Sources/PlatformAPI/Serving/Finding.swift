import CygniAccess
import Synchronization

/// Filled in while a request is handled, read when it is logged.
final class Finding: Sendable {
    private let known = Mutex<(principal: Principal?, refusal: String?)>((nil, nil))

    var principal: Principal? {
        get { known.withLock { $0.principal } }
        set { known.withLock { $0.principal = newValue } }
    }

    /// Why credentials were refused: for the log, not for the caller.
    var refusal: String? {
        get { known.withLock { $0.refusal } }
        set { known.withLock { $0.refusal = newValue } }
    }
}
