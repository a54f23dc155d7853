/// Room for the texts of one record that had to be rewritten: escapes resolved, doubled quotes made single.
///
/// What is rewritten so is never longer than what was written, so room for one record is enough, and nothing moves.
package final class Arena {
    private let storage: UnsafeMutableBufferPointer<UInt8>
    private var end = 0

    /// - Parameter capacity: bytes of the longest record.
    package init(capacity: Int = Record.limit) { storage = .allocate(capacity: capacity) }

    deinit { storage.deallocate() }

    /// Forgets the texts of the last record; their views are void.
    package func reset() {
        end = 0
    }

    private func add(_ value: UInt8) {
        storage[end] = value
        end += 1
    }

    private func add(_ bytes: ByteView) {
        for value in bytes { add(value) }
    }

    /// A quoted CSV field, its doubled quotes made single.
    package func unquoted(_ raw: ByteView) -> ByteView {
        let start = end
        var index = 0
        while index < raw.count {
            add(raw[index])
            index += raw[index] == byte("\"") ? 2 : 1
        }
        return ByteView(rebasing: storage[start..<end])
    }

    /// What is between the quotes of a JSON string that ``JSONScanner`` has checked, its escapes resolved.
    package func unescaped(_ raw: ByteView) -> ByteView {
        guard var escape = raw.position(of: byte("\\")) else { return raw }
        let start = end
        var at = 0
        while true {
            add(raw.part(at, escape))
            at = escape + 2
            switch raw[escape + 1] {
            case byte("b"): add(8)
            case byte("f"): add(12)
            case byte("n"): add(10)
            case byte("r"): add(13)
            case byte("t"): add(9)
            case byte("u"): at += addScalar(raw, at)
            case let letter: add(letter)
            }
            guard let next = raw.position(of: byte("\\"), from: at) else { break }
            escape = next
        }
        add(raw.part(at, raw.count))
        return ByteView(rebasing: storage[start..<end])
    }

    /// Adds the character whose hex digits start at `at`; returns how many bytes after that it takes.
    private func addScalar(_ raw: ByteView, _ at: Int) -> Int {
        let high = hexUnit(raw, at: at) ?? 0xFFFD
        var scalar = high
        if (0xD800..<0xDC00).contains(high), let low = hexUnit(raw, at: at + 6) {
            scalar = 0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)
        }
        for unit in String(Character(Unicode.Scalar(scalar) ?? "\u{FFFD}")).utf8 { add(unit) }
        return scalar == high ? 4 : 10
    }
}

/// The number that four hex digits spell.
package func hexUnit(_ bytes: ByteView, at start: Int) -> UInt32? {
    guard start + 4 <= bytes.count else { return nil }
    var unit: UInt32 = 0
    for value in bytes.part(start, start + 4) {
        let letter = value.lowercased
        guard letter.isDigit || (byte("a")...byte("f")).contains(letter) else { return nil }
        unit = unit << 4 | UInt32(letter.isDigit ? letter & 15 : letter - 87)
    }
    return unit
}
