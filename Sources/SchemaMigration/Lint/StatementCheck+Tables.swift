extension StatementCheck {
    mutating func check(_ table: TableDefinition) {
        for column in table.columns { checkType(column.name, column.type) }
        if !table.ifNotExists { notRepeatable(inserting("IF NOT EXISTS", after: "TABLE")) }
        guard !table.isTemporary, !table.isDerived else { return }
        let keys =
            table.columns.filter(\.isPrimaryKey).map { [$0.name] }
            + table.constraints.filter { $0.kind == .primaryKey }.map(\.columns)
        if keys.isEmpty, !context.keyedLater.contains(where: { $0.mayBe(table.name) }) {
            hit("table-without-primary-key", ["table": table.name.sql])
        }
        let small = ["integer", "smallint", "serial", "smallserial"]
        if keys.first?.count == 1, let name = keys.first?.first,
            let column = table.columns.first(where: { $0.name == name }), small.contains(column.type.name),
            column.references == nil
        {
            hit("integer-primary-key", ["column": QualifiedName.quoted(name)])
        }
    }

    /// Types that are regretted later.
    mutating func checkType(_ column: String, _ type: ColumnType) {
        var names = ["column": QualifiedName.quoted(column)]
        switch type.name {
        case "char" where !type.text.hasPrefix("\""):
            names["length"] = "\(type.arguments.first ?? 1)"
            hit("prefer-text-over-char", names)
        case "timestamp": hit("prefer-timestamptz", names)
        case "json": hit("prefer-jsonb", names)
        case "money": hit("prefer-numeric-over-money", names)
        default: break
        }
    }

    mutating func check(_ index: IndexDefinition) {
        if index.isConcurrent, context.isTransactional {
            hit("concurrently-in-transaction", [:])
        } else if !index.isConcurrent, !context.isNew(index.table) {
            let name = index.name?.sql ?? "\(index.table.last)_idx"
            hit(
                "create-index-blocking",
                ["unique": index.isUnique ? "UNIQUE " : "", "name": name, "definition": index.text]
            )
        }
        // The migrator looks after an index that a dead run left half built.
        if !index.ifNotExists, !index.isConcurrent { notRepeatable(inserting("IF NOT EXISTS", after: "INDEX")) }
    }

    mutating func check(_ drop: DropDefinition) {
        if drop.isCascade {
            let text = statement.text
            let pieces = SQLPiece.pieces(of: text)
            let end = pieces.dropLast().last?.range.upperBound ?? 0
            hit("drop-cascade", ["statement": String(decoding: Array(text.utf8)[..<end], as: UTF8.self)])
        }
        if drop.kind == "TABLE" {
            for table in drop.names where !context.isNew(table) {
                let new = QualifiedName(parts: table.parts.dropLast() + ["\(table.last)_dropped"])
                hit("drop-table", ["table": table.sql, "new": new.sql, "short": QualifiedName.quoted(new.last)])
            }
        }
        if drop.kind == "INDEX" {
            if drop.isConcurrent, context.isTransactional { hit("concurrently-in-transaction", [:]) }
            for index in drop.names where !drop.isConcurrent && !context.newIndexes.contains(where: { $0.mayBe(index) })
            {
                hit("drop-index-blocking", ["name": index.sql])
            }
        }
        if !drop.ifExists, !drop.names.isEmpty {
            let word = drop.isConcurrent ? "CONCURRENTLY" : drop.kind.split(separator: " ").last.map(String.init) ?? ""
            notRepeatable(inserting("IF EXISTS", after: word))
        }
    }

    mutating func checkReindex(_ kind: String, _ name: QualifiedName?, isConcurrent: Bool) {
        if isConcurrent {
            if context.isTransactional { hit("concurrently-in-transaction", [:]) }
            return
        }
        if let name, kind == "TABLE" && context.isNew(name) || context.newIndexes.contains(where: { $0.mayBe(name) }) {
            return
        }
        hit("reindex-blocking", ["kind": kind, "name": name?.sql ?? ""])
    }
}
