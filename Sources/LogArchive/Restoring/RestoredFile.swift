import CygniArchive

/// A log file's own bytes, had back from its archived lines.
package enum RestoredFile {
    /// What the file had in this line, without its newline.
    package static func bytes(of line: UnsafeRawBufferPointer) throws -> [UInt8] {
        guard line.starts(with: wrapping) else { return Array(line) }
        let fields = LineFields(line)
        if let base64 = fields.value("base64") {
            let text = UnsafeRawBufferPointer(rebasing: base64.dropFirst().dropLast())
            guard let bytes = Base64.decode(text) else {
                throw ArchiveError(.damaged, "a line's base64 does not decode")
            }
            return bytes
        }
        guard let text = fields.value("line") else { throw ArchiveError(.damaged, "a wrapped line has no text") }
        return unescape(UnsafeRawBufferPointer(rebasing: text.dropFirst().dropLast()))
    }

    private static let wrapping = Array("{\"line\"".utf8)

    /// Only what the archiver escapes: quotes, backslashes and control characters.
    private static func unescape(_ text: UnsafeRawBufferPointer) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            guard text[index] == UInt8(ascii: "\\"), index + 1 < text.count else {
                bytes.append(text[index])
                index += 1
                continue
            }
            switch text[index + 1] {
            case UInt8(ascii: "n"): bytes.append(10)
            case UInt8(ascii: "t"): bytes.append(9)
            case UInt8(ascii: "r"): bytes.append(13)
            case UInt8(ascii: "b"): bytes.append(8)
            case UInt8(ascii: "f"): bytes.append(12)
            case UInt8(ascii: "u"):
                let digits = String(
                    decoding: text[min(index + 4, text.count)..<min(index + 6, text.count)],
                    as: UTF8.self
                )
                bytes.append(UInt8(digits, radix: 16) ?? 0)
                index += 4
            case let other: bytes.append(other)
            }
            index += 2
        }
        return bytes
    }
}
