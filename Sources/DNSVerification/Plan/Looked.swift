package import CygniJobs
import CygniModel
import FoundationEssentials

/// What became of one domain in a run: its row before, its standing after, and why. A run keeps all of them until it is clear
/// that they may be written, so each is small: its evidence is on disk.
package final class Looked: Sendable {
    /// What a look amounts to, before it is made ready to be written.
    struct Outcome: Sendable {
        var after: Standing
        /// What this look found, whatever the standing.
        var found: Reason
        /// Both the proof and the address are as they should be.
        var isWell = false
        /// Nobody could tell.
        var isUnknown = false
        var concerns: [Concern] = []
        var fix: String?
        /// JSON.
        var evidence: LineSpool.Line?
        var provider: String?
        var wasSurveyed = false
        var next: Timestamp?
        /// One that is to count from now on.
        var newToken: String?
    }

    package let row: DomainRow
    let outcome: Outcome

    init(_ row: DomainRow, _ outcome: Outcome) {
        self.row = row
        self.outcome = outcome
    }

    /// Another tenant's claim holds the name: the standing stays as it was.
    func refused() -> Looked {
        var outcome = outcome
        outcome.after = row.standing
        outcome.after.reason = .heldByOther
        outcome.fix = "another account holds this name; whoever controls the zone removes that one's TXT record"
        outcome.newToken = nil
        return Looked(row, outcome)
    }

    /// The change for the worse that it would be; nil: none.
    var flip: FlipGuard.Flip? {
        let isWorse =
            switch (row.standing.state, outcome.after.state) {
            case (.verified, .failing), (.verified, .quarantined), (.failing, .quarantined): true
            default: false
            }
        return isWorse ? FlipGuard.Flip(domain: row.name, provider: servedBy) : nil
    }

    var servedBy: String { outcome.provider ?? row.provider ?? "unknown" }

    package var isChange: Bool { row.standing.state != outcome.after.state }

    /// It is proven by this look, and was not before.
    var isNewlyProven: Bool { !row.isInService && outcome.after.state == .verified }

    package var item: PlannedItem {
        let (before, after) = (row.standing.state, outcome.after.state)
        let action = isChange ? after.action : outcome.isUnknown ? "ask again" : "check"
        var words = [isChange ? "\(before.rawValue) -> \(after.rawValue)" : after.rawValue, outcome.found.rawValue]
        if let fix = outcome.fix { words.append(fix) }
        words += outcome.concerns.map { "\($0.code.rawValue): \($0.text)" }
        return PlannedItem(
            id: "\(row.name) \(row.id.text)",
            action: action,
            reason: words.joined(separator: "; ")
        )
    }
}

extension Standing.State {
    /// As a verb.
    var action: String {
        switch self {
        case .pending: "reopen"
        case .verified: "verify"
        case .failing: "fail"
        case .quarantined: "quarantine"
        case .removed: "remove"
        }
    }
}
