/// One statement of a migration's section.
package struct SQLStatement: Hashable, Sendable {
    /// Its text, without the semicolon and without comments around it.
    package var text: String
    /// The line of the file on which it begins, from 1.
    package var line: Int
    /// Its leading words in upper case, up to the first token that is none; never more than eight.
    package var words: [String]

    /// The statement in a few words, for messages: its first line, cut.
    package var summary: String {
        let first = text.prefix { !$0.isNewline }
        return first.count > 72 ? "\(first.prefix(71))…" : String(first)
    }
}

extension SQLStatement {
    /// Begins or ends a transaction, which is the migrator's part.
    var controlsTransaction: Bool {
        switch words.first {
        case "BEGIN", "COMMIT", "END", "ABORT": true
        case "START": words.dropFirst().first == "TRANSACTION"
        case "PREPARE": words.dropFirst().first == "TRANSACTION"
        // ROLLBACK TO stays inside the transaction.
        case "ROLLBACK": !words.prefix(3).contains("TO")
        default: false
        }
    }

    /// Cannot run inside a transaction block, or ends transactions by itself; the server answers 25001 or 2D000 there.
    var refusesTransaction: Bool {
        switch words.first {
        case "VACUUM", "CALL": true
        case "ALTER": words.dropFirst().first == "SYSTEM" || isConcurrent
        case "CREATE", "DROP":
            ["DATABASE", "TABLESPACE", "SUBSCRIPTION"].contains(words.dropFirst().first) || isConcurrent
        case "REINDEX": true
        default: isConcurrent && words.first != "REFRESH"
        }
    }

    /// Wants data from the client behind it, as dumps have it.
    var copiesFromClient: Bool {
        guard words.first == "COPY" else { return false }
        let outsideQuotes = text.uppercased().split { !$0.isLetter }
        return zip(outsideQuotes, outsideQuotes.dropFirst()).contains { $0 == "FROM" && $1 == "STDIN" }
    }

    /// Gets by with weak locks and waits for other transactions instead.
    var isConcurrent: Bool {
        words.contains("CONCURRENTLY")
    }
}
