import CygniModel
import FoundationEssentials

/// In which order certificates are worked on: what only needs a moment first, then one of each tenant in turn, the one that
/// ends soonest before its others, so that a tenant with thousands does not keep the others waiting.
enum Fairness {
    static func order(_ steps: [RenewalStep]) -> [RenewalStep] {
        var seen: [String: Int] = [:]
        let byEnd = steps.sorted { key($0) < key($1) }
        let ranked = byEnd.map { step -> (turn: Int, step: RenewalStep) in
            guard case .issue = step else { return (-1, step) }
            let tenant = step.row.tenant?.uuidString ?? ""
            defer { seen[tenant, default: 0] += 1 }
            return (seen[tenant, default: 0], step)
        }
        return ranked.enumerated()
            .sorted { ($0.element.turn, $0.offset) < ($1.element.turn, $1.offset) }
            .map(\.element.step)
    }

    /// What never had a certificate counts as ended: its site is not served.
    private static func key(_ step: RenewalStep) -> (Timestamp, String) {
        (step.row.validity?.notAfter ?? Timestamp(microseconds: 0), step.row.name)
    }
}
