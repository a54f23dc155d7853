import CPostgres

/// The rows of one result, read in place; nothing is copied until a value is asked for.
///
/// Not Sendable: it lives and ends inside one access to the connection.
package final class Rows: RandomAccessCollection {
    private let result: OpaquePointer
    private let statement: String
    private let columns: [String: Int32]

    /// How many rows the command wrote (INSERT, UPDATE, DELETE, COPY …) or returned.
    package let affected: Int

    init(_ result: OpaquePointer, statement: String) {
        self.result = result
        self.statement = statement
        var columns: [String: Int32] = [:]
        for index in 0..<PQnfields(result) {
            columns[String(cString: PQfname(result, index))] = index
        }
        self.columns = columns
        affected = Int(String(cString: PQcmdTuples(result))) ?? 0
    }

    deinit {
        PQclear(result)
    }

    package var startIndex: Int { 0 }
    package var endIndex: Int { Int(PQntuples(result)) }

    package subscript(index: Int) -> Row {
        Row(rows: self, index: Int32(index))
    }

    fileprivate func cell(_ row: Int32, _ name: String) throws -> Cell {
        guard let column = columns[name] else {
            throw PostgresError(.client, "the result has no column '\(name)'", statement: statement)
        }
        let bytes: UnsafeRawBufferPointer? =
            PQgetisnull(result, row, column) == 1
            ? nil
            : UnsafeRawBufferPointer(
                start: PQgetvalue(result, row, column),
                count: Int(PQgetlength(result, row, column))
            )
        return Cell(column: name, type: PQftype(result, column), bytes: bytes, statement: statement)
    }
}

/// One row of a result.
package struct Row {
    fileprivate let rows: Rows
    fileprivate let index: Int32

    /// The value of a column; `T?` for one that may be NULL.
    ///
    /// - Throws: ``PostgresError`` of kind `client` when the column is missing, NULL, or of another type.
    package func get<Value: PostgresDecodable>(_ column: String, as type: Value.Type = Value.self) throws -> Value {
        try Value(cell: rows.cell(index, column))
    }
}
