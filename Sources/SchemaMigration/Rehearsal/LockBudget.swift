import CygniModel

/// How long locks of one strength may be held: `ACCESS EXCLUSIVE=200ms`.
package struct LockBudget: Hashable, Sendable {
    package var mode: LockMode
    package var limit: Duration

    /// - Parameter text: a mode as SQL or the catalogs write it, `=`, a duration as the configuration writes it.
    package init?(_ text: String) {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false)
        guard parts.count == 2, let mode = LockMode(String(parts[0])),
            let limit = Duration(parsing: parts[1].filter { $0 != " " })
        else { return nil }
        self.mode = mode
        self.limit = limit
    }

    /// The budget for a lock: the one of its own mode, else of the strongest one below it.
    static func limit(for mode: LockMode, in budgets: [LockBudget]) -> Duration? {
        budgets.filter { $0.mode <= mode }.max { $0.mode < $1.mode }?.limit
    }
}

extension RehearsedLock {
    /// How far it is over the budgets; nil within them.
    package func excess(over budgets: [LockBudget]) -> Duration? {
        guard let limit = LockBudget.limit(for: mode, in: budgets), expected > limit else { return nil }
        return expected - limit
    }
}
