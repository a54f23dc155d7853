import Glibc

extension UnsafeBufferPointer<UInt8> {
    /// Refuses what a text column of PostgreSQL does: bytes that are not UTF-8, and NUL.
    package func checkStorable(_ what: StaticString) throws(RowFault) {
        guard !isPlainASCII else { return }
        if let place = position(of: 0) {
            throw RowFault("\(what): has a NUL byte at byte \(place + 1), which a text cannot hold")
        }
        guard String(validating: self, as: UTF8.self) == nil else { return }
        throw RowFault("\(what): is not UTF-8")
    }

    /// ASCII without NUL, which most input is; eight bytes at a time.
    private var isPlainASCII: Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        let raw = UnsafeRawBufferPointer(self)
        var index = 0
        while index + 8 <= count {
            let word = raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            // The high bit of each byte that is 0, or that was set already (Mycroft, 1987).
            if ((word &- ones) | word) & highs != 0 { return false }
            index += 8
        }
        while index < count {
            if self[index] == 0 || self[index] >= 0x80 { return false }
            index += 1
        }
        return true
    }
}
