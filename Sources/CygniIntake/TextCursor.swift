/// Takes characters and numbers off the front of a text of bytes.
@usableFromInline
package struct TextCursor {
    @usableFromInline
    package let bytes: ByteView
    @usableFromInline
    package var at = 0

    @inlinable
    package init(_ bytes: ByteView, at: Int = 0) {
        self.bytes = bytes
        self.at = at
    }

    @inlinable
    package var isAtEnd: Bool { at >= bytes.count }
    @inlinable
    package var peek: UInt8? { at < bytes.count ? bytes[at] : nil }

    /// Steps over one byte when it is this one.
    @inlinable
    package mutating func take(_ wanted: UInt8) -> Bool {
        guard at < bytes.count, bytes[at] == wanted else { return false }
        at += 1
        return true
    }

    @inlinable
    package mutating func takeDigit() -> UInt8? {
        guard at < bytes.count, bytes[at].isDigit else { return nil }
        at += 1
        return bytes[at - 1]
    }

    /// Exactly `count` digits.
    @inlinable
    package mutating func digits(_ count: Int) -> Int? {
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
    @inlinable
    package mutating func number(atMost limit: Int) -> Int? {
        var value = 0
        var count = 0
        while let digit = takeDigit() {
            count += 1
            guard count <= limit else { return nil }
            value = value * 10 + Int(digit & 15)
        }
        return count > 0 ? value : nil
    }

    @inlinable
    package mutating func skipBlanks() {
        while at < bytes.count, bytes[at].isBlank { at += 1 }
    }
}
