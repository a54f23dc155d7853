/// Recursive descent over the statements that matter to the rules (PostgreSQL's manual, part VI).
///
/// What it does not know is `other`, never an error: the server is the one to judge SQL.
struct StatementParser {
    var cursor: SQLCursor

    static func parse(_ statement: SQLStatement) -> ParsedStatement {
        // Functions are most of a schema's text, and no rule asks about them.
        guard isKnown(statement.words) else { return .other }
        var parser = StatementParser(cursor: SQLCursor(statement.text))
        return parser.statement() ?? .other
    }

    private static func isKnown(_ words: [String]) -> Bool {
        switch words.first {
        case "CREATE": !words.prefix(4).contains { ["FUNCTION", "PROCEDURE", "POLICY", "ROLE"].contains($0) }
        // sql-here: keywords
        case "ALTER", "DROP", "REINDEX", "TRUNCATE", "VACUUM", "CLUSTER", "LOCK", "REFRESH", "UPDATE", "DELETE",
            "INSERT", "SET", "RESET", "COMMENT":
            true
        default: false
        }
    }

    private mutating func statement() -> ParsedStatement? {
        switch cursor.word() {
        case "CREATE": create()
        case "ALTER": alter()
        case "DROP": drop()
        case "REINDEX": reindex()
        case "TRUNCATE": truncate()  // sql-here: keyword
        case "VACUUM": vacuum()
        case "CLUSTER": cluster()
        case "LOCK": lock()
        case "REFRESH": refresh()
        case "UPDATE": cursor.tableName().map { .update($0, hasCondition: cursor.hasAhead("WHERE")) }
        case "DELETE": delete()
        case "INSERT": insert()
        case "SET": set()
        case "RESET": cursor.qualifiedName().map { .set($0.last, value: "default") }
        case "COMMENT": .comment
        default: nil
        }
    }

    private mutating func drop() -> ParsedStatement? {
        guard var kind = cursor.word() else { return nil }
        if ["MATERIALIZED", "FOREIGN"].contains(kind), let second = cursor.word() { kind += " \(second)" }
        guard
            ["TABLE", "INDEX", "VIEW", "MATERIALIZED VIEW", "FOREIGN TABLE", "SCHEMA", "TYPE", "SEQUENCE", "DOMAIN"]
                .contains(kind)
        else {
            return .drop(
                DropDefinition(
                    kind: kind,
                    names: [],
                    isConcurrent: false,
                    ifExists: cursor.hasAhead("EXISTS"),
                    isCascade: cursor.hasAhead("CASCADE")
                )
            )
        }
        let isConcurrent = cursor.take("CONCURRENTLY")
        let ifExists = cursor.take("IF", "EXISTS")
        let names = cursor.tableNames()
        let isCascade = cursor.take("CASCADE")
        return .drop(
            DropDefinition(
                kind: kind,
                names: names,
                isConcurrent: isConcurrent,
                ifExists: ifExists,
                isCascade: isCascade
            )
        )
    }

    private mutating func reindex() -> ParsedStatement? {
        var isConcurrent = false
        if cursor.seesSign("(") {
            let start = cursor.index
            cursor.skip()
            isConcurrent = cursor.pieces[start..<cursor.index].contains { $0.text == "CONCURRENTLY" }
        }
        guard let kind = cursor.word() else { return nil }
        if cursor.take("CONCURRENTLY") { isConcurrent = true }
        return .reindex(kind, cursor.qualifiedName(), isConcurrent: isConcurrent)
    }

    private mutating func truncate() -> ParsedStatement? {
        _ = cursor.take("TABLE")
        let names = cursor.tableNames()
        return .truncate(names, isCascade: cursor.hasAhead("CASCADE"))
    }

    private mutating func vacuum() -> ParsedStatement? {
        var isFull = false
        if cursor.seesSign("(") {
            let start = cursor.index
            cursor.skip()
            let options = cursor.pieces[start..<cursor.index]
            if let full = options.firstIndex(where: { $0.text == "FULL" }) {
                isFull = !["FALSE", "OFF", "0"].contains(options[(full + 1)...].first?.text)
            }
        }
        while let word = cursor.current?.text, ["FULL", "FREEZE", "VERBOSE", "ANALYZE"].contains(word) {
            isFull = isFull || word == "FULL"
            cursor.index += 1
        }
        return .vacuum(vacuumTables(), isFull: isFull)
    }

    /// Each may have a list of columns.
    private mutating func vacuumTables() -> [QualifiedName] {
        var names: [QualifiedName] = []
        repeat {
            guard let name = cursor.tableName() else { break }
            names.append(name)
            if cursor.seesSign("(") { cursor.skip() }
        } while cursor.takeSign(",")
        return names
    }

    private mutating func cluster() -> ParsedStatement? {
        if cursor.seesSign("(") { cursor.skip() }
        _ = cursor.take("VERBOSE")
        return .cluster(cursor.qualifiedName())
    }

    private mutating func lock() -> ParsedStatement? {
        _ = cursor.take("TABLE")
        let names = cursor.tableNames()
        var mode = "ACCESS EXCLUSIVE"
        if cursor.take("IN") {
            var words: [String] = []
            while !cursor.sees("MODE"), let word = cursor.word() { words.append(word) }
            mode = words.joined(separator: " ")
        }
        return .lock(names, mode: mode)
    }

    private mutating func refresh() -> ParsedStatement? {
        guard cursor.take("MATERIALIZED", "VIEW") else { return nil }
        let isConcurrent = cursor.take("CONCURRENTLY")
        guard let name = cursor.qualifiedName() else { return nil }
        // Without data it only empties the view.
        return cursor.take("WITH", "NO", "DATA") ? .other : .refresh(name, isConcurrent: isConcurrent)
    }

    private mutating func delete() -> ParsedStatement? {
        guard cursor.take("FROM"), let name = cursor.tableName() else { return nil }
        return .delete(name, hasCondition: cursor.hasAhead("WHERE"))
    }

    private mutating func insert() -> ParsedStatement? {
        guard cursor.take("INTO"), let name = cursor.qualifiedName() else { return nil }
        let reads = ["SELECT", "WITH", "TABLE"].contains { cursor.hasAhead($0) } && cursor.hasAhead("VALUES") == false
        return .insert(name, fromQuery: reads)
    }

    private mutating func set() -> ParsedStatement? {
        if !cursor.take("LOCAL") { _ = cursor.take("SESSION") }
        guard let name = cursor.qualifiedName() else { return nil }
        guard cursor.takeSign("=") || cursor.take("TO") else { return nil }
        let value = cursor.pieces[cursor.index...].map(\.text).joined()
        return .set(name.last, value: value.filter { $0 != "'" }.lowercased())
    }
}
