/// What a rule saw, before it is known whether somebody ignores it.
struct LintHit {
    var code: String
    var names: [String: String]
}

/// What the statements before this one in the section did.
struct LintContext {
    let isTransactional: Bool
    /// Several statements without a transaction: a failure leaves some of them done.
    let needsRepeatableSteps: Bool
    /// Tables that a later statement gives their primary key.
    var keyedLater: [QualifiedName] = []
    /// The types of columns as earlier files made them, by table.
    var columnTypes: [QualifiedName: [String: ColumnType]] = [:]
    /// Made earlier in the section: empty, and nobody else sees them yet.
    var newTables: [QualifiedName] = []
    var newIndexes: [QualifiedName] = []
    var newTypes: [QualifiedName] = []
    /// Tables whose NOT NULL a CHECK of this section says, once it is validated.
    var checkedNotNull: [(table: QualifiedName, constraint: String?, column: String, isValid: Bool)] = []
    var notValidConstraints: [(table: QualifiedName, name: String)] = []
    var enumValues: [(type: QualifiedName, value: String)] = []
    /// The first table that was locked against readers, and by which action.
    var locked: (table: QualifiedName, action: String)?

    func isNew(_ table: QualifiedName) -> Bool {
        newTables.contains { $0.mayBe(table) }
    }
}

extension LintContext {
    /// Takes in what a statement did.
    mutating func note(_ parsed: ParsedStatement, _ statement: SQLStatement) {
        switch parsed {
        case .createTable(let table):
            if !table.ifNotExists { newTables.append(table.name) }
            for column in table.columns { columnTypes[table.name, default: [:]][column.name] = column.type }
        case .createTableAs(let name): newTables.append(name)
        case .createIndex(let index):
            if let name = index.name { newIndexes.append(name) }
        case .addEnumValue(let type, let value):
            if !newTypes.contains(where: { $0.mayBe(type) }) { enumValues.append((type, value)) }
        case .renameTable(let table, let new) where isNew(table):
            newTables.append(QualifiedName(parts: table.parts.dropLast() + [new]))
        case .alterTable(let table, let actions):
            for action in actions { note(action, table) }
        case .other where statement.words.prefix(2) == ["CREATE", "TYPE"]:
            var cursor = SQLCursor(statement.text)
            cursor.index = 2
            if let name = cursor.qualifiedName() { newTypes.append(name) }
        default: break
        }
    }

    private mutating func note(_ action: TableAction, _ table: QualifiedName) {
        switch action {
        case .addColumn(let column, _): columnTypes[table, default: [:]][column.name] = column.type
        case .changeType(let column, let type, _): columnTypes[table, default: [:]][column] = type
        case .addConstraint(let constraint):
            if constraint.isNotValid, let name = constraint.name { notValidConstraints.append((table, name)) }
            if let column = constraint.checksNotNull {
                checkedNotNull.append((table, constraint.name, column, !constraint.isNotValid))
            }
        case .validateConstraint(let name):
            for index in checkedNotNull.indices
            where checkedNotNull[index].constraint == name && checkedNotNull[index].table.mayBe(table) {
                checkedNotNull[index].isValid = true
            }
        default: break
        }
    }
}
