package import CygniModel
package import FoundationEssentials

/// An array that is put together in its wire form, element by element: what many rows at a time are bound as.
package struct ArrayBuilder: Sendable, PostgresBindable {
    private let element: PostgresType
    package private(set) var count = 0
    private var hasNull = false
    private var elements: [UInt8] = []

    /// - Parameter element: one of those that have an array type.
    private init(_ element: PostgresType) { self.element = element }

    package static var times: ArrayBuilder { ArrayBuilder(.timestamptz) }
    package static var uuids: ArrayBuilder { ArrayBuilder(.uuid) }
    package static var texts: ArrayBuilder { ArrayBuilder(.text) }
    package static var documents: ArrayBuilder { ArrayBuilder(.jsonb) }
    package static var numbers: ArrayBuilder { ArrayBuilder(.float8) }

    /// Bytes on the wire, the array's head aside.
    package var size: Int { elements.count }

    /// Adds an element in its binary form.
    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        append(length: bytes.count)
        elements.append(contentsOf: bytes)
    }

    /// Adds a `jsonb` by its text: a version number leads (`jsonb_recv`).
    package mutating func append(document text: UnsafeRawBufferPointer) {
        append(length: text.count + 1)
        elements.append(1)
        elements.append(contentsOf: text)
    }

    package mutating func append(_ bytes: [UInt8]) { bytes.withUnsafeBytes { append($0) } }

    package mutating func append(_ value: UUID) { withUnsafeBytes(of: value.uuid) { append($0) } }

    package mutating func append(_ value: Double) { withUnsafeBytes(of: value.bitPattern.bigEndian) { append($0) } }

    /// A time within the server's range, which is that of four-digit years and more.
    package mutating func append(_ value: Timestamp) {
        withUnsafeBytes(of: (value.microseconds - postgresEpoch).bigEndian) { append($0) }
    }

    package mutating func appendNull() {
        append(length: -1)
        hasNull = true
    }

    /// Adds the elements of another one of the same type.
    package mutating func append(contentsOf other: ArrayBuilder) {
        precondition(element == other.element, "elements of \(other.element) among those of \(element)")
        elements += other.elements
        count += other.count
        hasNull = hasNull || other.hasNull
    }

    private mutating func append(length: Int) {
        withUnsafeBytes(of: Int32(length).bigEndian) { elements.append(contentsOf: $0) }
        count += 1
    }

    package var postgresBind: Bind {
        guard let type = element.array else { preconditionFailure("arrays of \(element) have no known OID") }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(elements.count + 20)
        bytes += Int32(count == 0 ? 0 : 1).wireBytes + Int32(hasNull ? 1 : 0).wireBytes + element.rawValue.wireBytes
        if count > 0 { bytes += Int32(count).wireBytes + Int32(1).wireBytes }
        bytes += elements
        return Bind(type: type, isBinary: true, bytes: bytes)
    }
}
