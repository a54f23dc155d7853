import CygniJobs
import Glibc
import Synchronization

/// Lines that are kept on disk until they are wanted, in a file without a name that goes with the process.
final class LineSpool: Sendable {
    struct Line: Sendable {
        var offset: Int
        var length: Int
    }

    private let descriptor: Int32
    private let end = Mutex(0)

    /// - Throws: `JobFailure` when the folder takes no file.
    init(folder: String = "/var/tmp") throws {
        // O_TMPFILE, which Swift does not import.
        descriptor = open(folder, O_RDWR | O_CLOEXEC | 0o20000000 | O_DIRECTORY, 0o600)
        guard descriptor >= 0 else { throw Self.failure(folder, errno) }
    }

    deinit { close(descriptor) }

    /// - Throws: `JobFailure` for a full disk.
    func append(_ line: String) throws -> Line {
        var bytes = Array(line.utf8)[...]
        let place = end.withLock { end in
            defer { end += bytes.count }
            return Line(offset: end, length: bytes.count)
        }
        var offset = place.offset
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, offset) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure("/var/tmp", errno) }
            offset += count
            bytes = bytes.dropFirst(count)
        }
        return place
    }

    func read(_ line: Line) throws -> String {
        var bytes = [UInt8](repeating: 0, count: line.length)
        var done = 0
        while done < line.length {
            let count = bytes.withUnsafeMutableBytes { buffer in
                let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
                return pread(descriptor, rest.baseAddress, rest.count, line.offset + done)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure("/var/tmp", errno) }
            done += count
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func failure(_ folder: String, _ cause: Int32) -> JobFailure {
        JobFailure("failed to keep evidence in '\(folder)' until it is written: \(String(cString: strerror(cause)))")
    }
}
