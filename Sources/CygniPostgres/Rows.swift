import CPostgres
package import CygniModel
package import FoundationEssentials

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

/// One value as it came from the server, in binary form.
package struct Cell {
    let column: String
    let type: UInt32
    let bytes: UnsafeRawBufferPointer?
    let statement: String

    func required() throws -> UnsafeRawBufferPointer {
        guard let bytes else {
            throw PostgresError(.client, "column '\(column)' is null", statement: statement)
        }
        return bytes
    }

    func unreadable(as wanted: String) -> PostgresError {
        PostgresError(
            .client,
            "column '\(column)' (type OID \(type)) cannot be read as \(wanted)",
            statement: statement
        )
    }

    func integer<Number: FixedWidthInteger>(_: Number.Type, allowed: PostgresType...) throws -> Number {
        let buffer = try required()
        guard allowed.contains(where: { $0.rawValue == type }), buffer.count == MemoryLayout<Number>.size else {
            throw unreadable(as: "\(Number.self)")
        }
        return Number(bigEndian: buffer.loadUnaligned(as: Number.self))
    }
}

/// A value that can be read from a column.
package protocol PostgresDecodable {
    init(cell: Cell) throws
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    package init(cell: Cell) throws {
        self = cell.bytes == nil ? nil : try Wrapped(cell: cell)
    }
}

extension Int: PostgresDecodable {
    /// Reads `int2`, `int4`, `int8` and `oid`.
    package init(cell: Cell) throws {
        self =
            switch PostgresType(rawValue: cell.type) {
            case .int2: Int(try cell.integer(Int16.self, allowed: .int2))
            case .int4: Int(try cell.integer(Int32.self, allowed: .int4))
            case .oid: Int(try cell.integer(UInt32.self, allowed: .oid))
            default: Int(try cell.integer(Int64.self, allowed: .int8, .xid8))
            }
    }
}

extension Int32: PostgresDecodable {
    package init(cell: Cell) throws {
        self = try cell.integer(Int32.self, allowed: .int4)
    }
}

extension Double: PostgresDecodable {
    /// Reads `float8` and `float4`.
    package init(cell: Cell) throws {
        if cell.type == PostgresType.float4.rawValue {
            self = Double(Float(bitPattern: try cell.integer(UInt32.self, allowed: .float4)))
        } else {
            self.init(bitPattern: try cell.integer(UInt64.self, allowed: .float8))
        }
    }
}

extension Bool: PostgresDecodable {
    package init(cell: Cell) throws {
        self = try cell.integer(UInt8.self, allowed: .bool) != 0
    }
}

extension String: PostgresDecodable {
    /// Reads every type whose binary form is its text, `numeric`'s and `uuid`'s readable forms, and `jsonb`.
    package init(cell: Cell) throws {
        let buffer = try cell.required()
        switch PostgresType(rawValue: cell.type) {
        case .jsonb: self.init(decoding: buffer.dropFirst(), as: UTF8.self)
        case .numeric: self = try numericText(cell)
        case .uuid: self = try UUID(cell: cell).uuidString.lowercased()
        case .bool, .bytea, .int2, .int4, .int8, .oid, .float4, .float8, .date, .timestamptz, .xid8:
            throw cell.unreadable(as: "text")
        default: self.init(decoding: buffer, as: UTF8.self)
        }
    }
}

extension UUID: PostgresDecodable {
    package init(cell: Cell) throws {
        let buffer = try cell.required()
        guard cell.type == PostgresType.uuid.rawValue, buffer.count == 16 else { throw cell.unreadable(as: "UUID") }
        self.init(uuid: buffer.loadUnaligned(as: uuid_t.self))
    }
}

extension Timestamp: PostgresDecodable {
    /// Reads `timestamptz`; `infinity` is refused, as it has no place on a calendar.
    package init(cell: Cell) throws {
        let count = try cell.integer(Int64.self, allowed: .timestamptz)
        guard count != .max, count != .min else { throw cell.unreadable(as: "a finite timestamp") }
        self.init(microseconds: count + postgresEpoch)
    }
}

extension CivilDate: PostgresDecodable {
    package init(cell: Cell) throws {
        let days = try cell.integer(Int32.self, allowed: .date)
        guard days != .max, days != .min else { throw cell.unreadable(as: "a finite date") }
        self.init(daysSinceEpoch: Int(days) + 10_957)
    }
}

extension Bytes: PostgresDecodable {
    package init(cell: Cell) throws {
        let buffer = try cell.required()
        guard cell.type == PostgresType.bytea.rawValue else { throw cell.unreadable(as: "bytea") }
        self.init(Array(buffer))
    }
}

extension JSONText: PostgresDecodable {
    package init(cell: Cell) throws {
        self.init(try String(cell: cell))
    }
}

extension NumericText: PostgresDecodable {
    package init(cell: Cell) throws {
        self.init(try numericText(cell))
    }
}
