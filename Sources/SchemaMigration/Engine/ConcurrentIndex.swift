import CygniPostgres

/// A CREATE INDEX CONCURRENTLY with a name: the index can be looked for.
struct ConcurrentIndex {
    /// As written, quotes and all.
    let name: String
    let table: String

    /// nil for any other statement.
    init?(_ statement: SQLStatement) {
        guard statement.words.first == "CREATE", statement.isConcurrent else { return nil }
        let utf8 = Array(statement.text.utf8)
        var lexer = SQLLexer(statement.text)
        var tokens: [SQLToken] = []
        while tokens.count < 16, let token = try? lexer.next() { tokens.append(token) }
        func text(_ range: Range<Int>) -> String { String(decoding: utf8[range], as: UTF8.self) }
        let words = tokens.map { text($0.range).uppercased() }
        guard let start = words.firstIndex(of: "CONCURRENTLY"), let on = words.dropFirst(start).firstIndex(of: "ON")
        else {
            return nil
        }
        let nameAt = start + (words.dropFirst(start + 1).first == "IF" ? 4 : 1)
        guard nameAt == on - 1 else { return nil }
        name = text(tokens[nameAt].range)
        let tableAt = on + (words.dropFirst(on + 1).first == "ONLY" ? 2 : 1)
        guard tableAt < tokens.count else { return nil }
        // schema.table is three tokens.
        let isQualified = words.dropFirst(tableAt + 1).first == "." && tableAt + 2 < tokens.count
        table = text(tokens[tableAt].range.lowerBound..<tokens[isQualified ? tableAt + 2 : tableAt].range.upperBound)
    }

    /// Whether the index was built; one that was left invalid is dropped.
    func settle(_ session: Session) throws -> StatementRecovery.Verdict {
        guard let found = try MigrationLedger.index(name, of: table, session) else { return .repeatable }
        guard !found.isValid else { return .happened }
        // sql-here: the index is named by the file
        try session.script("DROP INDEX CONCURRENTLY \(found.name)", name: "migrate.drop_index")
        return .repeatable
    }
}
