import Crypto
import CygniArchive
import CygniJobs
import CygniModel
import Glibc

/// A log file that is open for reading, whatever its name becomes.
final class OpenFile: Sendable {
    let descriptor: Int32
    let path: String

    /// - Throws: ``JobFailure`` when it cannot be opened or is not the file that was found.
    init(_ path: String, expecting identity: FileIdentity) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw JobFailure("failed to open '\(path)': \(String(cString: strerror(errno)))")
        }
        self.descriptor = descriptor
        self.path = path
        try expect(identity)
    }

    deinit {
        close(descriptor)
    }

    /// - Throws: ``JobFailure`` when the file was written to, or another one stands here.
    func expect(_ identity: FileIdentity) throws {
        guard FileIdentity(descriptor: descriptor) == identity else {
            throw JobFailure("'\(path)' changed while it was looked at; the next run takes it as it is then")
        }
    }

    /// Reads at most a buffer's length from `offset`; 0 is the end.
    func read(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws -> Int {
        while true {
            let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw JobFailure("failed to read '\(path)': \(String(cString: strerror(errno)))")
            }
            return count
        }
    }

    /// The SHA-256 of its first `size` bytes, in hex; nil when it has fewer, or more.
    func digest(_ size: Int64) throws -> String? {
        var hash = SHA256()
        var offset: Int64 = 0
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 * 1024, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = try read(buffer, at: offset)
            guard count > 0 else { return offset == size ? hash.finalize().hex : nil }
            hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer.prefix(count)))
            offset += Int64(count)
            guard offset <= size else { return nil }
        }
    }

    /// Whether some process has it open for writing, as far as the kernel tells: a read lease is given only when none has
    /// (fcntl(2), F_SETLEASE).
    ///
    /// Asked again for a moment: a process that starts another one shares its files with that until it runs.
    func hasWriter() async throws -> Bool {
        for _ in 0..<5 {
            if !hasLeaseBreaker { return false }
            try await Task.sleep(for: .milliseconds(50))
        }
        return true
    }

    private var hasLeaseBreaker: Bool {
        guard fcntl(descriptor, fSetLease, F_RDLCK) != 0 else {
            _ = fcntl(descriptor, fSetLease, F_UNLCK)
            return false
        }
        return errno == EAGAIN
    }
}

/// `F_SETLEASE` of Linux, a macro of a macro that Swift does not import.
private let fSetLease: Int32 = 1024
