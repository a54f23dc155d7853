extension StatementParser {
    mutating func create() -> ParsedStatement? {
        if cursor.take("OR", "REPLACE") {}
        if cursor.take("CONSTRAINT", "TRIGGER") || cursor.take("TRIGGER") { return createTrigger() }
        if cursor.take("MATERIALIZED", "VIEW") { return createMaterializedView() }
        if cursor.take("UNIQUE", "INDEX") { return createIndex(isUnique: true) }
        if cursor.take("INDEX") { return createIndex(isUnique: false) }
        if !cursor.take("GLOBAL") { _ = cursor.take("LOCAL") }
        let isTemporary = cursor.take("TEMPORARY") || cursor.take("TEMP")
        _ = cursor.take("UNLOGGED")
        return cursor.take("TABLE") ? createTable(isTemporary: isTemporary) : nil
    }

    private mutating func createTrigger() -> ParsedStatement? {
        guard let name = cursor.identifier() else { return nil }
        while !cursor.isAtEnd, !cursor.sees("ON") { cursor.skip() }
        guard cursor.take("ON"), let table = cursor.qualifiedName() else { return nil }
        return .createTrigger(name, table)
    }

    private mutating func createMaterializedView() -> ParsedStatement? {
        _ = cursor.take("IF", "NOT", "EXISTS")
        guard let name = cursor.qualifiedName() else { return nil }
        return .createTableAs(name)
    }

    private mutating func createIndex(isUnique: Bool) -> ParsedStatement? {
        let isConcurrent = cursor.take("CONCURRENTLY")
        let ifNotExists = cursor.take("IF", "NOT", "EXISTS")
        let name = cursor.sees("ON") ? nil : cursor.qualifiedName()
        guard cursor.take("ON") else { return nil }
        let start = cursor.index
        guard let table = cursor.tableName() else { return nil }
        return .createIndex(
            IndexDefinition(
                name: name,
                table: table,
                isUnique: isUnique,
                isConcurrent: isConcurrent,
                ifNotExists: ifNotExists,
                text: cursor.text(from: start, to: cursor.pieces.count)
            )
        )
    }

    private mutating func createTable(isTemporary: Bool) -> ParsedStatement? {
        let ifNotExists = cursor.take("IF", "NOT", "EXISTS")
        guard let name = cursor.qualifiedName() else { return nil }
        var table = TableDefinition(name: name, isTemporary: isTemporary, ifNotExists: ifNotExists)
        if cursor.sees("PARTITION", "OF") || cursor.sees("OF") {
            table.isDerived = true
            return .createTable(table)
        }
        let list = cursor.index
        if cursor.seesSign("(") { cursor.skip() }
        let end = cursor.index
        var ahead = cursor
        while !ahead.isAtEnd {
            if ahead.sees("AS") { return .createTableAs(name) }
            if ahead.sees("INHERITS") { table.isDerived = true }
            ahead.skip()
        }
        cursor.index = list
        guard cursor.takeSign("(") else { return .createTable(table) }
        while cursor.index < end - 1 {
            tableElement(&table)
            cursor.skipToComma()
            guard cursor.takeSign(",") else { break }
        }
        return .createTable(table)
    }

    private mutating func tableElement(_ table: inout TableDefinition) {
        if cursor.sees("LIKE") {
            table.isDerived = true
        } else if let constraint = constraint() {
            table.constraints.append(constraint)
        } else if let column = columnDefinition() {
            table.columns.append(column)
        }
    }
}
