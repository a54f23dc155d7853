extension StatementCheck {
    mutating func checkNewColumn(_ column: ColumnDefinition, _ table: QualifiedName) {
        var names = ["table": table.sql, "column": QualifiedName.quoted(column.name), "type": column.type.text]
        let isNumbered = column.isIdentity || ["serial", "bigserial", "smallserial"].contains(column.type.name)
        if isNumbered {
            names["sequence"] = QualifiedName(parts: table.parts.dropLast() + ["\(table.last)_\(column.name)_seq"]).sql
            hit("add-column-serial", names)
        }
        if column.isGenerated { hit("add-column-stored-generated", names) }
        if let value = column.defaultValue, value.mayBeVolatile {
            names["default"] = value.text
            hit("add-column-volatile-default", names)
        }
        let isEmpty = column.defaultValue == nil || column.defaultValue?.isNull == true
        if column.isNotNull || column.isPrimaryKey, isEmpty, !isNumbered, !column.isGenerated {
            names["value"] = column.type.zero
            hit("add-column-not-null", names)
        }
        if column.isPrimaryKey { addKey("add-primary-key-without-index", nil, [column.name], table, "pkey") }
        if column.isUnique { addKey("add-unique-without-index", nil, [column.name], table, "key") }
        if let check = column.check { add("add-check-without-not-valid", nil, check, [column.name], table, "check") }
        if let other = column.references {
            let definition = "FOREIGN KEY (\(QualifiedName.quoted(column.name))) REFERENCES \(other.sql)"
            add("add-foreign-key-without-not-valid", nil, definition, [column.name], table, "fkey")
        }
    }

    mutating func checkConstraint(_ constraint: ConstraintDefinition, _ table: QualifiedName) {
        let (name, columns) = (constraint.name, constraint.columns)
        switch constraint.kind {
        case .primaryKey where !constraint.usesIndex:
            addKey("add-primary-key-without-index", name, columns, table, "pkey")
        case .unique where !constraint.usesIndex:
            addKey("add-unique-without-index", name, columns, table, "key")
        case .check where !constraint.isNotValid:
            add("add-check-without-not-valid", name, constraint.text, columns, table, "check")
        case .foreignKey where !constraint.isNotValid:
            // Both ends are empty when the one that refers is; the other end may be anything.
            add("add-foreign-key-without-not-valid", name, constraint.text, columns, table, "fkey")
        case .exclude: add("add-exclusion-constraint", name, constraint.text, columns, table, "excl")
        default: break
        }
    }

    private mutating func addKey(
        _ code: String,
        _ name: String?,
        _ columns: [String],
        _ table: QualifiedName,
        _ suffix: String
    ) {
        let list = columns.map(QualifiedName.quoted).joined(separator: ", ")
        hit(code, named(name, columns, table, suffix).merging(["columns": list]) { $1 })
    }

    private mutating func add(
        _ code: String,
        _ name: String?,
        _ definition: String,
        _ columns: [String],
        _ table: QualifiedName,
        _ suffix: String
    ) {
        let new = QualifiedName(parts: table.parts.dropLast() + ["\(table.last)_new"]).sql
        hit(code, named(name, columns, table, suffix).merging(["definition": definition, "new": new]) { $1 })
    }

    /// The server's own way to name a constraint that has no name.
    private func named(
        _ name: String?,
        _ columns: [String],
        _ table: QualifiedName,
        _ suffix: String
    ) -> [String: String] {
        let parts = suffix == "pkey" ? [table.last, suffix] : [table.last] + columns + [suffix]
        return ["table": table.sql, "name": QualifiedName.quoted(name ?? parts.joined(separator: "_"))]
    }
}

extension SQLExpression {
    var isNull: Bool { pieces.count == 1 && pieces[0].text == "NULL" }

    /// Calls a function that is not known to give one value for all rows.
    var mayBeVolatile: Bool {
        zip(pieces, pieces.dropFirst()).contains { piece, next in
            next.kind == .sign && next.text == "("
                && piece.name.map { !Self.steady.contains($0.lowercased()) } == true
        }
    }

    /// Immutable and stable functions that stand in defaults, and types and keywords with a parenthesis behind.
    private static let steady: Set = [
        "now", "transaction_timestamp", "statement_timestamp", "current_timestamp", "localtimestamp", "current_time",
        "localtime", "current_setting", "current_database", "current_schema", "to_timestamp", "to_date", "date_trunc",
        "date",
        "make_date", "make_interval", "make_timestamptz", "timezone", "extract", "lower", "upper", "md5", "concat",
        "format", "left", "right", "substr", "substring", "replace", "trim", "length", "abs", "round", "floor", "ceil",
        "greatest", "least", "coalesce", "nullif", "jsonb_build_object", "jsonb_build_array", "json_build_object",
        "to_jsonb", "array_fill", "decode", "encode", "sha256", "cast", "row", "array", "numeric", "decimal",
        "varchar", "char", "character", "varying", "bit", "timestamp", "timestamptz", "time", "timetz", "interval",
        "float", "and", "or", "not", "in",
    ]
}

extension ColumnType {
    /// A value that the type surely has, to be put right by a person.
    var zero: String {
        if isArray { return "'{}'" }
        return switch name {
        case "integer", "bigint", "smallint", "numeric", "real", "double precision", "float", "money": "0"
        case "boolean", "bool": "false"
        case "text", "varchar", "char", "citext", "bytea": "''"
        case "json", "jsonb": "'{}'"
        case "timestamptz", "timestamp", "date": "now()"
        default: "<value>"
        }
    }
}
