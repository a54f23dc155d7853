/// Rules that a look at the text of a file can hold.
enum SourceRules {
    static let longestFile = 400
    static let longestMain = 40

    /// A file past the limit has a second concept in it, or says in a comment why not.
    static func tooLong(_ file: String, lines: [String]) -> String? {
        let count = lines.last == "" ? lines.count - 1 : lines.count
        if file.hasSuffix("/Main.swift") {
            return count < longestMain ? nil : "\(file): \(count) lines; a main hands over within \(longestMain)"
        }
        guard count > longestFile else { return nil }
        let reasoned = lines.contains { $0.firstMatch(of: /^ *(\/\/|--|#) over-400-lines: ./) != nil }
        return reasoned ? nil : "\(file): \(count) lines; split it, or say why not with 'over-400-lines: REASON'"
    }

    /// SQL lives in .sql files, where it is named, read and checked as SQL.
    ///
    /// A statement that is put together at run time is the exception, and says so in a comment `sql-here: REASON` on its
    /// line or just above. So is a command line that a message advises, `psql -c "..."`.
    static func strayStatements(_ file: String, lines: [String]) -> [String] {
        let statement =
            /\b(SELECT\b.*\bFROM|INSERT INTO|UPDATE \S+ SET|DELETE FROM|TRUNCATE|REFRESH MATERIALIZED|(CREATE|ALTER|DROP) (TABLE|VIEW|MATERIALIZED|INDEX|UNIQUE|SCHEMA|FUNCTION|POLICY))\b/
        // Over several lines, a query shows by its first one.
        let opening = /^\s*(SELECT|WITH|TABLE|VALUES)\b/
        var insideBlock = false
        var found: [String] = []
        for (index, line) in lines.enumerated() {
            let inBlock = insideBlock
            let inLiteral = inBlock || (line.contains("\"") && !line.drop { $0 == " " }.hasPrefix("//"))
            if line.matches(of: /"""/).count % 2 == 1 { insideBlock.toggle() }
            let excused = line.contains("sql-here: ") || (index > 0 && lines[index - 1].contains("sql-here: "))
            guard inLiteral, !excused, !line.contains("psql -c") else { continue }
            guard line.contains(statement) || (inBlock && line.contains(opening)) else { continue }
            found.append("\(file):\(index + 1): SQL belongs into a .sql file, or behind 'sql-here: REASON'")
        }
        return found
    }
}
