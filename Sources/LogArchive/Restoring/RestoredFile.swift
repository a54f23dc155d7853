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
        return JSONString.bytes(of: text)
    }

    private static let wrapping = Array("{\"line\"".utf8)
}
