package import CygniModel
package import FoundationEssentials

/// A type whose arrays can be bound and read.
package protocol PostgresArrayElement: PostgresBindable, PostgresDecodable {
    /// The element's name in `pg_type`; it must be one the wire form of ``PostgresBindable`` agrees with.
    static var postgresElementName: String { get }
}

extension Int: PostgresArrayElement { package static var postgresElementName: String { "int8" } }
extension Int32: PostgresArrayElement { package static var postgresElementName: String { "int4" } }
extension Double: PostgresArrayElement { package static var postgresElementName: String { "float8" } }
extension Bool: PostgresArrayElement { package static var postgresElementName: String { "bool" } }
extension String: PostgresArrayElement { package static var postgresElementName: String { "text" } }
extension UUID: PostgresArrayElement { package static var postgresElementName: String { "uuid" } }
extension Timestamp: PostgresArrayElement { package static var postgresElementName: String { "timestamptz" } }

private let elementTypes: [String: PostgresType] = [
    "int8": .int8, "int4": .int4, "float8": .float8, "bool": .bool, "text": .text, "uuid": .uuid,
    "timestamptz": .timestamptz,
]

extension Array: PostgresBindable where Element: PostgresArrayElement {
    /// The binary form of a one-dimensional array (`array_send`): dimensions, null flag, element type, then per
    /// dimension its length and lower bound, then each element with its length.
    package var postgresBind: Bind {
        guard let element = elementTypes[Element.postgresElementName], let arrayType = element.array else {
            preconditionFailure("arrays of \(Element.postgresElementName) have no known OID")
        }
        var bytes = Int32(isEmpty ? 0 : 1).wireBytes + Int32(0).wireBytes + element.rawValue.wireBytes
        if !isEmpty { bytes += Int32(count).wireBytes + Int32(1).wireBytes }
        for value in self {
            let payload = value.postgresBind.bytes ?? []
            bytes += Int32(payload.count).wireBytes + payload
        }
        return Bind(type: arrayType, isBinary: true, bytes: bytes)
    }
}

extension Array: PostgresDecodable where Element: PostgresDecodable {
    /// Reads a one-dimensional array; an element that is NULL needs `[T?]`.
    package init(cell: Cell) throws {
        var reader = WireReader(try cell.required())
        let dimensions = try reader.integer(Int32.self, of: cell)
        _ = try reader.integer(Int32.self, of: cell)
        let elementType = try reader.integer(UInt32.self, of: cell)
        guard dimensions > 0 else {
            self = []
            return
        }
        guard dimensions == 1 else { throw cell.unreadable(as: "a one-dimensional array") }
        let count = try reader.integer(Int32.self, of: cell)
        _ = try reader.integer(Int32.self, of: cell)
        self = try (0..<Int(count)).map { _ in
            let length = try reader.integer(Int32.self, of: cell)
            let bytes = length < 0 ? nil : try reader.bytes(Int(length), of: cell)
            return try Element(
                cell: Cell(column: cell.column, type: elementType, bytes: bytes, statement: cell.statement)
            )
        }
    }
}

/// Takes big-endian numbers and byte runs off the front of a buffer.
struct WireReader {
    private var rest: UnsafeRawBufferPointer.SubSequence

    init(_ buffer: UnsafeRawBufferPointer) {
        rest = buffer[...]
    }

    mutating func integer<Number: FixedWidthInteger>(_: Number.Type, of cell: Cell) throws -> Number {
        let bytes = try bytes(MemoryLayout<Number>.size, of: cell)
        return Number(bigEndian: bytes.loadUnaligned(as: Number.self))
    }

    mutating func bytes(_ count: Int, of cell: Cell) throws -> UnsafeRawBufferPointer {
        guard count >= 0, rest.count >= count else { throw cell.unreadable(as: "a complete value") }
        defer { rest = rest.dropFirst(count) }
        return UnsafeRawBufferPointer(rebasing: rest.prefix(count))
    }
}
