import CygniArchive

/// JSON's text (RFC 8259) of values that come a million at a time.
enum JSONWriting {
    /// A string of valid UTF-8 with its quotes; quotes, backslashes and control characters are escaped.
    static func append(text: UnsafeRawBufferPointer, to lines: LineBuffer) {
        lines.append(UInt8(ascii: "\""))
        var rest = text
        while true {
            let plain = plainPrefix(rest)
            if plain > 0 { lines.append(UnsafeRawBufferPointer(rebasing: rest[..<plain])) }
            guard plain < rest.count else { break }
            escape(rest[plain], to: lines)
            rest = UnsafeRawBufferPointer(rebasing: rest[(plain + 1)...])
        }
        lines.append(UInt8(ascii: "\""))
    }

    /// How many bytes at the front need no escape: eight at once, by the classic test for a byte below or equal to another
    /// in a word.
    private static func plainPrefix(_ text: UnsafeRawBufferPointer) -> Int {
        guard let base = text.baseAddress else { return 0 }
        let (ones, tops): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x8080_8080_8080_8080)
        func hasZero(_ word: UInt64) -> UInt64 { (word &- ones) & ~word & tops }
        var index = 0
        while index + 8 <= text.count {
            let word = base.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            let isControl = (word &- ones &* 0x20) & ~word & tops
            if isControl | hasZero(word ^ ones &* 0x22) | hasZero(word ^ ones &* 0x5c) != 0 { break }
            index += 8
        }
        while index < text.count {
            let byte = text[index]
            if byte < 0x20 || byte == 0x22 || byte == 0x5c { break }
            index += 1
        }
        return index
    }

    static func append(text: [UInt8], to lines: LineBuffer) {
        text.withUnsafeBytes { append(text: $0, to: lines) }
    }

    private static func escape(_ byte: UInt8, to lines: LineBuffer) {
        switch byte {
        case UInt8(ascii: "\""): lines.append("\\\"")
        case UInt8(ascii: "\\"): lines.append("\\\\")
        case 8: lines.append("\\b")
        case 9: lines.append("\\t")
        case 10: lines.append("\\n")
        case 12: lines.append("\\f")
        case 13: lines.append("\\r")
        default:
            lines.append("\\u00")
            lines.append(hexDigits[Int(byte >> 4)])
            lines.append(hexDigits[Int(byte & 15)])
        }
    }

    static func append(_ number: Int, to lines: LineBuffer) {
        lines.append(Array(String(number).utf8))
    }
}

private let hexDigits = Array("0123456789abcdef".utf8)

/// The text of a `uuid`.
enum UUIDText {
    /// With quotes.
    static func append(_ value: UnsafeRawBufferPointer, to lines: LineBuffer) {
        guard value.count == 16 else { return lines.append("null") }
        let target = lines.reserve(38)
        target[0] = UInt8(ascii: "\"")
        hexDigits.withUnsafeBufferPointer { digits in
            var index = 1
            for (position, byte) in value.enumerated() {
                if position == 4 || position == 6 || position == 8 || position == 10 {
                    target[index] = UInt8(ascii: "-")
                    index += 1
                }
                target[index] = digits[Int(byte >> 4)]
                target[index + 1] = digits[Int(byte & 15)]
                index += 2
            }
        }
        target[37] = UInt8(ascii: "\"")
        lines.advance(38)
    }

    static func text(_ value: UnsafeRawBufferPointer) -> String {
        let lines = LineBuffer(capacity: 64)
        append(value, to: lines)
        return String(decoding: lines.bytes.dropFirst().dropLast(), as: UTF8.self)
    }
}
