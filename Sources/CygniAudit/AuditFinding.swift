import CygniModel
package import FoundationEssentials

/// One place where a chain is not what was written.
package struct AuditFinding: Hashable, Sendable {
    /// What the evidence shows.
    package enum Kind: Hashable, Sendable {
        /// The row's content does not give its hash.
        case edited
        /// The row does not continue the one before it: one of the two was replaced, hash and all.
        case unlinked
        /// The row, or its content, was written in another place of the chain.
        case moved(from: Int)
        /// The row was not written by the log: another one stood here, or the chain had ended before.
        case inserted
        /// Rows are missing, from the finding's place to this one.
        case deleted(through: Int)
        /// The chain ends before the place where it is known to have ended.
        case cut(knownEnd: Int)
        /// The row's hash is not the one that was recorded for its place, at the head of the chain or in an anchor.
        case rewritten
        /// The chain has rows and no recorded end.
        case headless
    }

    /// The chain; nil is the platform's own.
    package var tenant: UUID?
    /// Place in the chain.
    package var seq: Int
    /// The row found there; nil when there is none, or none to blame.
    package var id: Int?
    package var kind: Kind
}

extension AuditFinding.Kind {
    /// The kind in one word, for reports.
    package var name: String {
        switch self {
        case .edited: "edited"
        case .unlinked: "unlinked"
        case .moved: "moved"
        case .inserted: "inserted"
        case .deleted: "deleted"
        case .cut: "cut"
        case .rewritten: "rewritten"
        case .headless: "headless"
        }
    }
}

extension AuditFinding: CustomStringConvertible {
    package var description: String {
        let chain = tenant.map { "tenant \($0.text)" } ?? "platform"
        let row = id.map { " (id \($0))" } ?? ""
        return "\(chain), entry \(seq)\(row): \(explanation)"
    }

    private var explanation: String {
        switch kind {
        case .edited: "edited: its content does not give its hash"
        case .unlinked: "unlinked: it does not continue the entry before it"
        case .moved(let from): "moved: its content was written as entry \(from)"
        case .inserted: "inserted: it was not written by the log"
        case .deleted(let through): through == seq ? "deleted" : "deleted, and all up to entry \(through)"
        case .cut(let knownEnd): "cut: the chain ends before it, and once reached to entry \(knownEnd)"
        case .rewritten: "rewritten: its hash is not the one recorded for its place"
        case .headless: "the chain has entries and no recorded end"
        }
    }
}
