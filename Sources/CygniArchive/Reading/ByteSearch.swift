import Glibc

extension UnsafeRawBufferPointer {
    /// Where the first newline is.
    package var firstNewline: Int? {
        guard let base = baseAddress, let found = memchr(base, 10, count) else { return nil }
        return UnsafeRawPointer(found) - base
    }

    /// Whether `bytes` occurs in this.
    package func contains(_ bytes: [UInt8]) -> Bool {
        guard let first = bytes.first, let base = baseAddress else { return bytes.isEmpty }
        var start = 0
        while start + bytes.count <= count {
            guard let found = memchr(base + start, Int32(first), count - start - bytes.count + 1) else { return false }
            if memcmp(found, bytes, bytes.count) == 0 { return true }
            start = UnsafeRawPointer(found) - base + 1
        }
        return false
    }
}
