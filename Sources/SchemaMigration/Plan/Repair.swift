/// What a person may tell the ledger about one migration.
package enum RepairChoice: String, CaseIterable, Hashable, Sendable {
    /// The statement that was under way when a run ended took effect.
    case statementDone = "statement-done"
    /// It did not.
    case statementUndone = "statement-undone"
    /// The database has what the edited file says.
    case acceptEdit = "accept-edit"
    /// The file is gone for good; or, of a file that was begun, none of its statements counts.
    case forget
}

/// A file that an earlier run left half-way, and where it goes on.
package struct HalfWay: Hashable, Sendable {
    package var file: MigrationFile
    package var direction: Direction
    /// How many of its statements stand.
    package var done: Int
    /// The statement behind them was sent, and nobody knows how it ended.
    package var isInDoubt: Bool

    var section: MigrationSection? { direction == .up ? file.up : file.down }

    /// The statement that comes next; nil when all stand.
    var next: SQLStatement? {
        guard let section, section.statements.indices.contains(done) else { return nil }
        return section.statements[done]
    }

    /// `statements 1 to 2 of 4 stand, next is db/0007_x.sql:9: CREATE INDEX …`
    package var words: String {
        let total = section?.statements.count ?? 0
        let standing = done == 0 ? "no statement of \(total) stands" : "statements 1 to \(done) of \(total) stand"
        guard let next else { return "\(standing), only its row in the ledger is missing" }
        let verb = isInDoubt ? "in doubt" : "next"
        return "\(standing), \(verb) is \(file.path):\(next.line): \(next.summary)"
    }
}

/// What one file's repair came to.
package struct RepairOutcome: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// The ledger says now what is the case; `up` or `down` goes on.
        case settled
        /// Only a person can tell.
        case undecided
    }

    package var file: String
    package var kind: Kind
    package var words: String
}

/// A choice that does not fit what the ledger has of the version.
package struct RepairRefused: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String
}
