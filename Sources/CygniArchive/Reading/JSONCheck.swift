/// Whether a line is one JSON object (RFC 8259), to the letter.
package struct JSONCheck {
    private let bytes: UnsafeRawBufferPointer
    private let rules: Rules
    private var index = 0

    /// What else is asked of it.
    package enum Rules: Sendable {
        case none
        /// What PostgreSQL's `jsonb` takes and gives back as it was: no U+0000, no half of a surrogate pair, no number that
        /// a double cannot hold. (`numeric` would write 1e100000 out, digit by digit.)
        case jsonb
    }

    /// Objects and arrays within each other; more is no log line.
    private static let deepest = 128

    package static func isObject(_ bytes: UnsafeRawBufferPointer, _ rules: Rules = .none) -> Bool {
        var check = JSONCheck(bytes: bytes, rules: rules)
        check.skipBlanks()
        guard check.peek == UInt8(ascii: "{"), check.value(0) else { return false }
        check.skipBlanks()
        return check.index == bytes.count
    }

    private init(bytes: UnsafeRawBufferPointer, rules: Rules) {
        (self.bytes, self.rules) = (bytes, rules)
    }

    private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func skipBlanks() {
        while index < bytes.count {
            let byte = bytes[index]
            guard byte == 0x20 || byte == 0x09 || byte == 0x0d || byte == 0x0a else { return }
            index += 1
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        index += 1
        return true
    }

    private mutating func value(_ depth: Int) -> Bool {
        switch peek {
        case UInt8(ascii: "{"): return depth < Self.deepest && object(depth)
        case UInt8(ascii: "["): return depth < Self.deepest && array(depth)
        case UInt8(ascii: "\""): return string()
        case UInt8(ascii: "t"): return word("true")
        case UInt8(ascii: "f"): return word("false")
        case UInt8(ascii: "n"): return word("null")
        default: return number()
        }
    }

    private mutating func object(_ depth: Int) -> Bool {
        index += 1
        skipBlanks()
        if take(UInt8(ascii: "}")) { return true }
        repeat {
            skipBlanks()
            guard peek == UInt8(ascii: "\""), string() else { return false }
            skipBlanks()
            guard take(UInt8(ascii: ":")) else { return false }
            skipBlanks()
            guard value(depth + 1) else { return false }
            skipBlanks()
        } while take(UInt8(ascii: ","))
        return take(UInt8(ascii: "}"))
    }

    private mutating func array(_ depth: Int) -> Bool {
        index += 1
        skipBlanks()
        if take(UInt8(ascii: "]")) { return true }
        repeat {
            skipBlanks()
            guard value(depth + 1) else { return false }
            skipBlanks()
        } while take(UInt8(ascii: ","))
        return take(UInt8(ascii: "]"))
    }

    private mutating func string() -> Bool {
        index += 1
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "\""):
                index += 1
                return true
            case UInt8(ascii: "\\"):
                guard escape() else { return false }
            case 0..<0x20: return false
            case 0x20..<0x80: index += 1
            default:
                guard let length = UTF8Check.sequence(bytes, index) else { return false }
                index += length
            }
        }
        return false
    }

    private mutating func escape() -> Bool {
        index += 1
        switch peek {
        case UInt8(ascii: "u"):
            guard let unit = codeUnit(index + 1) else { return false }
            index += 5
            guard rules == .jsonb else { return true }
            switch unit {
            case 0, 0xDC00...0xDFFF: return false
            case 0xD800...0xDBFF:
                guard index + 1 < bytes.count, bytes[index] == UInt8(ascii: "\\"),
                    bytes[index + 1] == UInt8(ascii: "u"),
                    let second = codeUnit(index + 2), (0xDC00...0xDFFF).contains(second)
                else { return false }
                index += 6
            default: break
            }
        case let byte? where Self.escaped.contains(byte): index += 1
        default: return false
        }
        return true
    }

    private static let escaped = Array("\"\\/bfnrt".utf8)

    /// The number that four hexadecimal digits make.
    private func codeUnit(_ start: Int) -> UInt16? {
        guard start + 4 <= bytes.count else { return nil }
        return HexDigits.codeUnit(bytes, start)
    }

    private mutating func word(_ word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        guard index + length <= bytes.count,
            bytes[index..<index + length].elementsEqual(UnsafeBufferPointer(start: word.utf8Start, count: length))
        else { return false }
        index += length
        return true
    }

    private mutating func number() -> Bool {
        let start = index
        guard spelledNumber() else { return false }
        guard rules == .jsonb,
            index - start > 15 || bytes[start..<index].contains(where: { $0 | 0x20 == UInt8(ascii: "e") })
        else { return true }
        guard index - start <= 330, let value = Double(String(decoding: bytes[start..<index], as: UTF8.self)) else {
            return false
        }
        // One that is too small to hold would be written out as well.
        return value.isFinite && (abs(value) >= .leastNormalMagnitude || !isNonZero(start..<index))
    }

    private func isNonZero(_ range: Range<Int>) -> Bool {
        bytes[range].prefix { $0 | 0x20 != UInt8(ascii: "e") }.contains { (49...57).contains($0) }
    }

    private mutating func spelledNumber() -> Bool {
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { guard digits() else { return false } }
        if take(UInt8(ascii: ".")) { guard digits() else { return false } }
        if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
            index += 1
            if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { index += 1 }
            return digits()
        }
        return true
    }

    private mutating func digits() -> Bool {
        let start = index
        while let byte = peek, (48...57).contains(byte) { index += 1 }
        return index > start
    }
}
