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
