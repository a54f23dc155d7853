import CPostgres
import CygniModel

/// The rows of one result, read in place; nothing is copied until a value is asked for.
///
/// Not Sendable: it lives and ends inside one access to the connection.
package final class Rows: RandomAccessCollection {
    private let result: OpaquePointer
    private let statement: String
    /// Their names, in their order.
    let columns: [String]
    /// The same as JSON, each with its colon.
    private(set) lazy var memberNames = columns.map { JSONValue.string($0).utf8 + [UInt8(ascii: ":")] }
    /// The column after the one that was read last: most are read in their order.
    private var next = 0

    /// How many rows the command wrote (INSERT, UPDATE, DELETE, COPY …) or returned.
    package let affected: Int

    init(_ result: OpaquePointer, statement: String) {
        self.result = result
        self.statement = statement
        // The columns of a COPY have no names.
        columns = (0..<PQnfields(result)).map { index in PQfname(result, index).map { String(cString: $0) } ?? "" }
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

    func cell(_ row: Int32, at place: Int) -> Cell {
        let column = Int32(place)
        let bytes: UnsafeRawBufferPointer? =
            PQgetisnull(result, row, column) == 1
            ? nil
            : UnsafeRawBufferPointer(
                start: PQgetvalue(result, row, column),
                count: Int(PQgetlength(result, row, column))
            )
        return Cell(type: PQftype(result, column), bytes: bytes)
    }

    fileprivate func place(of name: String) throws -> Int {
        if next >= columns.count { next = 0 }
        if columns.isEmpty || columns[next] != name {
            guard let found = columns.firstIndex(of: name) else {
                throw PostgresError(.client, "the result has no column '\(name)'", statement: statement)
            }
            next = found
        }
        defer { next += 1 }
        return next
    }

    /// The error as whoever reads the rows gets it.
    func told(_ error: any Error, _ column: String) -> any Error {
        guard let fault = error as? CellFault else { return error }
        let words =
            switch fault {
            case .null: "column '\(column)' is null"
            case .unreadable(let type, let wanted): "column '\(column)' (type OID \(type)) cannot be read as \(wanted)"
            }
        return PostgresError(.client, words, statement: statement)
    }
}

/// One row of a result.
package struct Row {
    let rows: Rows
    let index: Int32

    /// The value of a column; `T?` for one that may be NULL.
    ///
    /// - Throws: ``PostgresError`` of kind `client` when the column is missing, NULL, or of another type.
    package func get<Value: PostgresDecodable>(_ column: String, as type: Value.Type = Value.self) throws -> Value {
        let cell = rows.cell(index, at: try rows.place(of: column))
        do {
            return try Value(cell: cell)
        } catch {
            throw rows.told(error, column)
        }
    }
}
