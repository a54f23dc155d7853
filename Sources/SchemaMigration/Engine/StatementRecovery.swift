import CygniPostgres

/// What may be done about a statement outside any transaction whose outcome was lost with an earlier run.
struct StatementRecovery {
    private let statement: SQLStatement

    enum Verdict {
        /// It took effect.
        case happened
        /// Running it (again) does no harm.
        case repeatable
        case unknown
    }

    init(_ statement: SQLStatement) {
        self.statement = statement
    }

    /// Finds out, and clears away what a half-way end left behind.
    func settle(_ session: Session) throws -> Verdict {
        if let index = ConcurrentIndex(statement) { return try index.settle(session) }
        switch statement.words.first {
        case "VACUUM", "REINDEX", "ALTER": return .repeatable
        case "CREATE", "DROP": return .repeatable
        default: return .unknown
        }
    }

    /// Errors that say, of a statement in doubt, that it took effect the first time.
    var statesOfDone: Set<String> {
        switch statement.words.first {
        case "CREATE": ["42P04", "42710", "42P07"]
        case "DROP": ["42704", "3D000", "42P01"]
        default: []
        }
    }
}

/// A statement whose outcome only a person can find out.
package struct StatementInDoubt: Error, Sendable, CustomStringConvertible {
    package let description: String

    init(file: MigrationFile, in set: MigrationSet, direction: Direction, _ statement: SQLStatement) {
        let command = set.command("repair \(file.version)")
        description = """
            failed to \(direction == .up ? "apply" : "revert") '\(file.name)': an earlier run ended while \
            \(file.path):\(statement.line) was under way, and it cannot be told whether it took effect
                in: \(statement.summary)
                if it did:      \(command) --\(RepairChoice.statementDone.rawValue)
                if it did not:  \(command) --\(RepairChoice.statementUndone.rawValue)
                then run it again
            """
    }
}

/// Statements that already stand were changed in the file.
package struct StepsChanged: Error, Sendable, CustomStringConvertible {
    package let description: String

    init(file: MigrationFile, _ changed: StepPlan.Changed) {
        description = """
            failed to run '\(file.name)': statement \(changed.step) was changed in the file after it took effect
                it was: \(changed.was)
                put it back as it was, and write the change as a statement at the end
            """
    }
}
