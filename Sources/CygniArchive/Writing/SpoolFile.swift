package import CygniHTTP
import Glibc

/// A file without a name that holds an object until it is whole; it goes with the process, however that ends.
package final class SpoolFile: Sendable {
    let descriptor: Int32
    private let folder: String

    /// - Throws: ``ArchiveError`` of kind `spool`.
    package init(in folder: String) throws {
        self.folder = folder
        var descriptor = open(folder, O_TMPFILE_FLAG | O_RDWR | O_CLOEXEC, 0o600)
        if descriptor < 0, [EOPNOTSUPP, EISDIR, EINVAL].contains(errno) {
            var template = Array("\(folder)/.cygni-spool.XXXXXX".utf8CString)
            descriptor = mkstemp(&template)
            if descriptor >= 0 {
                _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
                unlink(template)
            }
        }
        guard descriptor >= 0 else { throw Self.fault(folder) }
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    func append(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { bytes in
            var rest = bytes
            while !rest.isEmpty {
                let count = write(descriptor, rest.baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw Self.fault(folder) }
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
            }
        }
    }

    private static func fault(_ folder: String) -> ArchiveError {
        let cause = String(cString: strerror(errno))
        return ArchiveError(
            .spool,
            "failed to write an object in the making to '\(folder)' (the setting spool): \(cause)"
        )
    }

    /// The whole of it, to be sent.
    package func file(_ length: Int64) -> HTTPFile {
        HTTPFile(descriptor: descriptor, offset: 0, length: length)
    }
}

/// `__O_TMPFILE | O_DIRECTORY` (open(2)), a macro that Swift does not import.
private let O_TMPFILE_FLAG: Int32 = 0o20_000_000 | O_DIRECTORY
