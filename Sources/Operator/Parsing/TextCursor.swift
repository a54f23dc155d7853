/// Takes characters and numbers off the front of a text of bytes.
struct TextCursor {
    let bytes: ByteView
    var at = 0

    init(_ bytes: ByteView, at: Int = 0) {
        self.bytes = bytes
        self.at = at
    }

    var isAtEnd: Bool { at >= bytes.count }
    var peek: UInt8? { at < bytes.count ? bytes[at] : nil }

    /// Steps over one byte when it is this one.
    mutating func take(_ wanted: UInt8) -> Bool {
        guard at < bytes.count, bytes[at] == wanted else { return false }
        at += 1
        return true
    }

    mutating func takeDigit() -> UInt8? {
        guard at < bytes.count, bytes[at].isDigit else { return nil }
        at += 1
        return bytes[at - 1]
    }

    /// Exactly `count` digits.
    mutating func digits(_ count: Int) -> Int? {
        guard at + count <= bytes.count else { return nil }
        var value = 0
        for index in at..<at + count {
            guard bytes[index].isDigit else { return nil }
            value = value * 10 + Int(bytes[index] & 15)
        }
        at += count
        return value
    }

    /// One to `limit` digits.
    mutating func number(atMost limit: Int) -> Int? {
        var value = 0
        var count = 0
        while let digit = takeDigit() {
            count += 1
            guard count <= limit else { return nil }
            value = value * 10 + Int(digit & 15)
        }
        return count > 0 ? value : nil
    }

    mutating func skipBlanks() {
        while at < bytes.count, bytes[at].isBlank { at += 1 }
    }
}
