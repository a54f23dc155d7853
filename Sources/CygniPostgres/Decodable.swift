package import CygniModel
package import FoundationEssentials

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
            default: Int(try cell.integer(Int64.self, allowed: .int8, or: .xid8))
            }
    }
}

extension Int16: PostgresDecodable {
    package init(cell: Cell) throws {
        self = try cell.integer(Int16.self, allowed: .int2)
    }
}

extension Int64: PostgresDecodable {
    /// Reads what `Int` reads.
    package init(cell: Cell) throws {
        self = Int64(try Int(cell: cell))
    }
}

extension Float: PostgresDecodable {
    package init(cell: Cell) throws {
        self.init(bitPattern: try cell.integer(UInt32.self, allowed: .float4))
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
    /// Reads every type whose binary form is its text (enums and citext among them), `numeric`'s and `uuid`'s readable
    /// forms, and `jsonb`. Other types are cast to text in the statement.
    package init(cell: Cell) throws {
        let buffer = try cell.required()
        switch PostgresType(rawValue: cell.type) {
        case .text, .varchar, .bpchar, .name, .char, .json: self.init(decoding: buffer, as: UTF8.self)
        case .jsonb: self.init(decoding: buffer.dropFirst(), as: UTF8.self)
        case .numeric: self = try numericText(cell)
        case .uuid: self = try UUID(cell: cell).text
        default:
            // Types of extensions and users have OIDs from 16384. Composite ones hold numbers, and so a NUL byte.
            guard cell.type >= 16_384 || Self.furtherTextTypes.contains(cell.type), !buffer.contains(0),
                let text = String(validating: buffer, as: UTF8.self)
            else { throw cell.unreadable(as: "text") }
            self = text
        }
    }

    /// `xml`, `unknown`, `cstring`.
    private static let furtherTextTypes: Set<UInt32> = [142, 705, 2275]
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
        let (microseconds, hasOverflowed) = count.addingReportingOverflow(postgresEpoch)
        guard !hasOverflowed else { throw cell.unreadable(as: "a timestamp in its range") }
        self.init(microseconds: microseconds)
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
