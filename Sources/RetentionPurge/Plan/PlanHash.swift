import Crypto
import CygniJobs
import FoundationEssentials

/// A plan as it is approved: what is to go, and how it stood.
package struct ApprovedPlan: Hashable, Sendable, Codable {
    package struct Item: Hashable, Sendable, Codable {
        package var id: String
        package var action: String
        package var fingerprint: String
    }

    package var items: [Item]

    package init(_ plan: RetentionPlan) {
        items = plan.entries.map { Item(id: $0.item.id, action: $0.item.action, fingerprint: $0.fingerprint) }
    }

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
        SHA256.hash(data: Data(json.utf8)).map { byte in
            let text = String(byte, radix: 16)
            return byte < 16 ? "0" + text : text
        }.joined()
    }

    /// The steps of `plan` that were approved, up to the first that is not as it was, and what is said of that one.
    package func steps(of plan: RetentionPlan) -> (entries: [RetentionPlan.Entry], moved: String?) {
        var entries: [RetentionPlan.Entry] = []
        for item in items {
            guard let entry = plan.entries.first(where: { $0.item.id == item.id && $0.item.action == item.action })
            else {
                // Gone since, by an earlier part of the same approval for instance: nothing is left to do there.
                continue
            }
            guard entry.fingerprint == item.fingerprint else {
                return (
                    entries,
                    "\(item.action) \(item.id) is no longer what was approved: it was written to, or its policy changed"
                )
            }
            entries.append(entry)
        }
        return (entries, nil)
    }
}
