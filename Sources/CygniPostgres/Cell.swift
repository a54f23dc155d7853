/// One value as it came from the server, in binary form.
package struct Cell {
    let type: UInt32
    /// nil is NULL.
    let bytes: UnsafeRawBufferPointer?

    func required() throws -> UnsafeRawBufferPointer {
        guard let bytes else { throw CellFault.null }
        return bytes
    }

    func unreadable(as wanted: String) -> CellFault { .unreadable(type, wanted) }

    func integer<Number: FixedWidthInteger>(
        _: Number.Type,
        allowed: PostgresType,
        or other: PostgresType? = nil
    ) throws -> Number {
        let buffer = try required()
        guard type == allowed.rawValue || type == other?.rawValue, buffer.count == MemoryLayout<Number>.size else {
            throw unreadable(as: "\(Number.self)")
        }
        return Number(bigEndian: buffer.loadUnaligned(as: Number.self))
    }
}

/// Why a value cannot be had; the row knows of which column and statement.
enum CellFault: Error {
    case null
    /// The type's OID, and what it was to be.
    case unreadable(UInt32, String)
}
