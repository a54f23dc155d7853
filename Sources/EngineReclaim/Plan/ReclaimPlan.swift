import CygniBrake
package import CygniEngines
package import CygniJobs
import CygniModel

/// What is to be deleted from engines, and what stays.
package struct ReclaimPlan: BrakedPlan {
    package struct Entry: BrakedEntry, Hashable {
        package let holding: EngineHolding
        /// nil: no deployment is named.
        package let owner: Owner?
        package let item: PlannedItem
        package var isLoss: Bool { true }
        package var fingerprint: String { "\(holding.object.ref) \(owner?.state ?? "") \(owner?.place ?? 0)" }
    }

    package var entries: [Entry] = []
    package var kept: [PlannedItem] = []
    package var counts: [String: Int] = [:]
    package var brake: [String] = []
    package var blind: [String] = []
    /// What engines did not tell.
    var faults: [String] = []

    package init() {}

    package var items: [PlannedItem] { entries.map(\.item) }

    /// So many of what stay are told.
    private static let told = 1000

    /// - Parameters:
    ///   - faults: what engines did not tell.
    ///   - limit: at most so many go; 0: no limit.
    package init(_ holdings: [EngineHolding], _ rules: ReclaimRules, faults: [String], limit: Int) {
        for holding in holdings {
            let owner = rules.owner(of: holding)
            switch rules.verdict(holding) {
            case .stays(let why):
                guard kept.count < Self.told else { continue }
                kept.append(
                    PlannedItem(
                        id: holding.object.words,
                        action: "keep",
                        reason: Self.words(why, holding, owner)
                    )
                )
            case .goes(let why):
                let item = PlannedItem(
                    id: holding.object.words,
                    action: "delete",
                    reason: Self.words(why, holding, owner)
                )
                entries.append(Entry(holding: holding, owner: owner, item: item))
            }
        }
        if limit > 0 { entries = Array(entries.prefix(limit)) }
        self.faults = faults
        for fault in faults { kept.append(PlannedItem(id: "facts", action: "unknown", reason: fault)) }
        counts["holdings"] = holdings.count
        counts["planned_bytes"] = Int(entries.reduce(0) { $0 + $1.holding.bytes })
        if !faults.isEmpty { counts["faults"] = faults.count }
        guard !entries.isEmpty else { return }
        let brake = rules.settings.brake
        blind = brake.reasons(faults: faults)
        self.brake = blind + brake.reasons(going: entries.count, of: holdings.count, "things of ours")
    }

    /// `beyond the 5 newest to roll back to; of acme/web; last used 2026-11-01T…; 12.5 MB`
    private static func words(_ why: String, _ holding: EngineHolding, _ owner: Owner?) -> String {
        var words = [why]
        if let owner { words.append("of \(owner.project)") }
        if let used = holding.lastUsedAt ?? owner?.lastUsedAt { words.append("last used \(used.rfc3339)") }
        if holding.bytes > 0 { words.append(ByteCount(holding.bytes).rounded) }
        return words.joined(separator: "; ")
    }
}
