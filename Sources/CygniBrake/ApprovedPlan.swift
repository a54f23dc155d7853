import Crypto
import CygniJobs
import CygniModel
import FoundationEssentials

/// A plan as it is approved: what is to go, and how it stood.
package struct ApprovedPlan: Codable, Hashable, Sendable {
    package struct Item: Codable, Hashable, Sendable {
        package var id: String
        package var action: String
        package var fingerprint: String
    }

    package var items: [Item]

    package init(_ plan: some BrakedPlan) {
        items = plan.entries.filter(\.isLoss).map {
            Item(id: $0.item.id, action: $0.item.action, fingerprint: $0.fingerprint)
        }
        items += plan.blind.map(Self.blindness)
    }

    private static func blindness(_ reason: String) -> Item { Item(id: reason, action: unknown, fingerprint: "") }

    private static let unknown = "not known"

    /// - Throws: `DecodingError`.
    package init(json: String) throws {
        items = try JSONDecoder().decode([Item].self, from: Data(json.utf8))
    }

    package var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: (try? encoder.encode(items)) ?? Data("[]".utf8), as: UTF8.self)
    }

    /// SHA-256 of its items, in hex.
    package var hash: String {
        SHA256.hash(data: Data(json.utf8)).hex
    }

    /// What of `plan` was approved, up to the first that is not as it was, and what is said of that one.
    ///
    /// What takes nothing goes on as it would.
    ///
    /// - Returns: `gone` is what was approved and is not in the plan any more: nothing is left to do there, or it lives after all.
    package func entries<Plan: BrakedPlan>(of plan: Plan) -> (entries: [Plan.Entry], gone: [Item], moved: String?) {
        let known = Dictionary(
            plan.entries.map { ("\($0.item.action) \($0.item.id)", $0) },
            uniquingKeysWith: { first, _ in first }
        )
        var entries = plan.entries.filter { !$0.isLoss }
        var gone: [Item] = []
        if let reason = plan.blind.first(where: { !items.contains(Self.blindness($0)) }) {
            return (
                entries, [], "\(reason): that was not approved. Look at it with --dry-run, which names another hash"
            )
        }
        for item in items {
            guard let entry = known["\(item.action) \(item.id)"] else {
                if item.action != Self.unknown { gone.append(item) }
                continue
            }
            guard entry.fingerprint == item.fingerprint else {
                return (entries, gone, "\(item.action) \(item.id) is no longer as it was when it was approved")
            }
            entries.append(entry)
        }
        return (entries, gone, nil)
    }
}
