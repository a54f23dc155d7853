extension StatementParser {
    mutating func alter() -> ParsedStatement? {
        if cursor.take("TYPE") { return alterType() }
        _ = cursor.take("FOREIGN")
        guard cursor.take("TABLE") else { return nil }
        _ = cursor.take("IF", "EXISTS")
        guard let table = cursor.tableName() else { return nil }
        if cursor.take("RENAME") { return rename(table) }
        if cursor.take("SET", "SCHEMA") { return cursor.identifier().map { .setSchema(table, $0) } }
        var actions: [TableAction] = []
        repeat {
            actions.append(action())
            cursor.skipToComma()
        } while cursor.takeSign(",")
        return .alterTable(table, actions)
    }

    private mutating func alterType() -> ParsedStatement? {
        guard let type = cursor.qualifiedName(), cursor.take("ADD", "VALUE") else { return nil }
        _ = cursor.take("IF", "NOT", "EXISTS")
        return cursor.current.map { .addEnumValue(type, $0.text) }
    }

    private mutating func rename(_ table: QualifiedName) -> ParsedStatement? {
        if cursor.take("TO") { return cursor.identifier().map { .renameTable(table, to: $0) } }
        // A constraint's name is nobody's interface.
        if cursor.take("CONSTRAINT") { return .other }
        _ = cursor.take("COLUMN")
        guard let old = cursor.identifier(), cursor.take("TO"), let new = cursor.identifier() else { return nil }
        return .renameColumn(table, from: old, to: new)
    }

    private mutating func action() -> TableAction {
        let first = cursor.current?.text ?? ""
        return switch cursor.word() {
        case "ADD": add()
        case "DROP": dropAction()
        case "ALTER": alterColumn()
        case "VALIDATE" where cursor.take("CONSTRAINT"):
            cursor.identifier().map { .validateConstraint($0) } ?? .other(first)
        case "SET": storage()
        case "DISABLE": disable()
        case "DETACH" where cursor.take("PARTITION"): detach()
        default: .other(first)
        }
    }

    private mutating func add() -> TableAction {
        if let constraint = constraint() { return .addConstraint(constraint) }
        _ = cursor.take("COLUMN")
        let ifNotExists = cursor.take("IF", "NOT", "EXISTS")
        return columnDefinition().map { .addColumn($0, ifNotExists: ifNotExists) } ?? .other("ADD")
    }

    private mutating func dropAction() -> TableAction {
        let isConstraint = cursor.take("CONSTRAINT")
        if !isConstraint { _ = cursor.take("COLUMN") }
        let ifExists = cursor.take("IF", "EXISTS")
        guard let name = cursor.identifier() else { return .other("DROP") }
        let isCascade = cursor.take("CASCADE")
        return isConstraint
            ? .dropConstraint(name, isCascade: isCascade)
            : .dropColumn(name, ifExists: ifExists, isCascade: isCascade)
    }

    private mutating func alterColumn() -> TableAction {
        _ = cursor.take("COLUMN")
        guard let column = cursor.identifier() else { return .other("ALTER") }
        if cursor.take("SET", "NOT", "NULL") { return .setNotNull(column) }
        if cursor.take("SET", "DATA", "TYPE") || cursor.take("TYPE"), let type = columnType() {
            var hasUsing = false
            while !cursor.isAtEnd, !cursor.seesSign(",") {
                hasUsing = hasUsing || cursor.sees("USING")
                cursor.skip()
            }
            return .changeType(column, type, hasUsing: hasUsing)
        }
        return .other("ALTER")
    }

    private mutating func storage() -> TableAction {
        let start = cursor.index
        if cursor.take("LOGGED") || cursor.take("UNLOGGED") { return .changeStorage(cursor.text(from: start)) }
        if cursor.take("TABLESPACE") || cursor.take("ACCESS", "METHOD") {
            cursor.skip()
            return .changeStorage(cursor.text(from: start))
        }
        return .other("SET")
    }

    private mutating func disable() -> TableAction {
        if cursor.take("TRIGGER") { return .disableTrigger(cursor.identifier() ?? "all") }
        return cursor.take("ROW", "LEVEL", "SECURITY") ? .disableRowSecurity : .other("DISABLE")
    }

    private mutating func detach() -> TableAction {
        guard let partition = cursor.qualifiedName() else { return .other("DETACH") }
        return .detachPartition(partition, isConcurrent: cursor.take("CONCURRENTLY"))
    }
}
