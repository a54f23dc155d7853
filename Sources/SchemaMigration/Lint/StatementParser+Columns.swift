extension StatementParser {
    /// `name type [constraint …]`, up to a comma.
    mutating func columnDefinition() -> ColumnDefinition? {
        let start = cursor.index
        guard let name = cursor.identifier(), let type = columnType() else { return nil }
        var column = ColumnDefinition(name: name, type: type, text: "")
        while !cursor.isAtEnd, !cursor.seesSign(","), !cursor.seesSign(")") { columnConstraint(&column) }
        column.text = cursor.text(from: start)
        return column
    }

    private mutating func columnConstraint(_ column: inout ColumnDefinition) {
        if cursor.take("NOT", "NULL") {
            column.isNotNull = true
        } else if cursor.take("PRIMARY", "KEY") {
            column.isPrimaryKey = true
        } else if cursor.take("UNIQUE") {
            column.isUnique = true
        } else if cursor.take("CHECK") {
            let check = cursor.index - 1
            cursor.skip()
            column.check = cursor.text(from: check)
        } else if cursor.take("REFERENCES") {
            column.references = cursor.qualifiedName()
        } else if cursor.take("DEFAULT") {
            column.defaultValue = expression()
        } else if cursor.take("GENERATED") {
            generated(&column)
        } else if cursor.take("ON", "DELETE", "SET") || cursor.take("ON", "UPDATE", "SET") {
            // A foreign key's NULL and DEFAULT are none of the column's.
            cursor.skip()
        } else {
            cursor.skip()
        }
    }

    /// `ALWAYS AS (…) STORED`, `BY DEFAULT AS IDENTITY`
    private mutating func generated(_ column: inout ColumnDefinition) {
        if !cursor.take("ALWAYS") { _ = cursor.take("BY", "DEFAULT") }
        guard cursor.take("AS") else { return }
        if cursor.take("IDENTITY") {
            column.isIdentity = true
            return
        }
        cursor.skip()
        column.isGenerated = cursor.take("STORED")
    }

    /// A default's expression: up to a comma or the next constraint's keyword.
    private mutating func expression() -> SQLExpression {
        let start = cursor.index
        repeat { cursor.skip() } while !cursor.isAtEnd && !endsExpression()
        return SQLExpression(pieces: Array(cursor.pieces[start..<cursor.index]), text: cursor.text(from: start))
    }

    private func endsExpression() -> Bool {
        cursor.seesSign(",") || cursor.seesSign(")") || cursor.sees("NOT", "NULL") || cursor.sees("PRIMARY", "KEY")
            || ["NULL", "UNIQUE", "CHECK", "REFERENCES", "CONSTRAINT", "GENERATED", "COLLATE"].contains {
                cursor.sees($0)
            }
    }

    /// `pg_catalog.varchar(20)[]`, `double precision`, `timestamp (3) with time zone`
    mutating func columnType() -> ColumnType? {
        let start = cursor.index
        _ = cursor.take("SETOF")
        guard var name = cursor.qualifiedName()?.last else { return nil }
        if name == "double", cursor.take("PRECISION") { name = "double precision" }
        if name == "character" || name == "char" || name == "bit", cursor.take("VARYING") { name += " varying" }
        if name == "national" { name = cursor.identifier() ?? name }
        var arguments: [Int] = []
        if cursor.seesSign("(") {
            let open = cursor.index
            cursor.skip()
            arguments = cursor.pieces[open..<cursor.index].compactMap { Int($0.text) }
        }
        if name == "timestamp" || name == "time" {
            if cursor.take("WITH", "TIME", "ZONE") { name += "tz" } else { _ = cursor.take("WITHOUT", "TIME", "ZONE") }
        }
        let isArray = cursor.seesSign("[") || cursor.sees("ARRAY")
        while cursor.seesSign("[") || cursor.sees("ARRAY") { cursor.skip() }
        let text = cursor.text(from: start)
        return ColumnType(name: Self.canonical[name] ?? name, arguments: arguments, text: text, isArray: isArray)
    }

    private static let canonical = [
        "character varying": "varchar", "char varying": "varchar", "character": "char", "bpchar": "char",
        "int4": "integer", "int": "integer",
        "int8": "bigint", "int2": "smallint", "serial4": "serial", "serial8": "bigserial", "serial2": "smallserial",
        "decimal": "numeric", "bit varying": "varbit",
    ]

    /// A table's constraint, with or without `CONSTRAINT name`; nil, and nothing taken, when it is none.
    mutating func constraint() -> ConstraintDefinition? {
        let before = cursor.index
        var name: String?
        if cursor.take("CONSTRAINT") { name = cursor.identifier() }
        let start = cursor.index
        var constraint = ConstraintDefinition(kind: .other, name: name, text: "")
        if cursor.take("PRIMARY", "KEY") {
            key(&constraint, .primaryKey)
        } else if cursor.take("UNIQUE"),
            name != nil || cursor.seesSign("(") || cursor.sees("USING") || cursor.sees("NULLS")
        {
            key(&constraint, .unique)
        } else if cursor.take("CHECK"), cursor.seesSign("(") {
            constraint.kind = .check
            constraint.checksNotNull = checksNotNull()
            cursor.skip()
        } else if cursor.take("FOREIGN", "KEY") {
            constraint.kind = .foreignKey
            constraint.columns = cursor.parenthesizedNames()
            if cursor.take("REFERENCES") { constraint.references = cursor.qualifiedName() }
        } else if cursor.take("EXCLUDE"), cursor.seesSign("(") || cursor.sees("USING") {
            constraint.kind = .exclude
        } else if cursor.take("NOT", "NULL") {
            constraint.kind = .notNull
            constraint.columns = cursor.identifier().map { [$0] } ?? []
        } else {
            cursor.index = before
            return nil
        }
        while !cursor.isAtEnd, !cursor.seesSign(","), !cursor.seesSign(")") {
            if cursor.take("NOT", "VALID") { constraint.isNotValid = true } else { cursor.skip() }
        }
        constraint.text = cursor.text(from: start)
        return constraint
    }

    private mutating func key(_ constraint: inout ConstraintDefinition, _ kind: ConstraintDefinition.Kind) {
        constraint.kind = kind
        constraint.usesIndex = cursor.sees("USING", "INDEX") && !cursor.sees("USING", "INDEX", "TABLESPACE")
        while !constraint.usesIndex, !cursor.isAtEnd, !cursor.seesSign("("), !cursor.seesSign(",") { cursor.skip() }
        if cursor.seesSign("(") { constraint.columns = cursor.parenthesizedNames() }
    }

    /// `(column IS NOT NULL)`, in any number of parentheses.
    private func checksNotNull() -> String? {
        var inside = cursor
        while inside.takeSign("(") {}
        guard let column = inside.identifier(), inside.take("IS", "NOT", "NULL"), inside.seesSign(")") else {
            return nil
        }
        return column
    }
}
