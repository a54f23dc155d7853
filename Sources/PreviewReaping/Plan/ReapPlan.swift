import CygniBrake
package import CygniEngines
package import CygniJobs
package import CygniModel
package import FoundationEssentials

/// One step of a run.
package enum ReapStep: Hashable, Sendable {
    /// It is to go: a tombstone, from which it can be restored until its grace is over. - Parameter deletes: with no grace, at once.
    case mark(Preview, Rule, grace: Duration, deletes: Bool)
    /// Its end does not hold any more.
    case restore(Preview, String)
    case reap(Preview)
    case notify(Preview, String, at: Timestamp)
    case removeOrphan(EngineObject)

    /// The preview of which something is deleted.
    var deleted: Preview? {
        switch self {
        case .mark(let preview, _, _, deletes: true), .reap(let preview): preview
        default: nil
        }
    }
}

/// An end that was seen, to be written down, or one that no longer holds.
package struct Sighting: Hashable, Sendable {
    package var tenant: UUID
    package var deployment: UUID
    /// nil: it no longer holds.
    package var rule: Rule?
    /// It is seen, and not only near.
    package var isSeen: Bool

    init(_ preview: Preview, _ rule: Rule?, isSeen: Bool) {
        (tenant, deployment, self.rule, self.isSeen) = (preview.tenant, preview.id, rule, isSeen)
    }
}

/// What a run means to do, and whether it may.
package struct ReapPlan: BrakedPlan {
    package struct Entry: BrakedEntry, Hashable {
        package let step: ReapStep
        package let item: PlannedItem
        /// How what goes stood.
        package let fingerprint: String
        /// Whether something is lost by it.
        package var isLoss: Bool {
            switch step {
            case .mark, .reap, .removeOrphan: true
            case .restore, .notify: false
            }
        }
    }

    package var entries: [Entry] = []
    package var sightings: [Sighting] = []
    /// Things of engines without a preview.
    package var orphans: [EngineObject] = []
    package var kept: [PlannedItem] = []
    package var counts: [String: Int] = [:]
    package var answer: PlanAnswer?
    /// What engines have of the previews that are deleted, by deployment.
    var objects: [String: [EngineObject]] = [:]
    /// What forges answered, to be remembered.
    var learned: [String: KnownAnswer] = [:]
    /// Sides that failed to tell.
    var faults: [SideFault] = []
    /// Engines that told all they have.
    var engines: [String] = []
    /// Why the run must be approved; empty: it need not be.
    package var brake: [String] = []
    package var blind: [String] = []

    package var items: [PlannedItem] { entries.map(\.item) }

    /// So many of what stays are told.
    static let told = 1000

    package init() {}

    mutating func add(_ step: ReapStep, _ id: String, _ action: String, _ reason: String, _ fingerprint: String) {
        let item = PlannedItem(id: id, action: action, reason: reason)
        entries.append(Entry(step: step, item: item, fingerprint: fingerprint))
    }

    mutating func keep(_ id: String, _ reason: String, action: String = "keep") {
        guard kept.count < Self.told else { return }
        kept.append(PlannedItem(id: id, action: action, reason: reason))
    }

    mutating func count(_ key: String, _ by: Int = 1) { counts[key, default: 0] += by }
}
