/// Holds one statement against the rules, given what its section did before.
struct StatementCheck {
    let statement: SQLStatement
    var context: LintContext
    var hits: [LintHit] = []

    init(statement: SQLStatement, context: LintContext) {
        self.statement = statement
        self.context = context
    }

    mutating func run(_ parsed: ParsedStatement) {
        checkEnumValues()
        switch parsed {
        case .createTable(let table): check(table)
        case .createTableAs(let name): checkBackfill(name)
        case .createIndex(let index): check(index)
        case .alterTable(let table, let actions):
            for action in actions { check(action, table) }
        case .renameTable(let table, let new) where !context.isNew(table):
            hit("rename-table", ["table": table.sql, "new": QualifiedName(parts: table.parts.dropLast() + [new]).sql])
            lock(table, "RENAME TO \(QualifiedName.quoted(new))")
        case .setSchema(let table, let schema) where !context.isNew(table):
            hit("rename-table", ["table": table.sql, "new": QualifiedName(parts: [schema, table.last]).sql])
            lock(table, "SET SCHEMA \(QualifiedName.quoted(schema))")
        case .renameColumn(let table, let old, let new) where !context.isNew(table):
            let type = context.columnTypes[table]?[old]?.text ?? "<type>"
            let names = ["column": QualifiedName.quoted(old), "new": QualifiedName.quoted(new), "type": type]
            hit("rename-column", names.merging(["table": table.sql]) { $1 })
            lock(table, "RENAME COLUMN \(QualifiedName.quoted(old)) TO \(QualifiedName.quoted(new))")
        case .drop(let drop): check(drop)
        case .reindex(let kind, let name, let isConcurrent): checkReindex(kind, name, isConcurrent: isConcurrent)
        default: checkRows(parsed)
        }
    }

    mutating func hit(_ code: String, _ names: [String: String]) {
        hits.append(LintHit(code: code, names: names.merging(["statement": statement.text]) { own, _ in own }))
    }

    /// A lock that stops readers too, kept until the commit.
    mutating func lock(_ table: QualifiedName, _ action: String) {
        guard context.isTransactional, !context.isNew(table) else { return }
        guard let locked = context.locked else {
            context.locked = (table, action)
            return
        }
        guard !locked.table.mayBe(table), !hits.contains(where: { $0.code == "lock-several-tables" }) else { return }
        hit(
            "lock-several-tables",
            ["first": locked.table.sql, "firstAction": locked.action, "table": table.sql, "action": action]
        )
    }

    /// A statement that fails when it is done again.
    mutating func notRepeatable(_ repeatable: String) {
        guard context.needsRepeatableSteps else { return }
        hit("steps-not-repeatable", ["repeatable": repeatable])
    }

    /// The statement with words put in behind its first `word`.
    ///
    /// - Parameter other: stands for it where it can be left out.
    func inserting(_ addition: String, after word: String, or other: String? = nil) -> String {
        let words = SQLPiece.pieces(of: statement.text).filter { $0.kind == .word }
        guard let piece = words.first(where: { $0.text == word }) ?? words.first(where: { $0.text == other })
        else { return statement.text }
        let utf8 = statement.text.utf8
        let end = utf8.index(utf8.startIndex, offsetBy: piece.range.upperBound)
        return "\(statement.text[..<end]) \(addition)\(statement.text[end...])"
    }

    private mutating func checkEnumValues() {
        guard context.isTransactional, !context.enumValues.isEmpty else { return }
        let strings = SQLPiece.pieces(of: statement.text).filter { $0.kind == .string }.map(\.text)
        for (type, value) in context.enumValues where strings.contains(value) {
            hit("enum-value-used-in-transaction", ["type": type.sql, "value": value])
        }
    }
}
