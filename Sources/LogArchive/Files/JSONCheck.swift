/// Whether a line is one JSON object (RFC 8259), to the letter.
struct JSONCheck {
    private let bytes: UnsafeRawBufferPointer
    private var index = 0

    /// Objects and arrays within each other; more is no log line.
    private static let deepest = 128

    static func isObject(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var check = JSONCheck(bytes: bytes)
        check.skipBlanks()
        guard check.peek == UInt8(ascii: "{"), check.value(0) else { return false }
        check.skipBlanks()
        return check.index == bytes.count
    }

    private init(bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
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
            guard index + 4 < bytes.count, bytes[index + 1...index + 4].allSatisfy(Self.isHexDigit) else {
                return false
            }
            index += 5
        case let byte? where Self.escaped.contains(byte): index += 1
        default: return false
        }
        return true
    }

    private static let escaped = Array("\"\\/bfnrt".utf8)

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...70).contains(byte) || (97...102).contains(byte)
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
