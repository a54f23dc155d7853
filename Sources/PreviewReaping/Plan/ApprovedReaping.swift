import CygniJobs
import Crypto
import FoundationEssentials

/// A plan as it is approved: what is to go, and how it stood.
struct ApprovedReaping: Codable, Hashable, Sendable {
    struct Item: Codable, Hashable, Sendable {
        var id: String
        var action: String
        var fingerprint: String
    }

    var items: [Item]

    init(_ plan: ReapPlan) {
        items = plan.entries.filter(\.isLoss).map {
            Item(id: $0.item.id, action: $0.item.action, fingerprint: $0.fingerprint)
        }
    }

    /// - Throws: `DecodingError`.
    init(json: String) throws {
        items = try JSONDecoder().decode([Item].self, from: Data(json.utf8))
    }

    var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: (try? encoder.encode(items)) ?? Data("[]".utf8), as: UTF8.self)
    }

    /// SHA-256 of its items, in hex.
    var hash: String {
        SHA256.hash(data: Data(json.utf8)).map { byte in
            let text = String(byte, radix: 16)
            return byte < 16 ? "0" + text : text
        }.joined()
    }

    /// What of `plan` was approved, up to the first that is not as it was, and what is said of that one.
    ///
    /// What takes nothing goes on as it would.
    func entries(of plan: ReapPlan) -> (entries: [ReapPlan.Entry], moved: String?) {
        let known = Dictionary(
            plan.entries.map { ("\($0.item.action) \($0.item.id)", $0) },
            uniquingKeysWith: { a, _ in a }
        )
        var entries = plan.entries.filter { !$0.isLoss }
        for item in items {
            // Gone since, by an earlier part of the same approval for instance: nothing is left to do there.
            guard let entry = known["\(item.action) \(item.id)"] else { continue }
            guard entry.fingerprint == item.fingerprint else {
                return (entries, "\(item.action) \(item.id) is no longer as it was when it was approved")
            }
            entries.append(entry)
        }
        return (entries, nil)
    }
}
