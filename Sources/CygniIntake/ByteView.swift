import Glibc

/// Bytes of the input where they lie in its buffer: good until the next read, never kept.
@usableFromInline
package typealias ByteView = UnsafeBufferPointer<UInt8>

extension UnsafeBufferPointer<UInt8> {
    /// The bytes from `start` to before `end`.
    @inlinable
    package func part(_ start: Int, _ end: Int) -> ByteView {
        ByteView(rebasing: self[start..<end])
    }

    /// Where a byte first stands at or after `start`.
    package func position(of byte: UInt8, from start: Int = 0) -> Int? {
        guard start < count, let base = baseAddress,
            let found = memchr(base + start, Int32(byte), count - start)
        else { return nil }
        return found.assumingMemoryBound(to: UInt8.self) - UnsafeMutablePointer(mutating: base)
    }

    /// Without blanks and line ends on both sides.
    @inlinable
    package var trimmed: ByteView {
        var start = 0
        var end = count
        while start < end, self[start].isBlank { start += 1 }
        while end > start, self[end - 1].isBlank { end -= 1 }
        return part(start, end)
    }

    /// Whether they spell `text`, which is ASCII.
    package func spells(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        return baseAddress.map { memcmp($0, text.utf8Start, count) == 0 } ?? true
    }

    /// Whether they spell `text`, which is ASCII in lower case, in any case.
    package func spellsIgnoringCase(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        for index in 0..<count where self[index].lowercased != text.utf8Start[index] { return false }
        return true
    }

    /// Whether `text`, which is ASCII, stands at `start`.
    package func has(_ text: StaticString, at start: Int = 0) -> Bool {
        let end = start + text.utf8CodeUnitCount
        return start >= 0 && end <= count && part(start, end).spells(text)
    }

    /// As text; what is not UTF-8 becomes U+FFFD.
    @inlinable
    package var text: String { String(decoding: self, as: UTF8.self) }
}

extension UInt8 {
    @inlinable
    package var isDigit: Bool { self &- 0x30 < 10 }
    @inlinable
    package var isLetter: Bool { (self | 0x20) &- 0x61 < 26 }
    /// Space, tab, carriage return or line feed.
    @inlinable
    package var isBlank: Bool { self == 0x20 || self == 0x09 || self == 0x0D || self == 0x0A }
    @inlinable
    package var lowercased: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }
}

/// The ASCII code of a character written out: `byte("\n")`.
@inlinable @inline(__always)
package func byte(_ character: Unicode.Scalar) -> UInt8 {
    UInt8(truncatingIfNeeded: character.value)
}
