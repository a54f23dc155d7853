/// Something in which the files and the ledger contradict each other.
package struct Drift: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// The file is not the one that was applied.
        case edited
        /// What was applied has no file.
        case missing
        /// A file that was not applied stands before one that was.
        case outOfOrder
        /// What was applied is newer than everything this executable knows.
        case newer
    }

    package var kind: Kind
    /// The file's name.
    package var file: String
    /// What is wrong.
    package var problem: String
    /// What to do about it: commands and edits, one a line.
    package var wayOut: [String]
}

/// The migrations were not begun, since files and ledger contradict each other.
package struct DriftError: Error, Sendable, CustomStringConvertible {
    package var drifts: [Drift]

    package var description: String {
        drifts.map { drift in
            ([drift.problem] + drift.wayOut.map { "    \($0)" }).joined(separator: "\n")
        }.joined(separator: "\n")
    }
}
