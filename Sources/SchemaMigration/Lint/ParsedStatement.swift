/// A statement as far as the rules ask about it.
enum ParsedStatement: Sendable {
    case createTable(TableDefinition)
    /// With data: the query runs at once.
    case createTableAs(QualifiedName)
    case createIndex(IndexDefinition)
    case alterTable(QualifiedName, [TableAction])
    case renameTable(QualifiedName, to: String)
    case renameColumn(QualifiedName, from: String, to: String)
    case setSchema(QualifiedName, String)
    case addEnumValue(QualifiedName, String)
    case drop(DropDefinition)
    /// `names` is empty for a whole schema or database.
    case reindex(String, QualifiedName?, isConcurrent: Bool)
    case truncate([QualifiedName], isCascade: Bool)
    case vacuum([QualifiedName], isFull: Bool)
    case cluster(QualifiedName?)
    case lock([QualifiedName], mode: String)
    case refresh(QualifiedName, isConcurrent: Bool)
    case update(QualifiedName, hasCondition: Bool)
    case delete(QualifiedName, hasCondition: Bool)
    case insert(QualifiedName, fromQuery: Bool)
    case set(String, value: String)
    case createTrigger(String, QualifiedName)
    case comment
    /// Not a statement the rules know: no finding.
    case other
}

/// `CREATE TABLE` with its columns.
struct TableDefinition: Sendable {
    var name: QualifiedName
    var isTemporary = false
    var ifNotExists = false
    /// Takes its columns or its keys from elsewhere: PARTITION OF, OF, LIKE, INHERITS.
    var isDerived = false
    var columns: [ColumnDefinition] = []
    var constraints: [ConstraintDefinition] = []
}

struct ColumnDefinition: Sendable {
    var name: String
    var type: ColumnType
    var isNotNull = false
    var isIdentity = false
    var isGenerated = false
    var isPrimaryKey = false
    var isUnique = false
    /// `CHECK (…)`
    var check: String?
    var references: QualifiedName?
    /// The expression's pieces and its text.
    var defaultValue: SQLExpression?
    /// The column's definition from its name on.
    var text: String
}

struct SQLExpression: Sendable {
    var pieces: [SQLPiece]
    var text: String
}

/// A type's name in lower case without its schema, and how it is written.
struct ColumnType: Sendable {
    var name: String
    var arguments: [Int]
    var text: String
    var isArray: Bool
}

struct ConstraintDefinition: Sendable {
    enum Kind: Sendable {
        case primaryKey, unique, check, foreignKey, exclude, notNull, other
    }

    var kind: Kind
    var name: String?
    var columns: [String] = []
    var references: QualifiedName?
    var isNotValid = false
    /// `UNIQUE USING INDEX i`
    var usesIndex = false
    /// A column that a CHECK says is not null, when that is all it says.
    var checksNotNull: String?
    /// The text behind `CONSTRAINT name`.
    var text: String
}

struct IndexDefinition: Sendable {
    var name: QualifiedName?
    var table: QualifiedName
    var isUnique: Bool
    var isConcurrent: Bool
    var ifNotExists: Bool
    /// The text from the table's name on.
    var text: String
}

struct DropDefinition: Sendable {
    /// `TABLE`, `INDEX`, `MATERIALIZED VIEW`
    var kind: String
    var names: [QualifiedName]
    var isConcurrent: Bool
    var ifExists: Bool
    var isCascade: Bool
}

/// One action in the list of an `ALTER TABLE`.
enum TableAction: Sendable {
    case addColumn(ColumnDefinition, ifNotExists: Bool)
    case addConstraint(ConstraintDefinition)
    case validateConstraint(String)
    case dropColumn(String, ifExists: Bool, isCascade: Bool)
    case dropConstraint(String, isCascade: Bool)
    case setNotNull(String)
    case changeType(String, ColumnType, hasUsing: Bool)
    /// `SET TABLESPACE x`, `SET LOGGED`, `SET ACCESS METHOD x`
    case changeStorage(String)
    case disableTrigger(String)
    case disableRowSecurity
    case detachPartition(QualifiedName, isConcurrent: Bool)
    case other(String)
}
