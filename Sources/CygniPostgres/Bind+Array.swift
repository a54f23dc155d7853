package import CygniModel
package import FoundationEssentials

/// A type whose arrays can be bound and read. NULL among them needs `[T?]`.
package protocol PostgresArrayElement: PostgresDecodable, Sendable {
    static var postgresElementType: PostgresType { get }
    /// The binary form; nil is NULL.
    var postgresElementBytes: [UInt8]? { get }
}

extension PostgresArrayElement where Self: PostgresBindable {
    package var postgresElementBytes: [UInt8]? { postgresBind.bytes }
}

extension Int: PostgresArrayElement { package static var postgresElementType: PostgresType { .int8 } }
extension Int64: PostgresArrayElement { package static var postgresElementType: PostgresType { .int8 } }
extension Int32: PostgresArrayElement { package static var postgresElementType: PostgresType { .int4 } }
extension Double: PostgresArrayElement { package static var postgresElementType: PostgresType { .float8 } }
extension Bool: PostgresArrayElement { package static var postgresElementType: PostgresType { .bool } }
extension String: PostgresArrayElement { package static var postgresElementType: PostgresType { .text } }
extension UUID: PostgresArrayElement { package static var postgresElementType: PostgresType { .uuid } }
extension Timestamp: PostgresArrayElement { package static var postgresElementType: PostgresType { .timestamptz } }
extension CivilDate: PostgresArrayElement { package static var postgresElementType: PostgresType { .date } }
extension Bytes: PostgresArrayElement { package static var postgresElementType: PostgresType { .bytea } }

extension JSONText: PostgresArrayElement {
    package static var postgresElementType: PostgresType { .jsonb }
    /// A version number, then the text (`jsonb_recv`).
    package var postgresElementBytes: [UInt8]? { [1] + Array(text.utf8) }
}

extension Optional: PostgresArrayElement where Wrapped: PostgresArrayElement {
    package static var postgresElementType: PostgresType { Wrapped.postgresElementType }
    package var postgresElementBytes: [UInt8]? { flatMap(\.postgresElementBytes) }
}

extension Array: PostgresBindable where Element: PostgresArrayElement {
    /// The binary form of a one-dimensional array (`array_send`): dimensions, null flag, element type, then per
    /// dimension its length and lower bound, then each element with its length, -1 for NULL.
    package var postgresBind: Bind {
        let element = Element.postgresElementType
        guard let arrayType = element.array else {
            preconditionFailure("arrays of \(element) have no known OID")
        }
        let payloads = map(\.postgresElementBytes)
        let hasNull: Int32 = payloads.contains { $0 == nil } ? 1 : 0
        var bytes = Int32(isEmpty ? 0 : 1).wireBytes + hasNull.wireBytes + element.rawValue.wireBytes
        if !isEmpty { bytes += Int32(count).wireBytes + Int32(1).wireBytes }
        for payload in payloads {
            bytes += payload.map { Int32($0.count).wireBytes + $0 } ?? Int32(-1).wireBytes
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
            return try Element(cell: Cell(type: elementType, bytes: bytes))
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
