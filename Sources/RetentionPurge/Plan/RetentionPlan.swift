import CygniBrake
package import CygniJobs
package import CygniModel

/// Whose rows of a partition go.
package struct Share: Hashable, Sendable {
    /// Ids.
    package var tenants: [String]
    /// Whether `tenants` stay and all others go.
    package var spares: Bool

    /// `1 tenant`, `2 tenants`.
    var words: String { tenants.count == 1 ? "1 tenant" : "\(tenants.count) tenants" }
}

/// One step of a purge.
package enum RetentionStep: Sendable, Hashable {
    case addClass(String)
    /// Ends detachments that were begun CONCURRENTLY and cut off.
    case finalize
    /// Drops copies that a run left behind which ended early.
    case dropCopies
    case detach(RetentionFacts.Leaf)
    /// Copies what stays; the old partition goes into quarantine.
    case rewrite(RetentionFacts.Leaf, Share)
    case deleteFrom(RetentionFacts.Leaf, Share)
    case deleteRows(RetentionFacts.RowTable, RetentionFacts.RowTable.Due)
    case drop(RetentionFacts.Quarantined)
    case closeReceipt(RetentionFacts.OpenReceipt)
    case objects([RetentionFacts.DueArchive])
    case dropRelation(RetentionFacts.DueRelation)
    case closeSegment(RetentionFacts.DueSegment)
}

/// What a purge means to do, in order; what it leaves and why; and whether it may.
package struct RetentionPlan: BrakedPlan {
    package struct Entry: BrakedEntry, Hashable {
        package let step: RetentionStep
        package let item: PlannedItem
        /// The policy it goes by; nil: it takes nothing.
        package let policy: String?
        /// Rows that go, as far as that is known.
        package let rows: Int
        /// How what goes stood: it moves when that does.
        package let fingerprint: String
        package var isLoss: Bool { true }
        /// The first moment of what goes.
        package var oldest: Timestamp? {
            switch step {
            case .detach(let leaf), .rewrite(let leaf, _), .deleteFrom(let leaf, _): leaf.range.lowerBound
            case .deleteRows(_, let due): due.oldest
            default: nil
            }
        }
    }

    package var entries: [Entry] = []
    /// What stays though its time has come, or may have.
    package var kept: [PlannedItem] = []
    package var counts: [String: Int] = [:]
    /// Why the run must be approved; empty: it need not be.
    package var brake: [String] = []
    /// By policy: the oldest row that is due and stays, without those under a hold.
    package var overdue: [String: Timestamp] = [:]
    /// The policies, resolved.
    package var resolved: [Policy] = []

    package var items: [PlannedItem] { entries.map(\.item) }

    /// What becomes of a partition or a table, not of what was taken out of it before; nil: nothing, it is not due.
    package func item(of id: String) -> PlannedItem? {
        entries.map(\.item).first { $0.id == id && $0.action != "drop" } ?? kept.first { $0.id == id }
    }

    /// The oldest row of a policy that is due and not under a hold; nil: there is none.
    package func oldestDue(_ policy: String) -> Timestamp? {
        let planned = entries.filter { $0.policy == policy }.compactMap(\.oldest)
        return (planned + [overdue[policy]].compactMap { $0 }).min()
    }

    mutating func add(
        _ step: RetentionStep,
        _ id: String,
        _ action: String,
        _ reason: String,
        policy: String? = nil,
        rows: Int = 0,
        fingerprint: String = ""
    ) {
        let item = PlannedItem(id: id, action: action, reason: reason)
        entries.append(Entry(step: step, item: item, policy: policy, rows: rows, fingerprint: fingerprint))
        if rows > 0 { counts["planned_rows", default: 0] += rows }
    }

    mutating func keep(_ id: String, _ reason: String) {
        kept.append(PlannedItem(id: id, action: "keep", reason: reason))
    }
}
