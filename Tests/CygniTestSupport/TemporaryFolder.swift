package import FoundationEssentials
import Glibc

/// A folder that goes with its last reference, or with the process.
package final class TemporaryFolder: Sendable {
    package let path: String

    package init() throws {
        var template = Array("\(try ProcessRoot.path())/f.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw TestSupportError("failed to make a temporary folder", errno: errno)
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        if getenv("CYGNI_TEST_KEEP") == nil { try? FileManager.default.removeItem(atPath: path) }
    }

    /// The path of a file in it, which need not exist.
    package func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file, with the folders above it, and returns its path.
    @discardableResult
    package func write(_ text: String, to name: String) throws -> String {
        try write(Data(text.utf8), to: name)
    }

    /// Writes a file, with the folders above it, and returns its path.
    @discardableResult
    package func write(_ data: Data, to name: String) throws -> String {
        let file = file(name)
        let above = file.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        try FileManager.default.createDirectory(atPath: above, withIntermediateDirectories: true)
        // Foundation's own write would leave the file open, for writing, in children that another test starts meanwhile.
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw TestSupportError("failed to write '\(file)'", errno: errno) }
        defer { close(descriptor) }
        try data.withUnsafeBytes { bytes in
            var rest = bytes
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
                guard count > 0 else { throw TestSupportError("failed to write '\(file)'", errno: errno) }
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
            }
        }
        return file
    }

    /// The text of a file in it.
    package func read(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: file(name))), as: UTF8.self)
    }
}
