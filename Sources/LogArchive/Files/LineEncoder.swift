import CygniArchive
import CygniJobs

/// Makes a line of JSON of each line of a log file, so that the very bytes can be had back.
///
/// A line that is a JSON object stays as it is. Any other becomes `{"line":"…"}`; one that is not UTF-8 has its bytes in
/// `base64` beside, and a readable form in `line`. An object that begins with `line` is wrapped too, so that both are told
/// apart.
struct LineEncoder {
    let format: FileSettings.Format
    private var rest: [UInt8] = []
    private(set) var rows = 0
    /// Whether the last line had its newline.
    private(set) var endsInNewline = true

    init(_ format: FileSettings.Format) {
        self.format = format
    }

    /// Takes a piece of the file.
    mutating func add(_ piece: UnsafeRawBufferPointer, to filler: inout FrameFiller) throws {
        var start = 0
        while start < piece.count {
            let tail = UnsafeRawBufferPointer(rebasing: piece[start...])
            guard let end = tail.firstNewline else {
                rest += tail
                return
            }
            let line = UnsafeRawBufferPointer(rebasing: tail[..<end])
            if rest.isEmpty {
                try encode(line, to: &filler)
            } else {
                rest += line
                let whole = rest
                rest.removeAll(keepingCapacity: whole.count < 1 << 20)
                try whole.withUnsafeBytes { try encode($0, to: &filler) }
            }
            start += end + 1
        }
    }

    /// Takes the last line, which may lack its newline.
    mutating func finish(_ filler: inout FrameFiller) throws {
        endsInNewline = rest.isEmpty
        guard !endsInNewline else { return }
        let whole = rest
        rest = []
        try whole.withUnsafeBytes { try encode($0, to: &filler) }
    }

    private mutating func encode(_ line: UnsafeRawBufferPointer, to filler: inout FrameFiller) throws {
        rows += 1
        let lines = filler.lines
        if format != .text, JSONCheck.isObject(line), !line.starts(with: Self.wrapping) {
            lines.append(line)
        } else if format == .json {
            throw JobFailure("line \(rows) is no JSON object; set format: auto or text for this file")
        } else if UTF8Check.isValid(line) {
            lines.append("{\"line\":")
            JSONWriting.append(text: line, to: lines)
            lines.append(UInt8(ascii: "}"))
        } else {
            lines.append("{\"line\":")
            JSONWriting.append(text: Array(String(decoding: line, as: UTF8.self).utf8), to: lines)
            lines.append(",\"base64\":\"")
            lines.append(Base64.encode(line))
            lines.append("\"}")
        }
        try filler.endRow()
    }

    private static let wrapping = Array("{\"line\"".utf8)
}
