package import CygniPostgres

/// A migration that could not be run: where, why, and what stands now.
package struct MigrationFailure: Error, Sendable {
    package var file: MigrationFile
    package var direction: Direction
    /// The statement it stopped at; nil when that is not known, as at a COMMIT.
    package var statement: SQLStatement?
    /// The line of the error, which may lie inside the statement.
    package var line: Int?
    package var cause: PostgresError
    /// What the database looks like now, and how to go on.
    package var aftermath: [String]
}

extension MigrationFailure: CustomStringConvertible {
    package var description: String {
        let verb = direction == .up ? "apply" : "revert"
        let place = line.map { "\(file.path):\($0): " } ?? ""
        let state = cause.sqlState.map { " (SQLSTATE \($0))" } ?? ""
        // The text that was sent came from the file, without binds, so the server's words give nothing away.
        var lines = ["failed to \(verb) '\(file.name)': \(place)\(cause.serverMessage)\(state)"]
        if let statement { lines.append("    in: \(statement.summary)") }
        if let hint = cause.hint { lines.append("    hint: \(hint)") }
        return (lines + aftermath.map { "    \($0)" }).joined(separator: "\n")
    }
}

/// The line of a file that the server's one-based character position leads to.
func lineOf(position: Int, in text: String, from firstLine: Int) -> Int {
    // The server counts code points; to Swift, CR and LF together are one character.
    text.unicodeScalars.prefix(max(0, position - 1)).reduce(firstLine) { $1 == "\n" ? $0 + 1 : $0 }
}
