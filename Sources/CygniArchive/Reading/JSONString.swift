/// The text that a JSON string stands for (RFC 8259, 7).
package enum JSONString {
    /// - Parameter value: a valid string with its quotes. Half of a surrogate pair becomes U+FFFD.
    package static func bytes(of value: UnsafeRawBufferPointer) -> [UInt8] {
        guard value.count >= 2 else { return [] }
        let text = UnsafeRawBufferPointer(rebasing: value[1..<value.count - 1])
        guard text.contains(UInt8(ascii: "\\")) else { return Array(text) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            guard text[index] == UInt8(ascii: "\\"), index + 1 < text.count else {
                bytes.append(text[index])
                index += 1
                continue
            }
            let escape = text[index + 1]
            index += 2
            switch escape {
            case UInt8(ascii: "n"): bytes.append(10)
            case UInt8(ascii: "t"): bytes.append(9)
            case UInt8(ascii: "r"): bytes.append(13)
            case UInt8(ascii: "b"): bytes.append(8)
            case UInt8(ascii: "f"): bytes.append(12)
            case UInt8(ascii: "u"): bytes += Array(String(scalar(text, &index)).utf8)
            default: bytes.append(escape)
            }
        }
        return bytes
    }

    /// The character that begins with the four digits at `index`, which goes behind it.
    private static func scalar(_ text: UnsafeRawBufferPointer, _ index: inout Int) -> Unicode.Scalar {
        guard index + 4 <= text.count, let first = HexDigits.codeUnit(text, index) else {
            index = text.count
            return "\u{FFFD}"
        }
        index += 4
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, index + 6 <= text.count, text[index] == UInt8(ascii: "\\"),
            text[index + 1] == UInt8(ascii: "u"), let second = HexDigits.codeUnit(text, index + 2),
            (0xDC00...0xDFFF).contains(second)
        else { return "\u{FFFD}" }
        index += 6
        return Unicode.Scalar(0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00)) ?? "\u{FFFD}"
    }
}

/// Hexadecimal digits.
enum HexDigits {
    /// The number that four of them make; `bytes` has as many.
    static func codeUnit(_ bytes: UnsafeRawBufferPointer, _ start: Int) -> UInt16? {
        var value: UInt16 = 0
        for index in start..<start + 4 {
            let digit: UInt8
            switch bytes[index] {
            case 48...57: digit = bytes[index] - 48
            case 65...70: digit = bytes[index] - 55
            case 97...102: digit = bytes[index] - 87
            default: return nil
            }
            value = value << 4 | UInt16(digit)
        }
        return value
    }
}
