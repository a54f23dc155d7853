package import CygniJobs

/// A plan of which a person may have to approve what it takes.
package protocol BrakedPlan: JobPlan {
    associatedtype Entry: BrakedEntry

    var entries: [Entry] { get }

    /// Why it must be approved; empty: it need not be.
    var brake: [String] { get }

    /// Those of ``brake`` that say what is not known. An approval counts for those that it was given for and for no other.
    var blind: [String] { get }
}

/// A step of such a plan.
package protocol BrakedEntry: Sendable {
    var item: PlannedItem { get }

    /// How what it acts on stood: it moves when that does.
    var fingerprint: String { get }

    /// Whether something is lost by it. What takes nothing needs no approval.
    var isLoss: Bool { get }
}

extension BrakedPlan {
    package var blind: [String] { [] }

    /// What a dry run says of its brake; nil: nothing stops it.
    package var braked: PlannedItem? {
        guard !brake.isEmpty else { return nil }
        let reason = "\(brake.joined(separator: "; ")); without --approve and this hash nothing goes"
        return PlannedItem(id: ApprovedPlan(self).hash, action: "approve", reason: reason)
    }
}
