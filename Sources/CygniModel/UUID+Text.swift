package import FoundationEssentials

extension UUID {
    /// Lower-case (RFC 9562, section 4), as PostgreSQL prints it. Foundation's own is in capitals, and goes through printf.
    package var text: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(36)
        write(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the same.
    package func write(to text: inout [UInt8]) {
        withUnsafeBytes(of: uuid) { bytes in
            for (index, byte) in bytes.enumerated() {
                if index == 4 || index == 6 || index == 8 || index == 10 { text.append(UInt8(ascii: "-")) }
                text.append((byte >> 4).hexadecimalDigit)
                text.append((byte & 15).hexadecimalDigit)
            }
        }
    }
}
