import Glibc

/// A small file that is replaced whole: readers see the old or the new one, also after a crash.
package enum AtomicFile {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String

        init(_ what: String, _ path: String) {
            description = "failed to \(what) '\(path)': \(String(cString: strerror(errno)))"
        }
    }

    package static func read(_ path: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk.prefix(count)
        }
    }

    /// Writes beside the target, flushes, renames.
    package static func replace(_ path: String, with text: String) throws {
        let beside = "\(path).\(getpid()).tmp"
        let descriptor = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { throw Failure("write", beside) }
        do {
            try write(text, to: descriptor, beside)
            // node_exporter runs as another user; a strict umask must not hide the file from it.
            guard fchmod(descriptor, 0o644) == 0, fsync(descriptor) == 0 else { throw Failure("flush", beside) }
            guard close(descriptor) == 0 else { throw Failure("close", beside) }
        } catch {
            unlink(beside)
            throw error
        }
        guard rename(beside, path) == 0 else {
            defer { unlink(beside) }
            throw Failure("replace", path)
        }
    }

    private static func write(_ text: String, to descriptor: Int32, _ path: String) throws {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Failure("write", path) }
            rest = rest.dropFirst(count)
        }
    }
}
