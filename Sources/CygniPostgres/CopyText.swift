/// The text format of COPY (manual, COPY, "Text Format"): fields parted by tabs, rows by newlines.
package enum CopyText {
    /// Adds a row to a buffer that then goes to ``CopyWriter/write(_:)``; nil is NULL.
    package static func appendRow(_ fields: [String?], to buffer: inout [UInt8]) {
        for (index, field) in fields.enumerated() {
            if index > 0 { buffer.append(UInt8(ascii: "\t")) }
            appendField(field, to: &buffer)
        }
        buffer.append(UInt8(ascii: "\n"))
    }

    /// Adds one field, escaped; nil is NULL.
    package static func appendField(_ field: String?, to buffer: inout [UInt8]) {
        guard let field else {
            buffer += [UInt8(ascii: "\\"), UInt8(ascii: "N")]
            return
        }
        for byte in field.utf8 {
            if let letter = escapes(byte) {
                buffer.append(UInt8(ascii: "\\"))
                buffer.append(letter)
            } else {
                buffer.append(byte)
            }
        }
    }

    private static func escapes(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "\\"): UInt8(ascii: "\\")
        case UInt8(ascii: "\t"): UInt8(ascii: "t")
        case UInt8(ascii: "\n"): UInt8(ascii: "n")
        case UInt8(ascii: "\r"): UInt8(ascii: "r")
        default: nil
        }
    }
}
