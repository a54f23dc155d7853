import CygniAccess
import Synchronization

/// Filled in while a request is handled, read when it is logged.
final class Finding: Sendable {
    private struct Known {
        var principal: Principal?
        var refusal: String?
        var session: SessionBook.PageSession?
    }

    private let known = Mutex(Known())

    var principal: Principal? {
        get { known.withLock { $0.principal } }
        set { known.withLock { $0.principal = newValue } }
    }

    /// Why credentials were refused: for the log, not for the caller.
    var refusal: String? {
        get { known.withLock { $0.refusal } }
        set { known.withLock { $0.refusal = newValue } }
    }

    /// Of the operator's page, so that one that tells of a fault is still within it.
    var session: SessionBook.PageSession? {
        get { known.withLock { $0.session } }
        set { known.withLock { $0.session = newValue } }
    }
}
