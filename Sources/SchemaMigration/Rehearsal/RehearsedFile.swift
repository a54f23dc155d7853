/// What a pending file did to a clone of the schema, statement by statement.
package struct RehearsedFile: Sendable {
    package var file: MigrationFile
    package var statements: [RehearsedStatement]
}

/// One statement and the locks it was the first to take, or to strengthen.
package struct RehearsedStatement: Sendable {
    package var statement: SQLStatement
    /// How long it took on the clone, whose tables are empty.
    package var duration: Duration
    package var locks: [RehearsedLock]
    /// false: it ran outside any transaction, where nobody can see what it locks.
    package var isWatched = true
}

/// A lock on a table that was there before the file.
package struct RehearsedLock: Sendable {
    /// With its schema, quoted where it must be.
    package var relation: String
    package var mode: LockMode
    /// From the statement's start to the end of its transaction, on the clone.
    package var held: Duration
    /// What the statements from here to the end of the transaction do to the rows of this table.
    package var work: RowWork
    /// The table in the database that the plan is for; nil when it is not there.
    package var live: LiveTable?

    /// How long it would be held there: measured on the clone, and estimated from the bytes it would read or write.
    package var expected: Duration { held + (live.map { work.duration(over: $0) } ?? .zero) }
}

/// What a statement does to the rows of a table, besides those it names.
package enum RowWork: Int, Comparable, Sendable {
    case none
    /// Reads every row: a constraint that is checked, an index that is built.
    case scan
    /// Writes every row and every index anew.
    case rewrite

    package static func < (one: RowWork, other: RowWork) -> Bool { one.rawValue < other.rawValue }

    /// Bytes a second that a middling server gets through; on purpose no fast one.
    private var rate: Int? {
        switch self {
        case .none: nil
        case .scan: 200_000_000
        case .rewrite: 40_000_000
        }
    }

    func duration(over table: LiveTable) -> Duration {
        guard let rate else { return .zero }
        let bytes = self == .scan ? table.heapBytes : table.totalBytes
        return .microseconds(Int64(Double(bytes) / Double(rate) * 1_000_000))
    }
}

/// A table of the database that the plan is for.
package struct LiveTable: Sendable {
    package var rows: Int
    /// The rows alone.
    package var heapBytes: Int
    /// With indexes and what is stored apart.
    package var totalBytes: Int
    /// Sessions that have it locked at this moment, strongest first.
    package var users: [LockUser]
}

/// A session that has a table locked.
package struct LockUser: Sendable {
    package var session: LockBlocker
    package var mode: LockMode
}
