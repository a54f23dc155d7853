extension StatementCheck {
    mutating func check(_ action: TableAction, _ table: QualifiedName) {
        let isNew = context.isNew(table)
        switch action {
        case .addColumn(let column, let ifNotExists):
            checkType(column.name, column.type)
            if !isNew { checkNewColumn(column, table) }
            if !ifNotExists { notRepeatable(inserting("IF NOT EXISTS", after: "COLUMN", or: "ADD")) }
        case .changeType(let column, let type, let hasUsing):
            checkType(column, type)
            if !isNew { checkChange(column, to: type, hasUsing: hasUsing, table) }
        case .dropColumn(let column, let ifExists, let isCascade):
            let names = ["table": table.sql, "column": QualifiedName.quoted(column)]
            if !isNew { hit("drop-column", names) }
            if isCascade { checkCascade() }
            if !ifExists { notRepeatable(inserting("IF EXISTS", after: "COLUMN", or: "DROP")) }
        case .dropConstraint(_, let isCascade):
            if isCascade { checkCascade() }
        case .addConstraint(let constraint):
            if !isNew { checkConstraint(constraint, table) }
            if let name = constraint.name {
                // sql-here: advice to a person, never run
                let drop = "ALTER TABLE \(table.sql) DROP CONSTRAINT IF EXISTS \(QualifiedName.quoted(name));"
                notRepeatable("\(drop)\n\(statement.text)")
            }
        case _ where isNew: break
        case .setNotNull(let column):
            let isChecked = context.checkedNotNull.contains {
                $0.isValid && $0.column == column && $0.table.mayBe(table)
            }
            if !isChecked {
                let name = "\(table.last)_\(column)_not_null"
                let names = ["column": QualifiedName.quoted(column), "name": QualifiedName.quoted(name)]
                hit("set-not-null-without-check", names.merging(["table": table.sql]) { $1 })
            }
        case .validateConstraint(let name):
            let isFresh = context.notValidConstraints.contains { $0.name == name && $0.table.mayBe(table) }
            if isFresh, context.isTransactional {
                hit("validate-in-same-transaction", ["table": table.sql, "name": QualifiedName.quoted(name)])
            }
        case .changeStorage(let text):
            let new = QualifiedName(parts: table.parts.dropLast() + ["\(table.last)_new"])
            hit("rewrite-storage", ["action": text, "table": table.sql, "new": new.sql])
        case .disableTrigger(let name):
            hit("disable-trigger", ["table": table.sql, "name": QualifiedName.quoted(name)])
        case .disableRowSecurity:
            hit("disable-row-level-security", ["table": table.sql, "name": "\(table.last)_all", "role": "<role>"])
        case .detachPartition(let partition, let isConcurrent):
            if !isConcurrent {
                hit("detach-partition-blocking", ["table": table.sql, "name": partition.sql])
            } else if context.isTransactional {
                hit("concurrently-in-transaction", [:])
            }
        case .other: break
        }
        if action.stopsReaders { lock(table, actions) }
    }

    /// What the statement does to its table, as it is written.
    private var actions: String {
        var cursor = SQLCursor(statement.text)
        cursor.index = cursor.pieces.firstIndex { $0.text == "TABLE" }.map { $0 + 1 } ?? 0
        _ = cursor.take("IF", "EXISTS")
        _ = cursor.tableName()
        return cursor.text(from: cursor.index, to: cursor.pieces.count)
    }

    private mutating func checkCascade() {
        let pieces = SQLPiece.pieces(of: statement.text).filter { $0.text != "CASCADE" }
        let utf8 = Array(statement.text.utf8)
        let words = pieces.map { String(decoding: utf8[$0.range], as: UTF8.self) }
        hit("drop-cascade", ["statement": words.joined(separator: " ").split(separator: " . ").joined(separator: ".")])
    }

    private mutating func checkChange(_ column: String, to type: ColumnType, hasUsing: Bool, _ table: QualifiedName) {
        if !hasUsing, let old = context.columnTypes[table]?[column], old.keepsValues(as: type) { return }
        hit(
            "change-column-type",
            [
                "table": table.sql, "column": QualifiedName.quoted(column), "type": type.text,
                "new": QualifiedName.quoted("\(column)_new"),
            ]
        )
    }
}

extension TableAction {
    /// Takes ACCESS EXCLUSIVE (manual, ALTER TABLE).
    fileprivate var stopsReaders: Bool {
        switch self {
        case .validateConstraint, .disableTrigger: false
        case .addConstraint(let constraint): constraint.kind != .foreignKey
        case .detachPartition(_, let isConcurrent): !isConcurrent
        case .other(let word): !["SET", "RESET", "ATTACH", "CLUSTER", "ENABLE"].contains(word)
        default: true
        }
    }
}

extension ColumnType {
    /// The values on disk serve as the other type's: the server changes its catalogue only.
    func keepsValues(as new: ColumnType) -> Bool {
        guard isArray == new.isArray else { return false }
        switch (name, new.name) {
        case ("varchar", "text"): return true
        case ("text", "varchar"): return new.arguments.isEmpty
        case ("varchar", "varchar"), ("varbit", "varbit"):
            guard let length = new.arguments.first else { return true }
            return arguments.first.map { $0 <= length } ?? false
        case ("numeric", "numeric"):
            guard let precision = new.arguments.first else { return true }
            let scales = (arguments.dropFirst().first ?? 0, new.arguments.dropFirst().first ?? 0)
            return scales.0 == scales.1 && arguments.first.map { $0 <= precision } ?? false
        default: return name == new.name && arguments == new.arguments
        }
    }
}
