import FoundationEssentials
import Glibc

/// A file of anchors: one JSON object a line, `{"at":…,"count":…,"hash":…,"seq":…,"tenant":…}`.
///
/// Lines of several files may stand in one: each is an anchor by itself, and a chain may have many.
package struct AnchorFile: Sendable {
    package let path: String

    package init(path: String) {
        self.path = path
    }

    /// - Throws: ``AnchorFileError``, which names the line.
    package func read() throws -> [AuditAnchor] {
        // The error of Data does not say in words what the matter is; access does.
        try check(access(path, R_OK), "read")
        let text = try String(decoding: Data(contentsOf: URL(filePath: path)), as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return try lines.enumerated().filter { !$0.element.isEmpty }.map { index, line in
            do {
                return try JSONDecoder().decode(AuditAnchor.self, from: Data(line.utf8))
            } catch {
                throw AnchorFileError(path: path, line: index + 1, cause: AnchorFileError.words(for: error))
            }
        }
    }

    /// Puts the anchors in place of what the file held: written beside it, flushed, renamed, the folder flushed.
    package func write(_ anchors: [AuditAnchor]) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let lines = try anchors.map { String(decoding: try encoder.encode($0), as: UTF8.self) + "\n" }
        let temporary = "\(path).\(getpid()).tmp"
        do {
            try writeAndFlush(lines.joined(), to: temporary)
            try check(rename(temporary, path), "rename")
        } catch {
            unlink(temporary)
            throw error
        }
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let descriptor = open(folder.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : folder, O_RDONLY | O_DIRECTORY)
        try check(descriptor, "open the folder")
        defer { close(descriptor) }
        try check(fsync(descriptor), "flush the folder")
    }

    private func writeAndFlush(_ text: String, to file: String) throws {
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
        try check(descriptor, "create a file beside it")
        defer { close(descriptor) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            try check(Int32(clamping: written), "write")
            rest = rest.dropFirst(written)
        }
        try check(fsync(descriptor), "flush")
    }

    private func check(_ result: Int32, _ action: String) throws {
        guard result < 0 else { return }
        throw AnchorFileError(path: path, line: nil, cause: "failed to \(action): \(String(cString: strerror(errno)))")
    }
}

/// An anchor file that cannot be read or written.
package struct AnchorFileError: Error, CustomStringConvertible {
    package var path: String
    /// From 1; nil when it is about the whole file.
    package var line: Int?
    package var cause: String

    package var description: String {
        let place = line.map { ":\($0)" } ?? ""
        return "anchor file \(path)\(place): \(cause)"
    }

    /// Decoding errors in a few words.
    static func words(for error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, _): "'\(key.stringValue)' is missing"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            "'\(context.codingPath.map(\.stringValue).joined(separator: "."))' has the wrong type"
        case DecodingError.dataCorrupted(let context):
            context.codingPath.isEmpty
                ? "not a JSON object" : "'\(context.codingPath[0].stringValue)' is \(context.debugDescription)"
        default: "not an anchor: \(error)"
        }
    }
}
