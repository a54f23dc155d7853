import CygniIntake
import Glibc

/// A file to import, or stdin, read through a buffer that grows only as far as one record needs.
final class InputFile {
    /// What it is called in messages: the path, or `standard input`.
    let name: String
    /// Bytes in all; nil for what has no size, a pipe for instance.
    let size: Int?
    /// Bytes read from it so far.
    private(set) var bytesRead = 0
    private(set) var isAtEnd = false

    private let descriptor: Int32
    private let closesDescriptor: Bool
    private var storage: UnsafeMutablePointer<UInt8>
    private var capacity = InputFile.chunk
    private var start = 0
    private var end = 0

    private static let chunk = 256 * 1024

    /// Opens a path; `-` is stdin.
    convenience init(path: String) throws {
        if path == "-" {
            self.init(
                descriptor: STDIN_FILENO,
                name: "standard input",
                size: Self.size(of: STDIN_FILENO),
                closes: false
            )
            return
        }
        var facts = stat()
        guard stat(path, &facts) == 0 else { throw ImportError.unreadable(path, errno) }
        guard facts.st_mode & S_IFMT != S_IFDIR else { throw ImportError.unreadable(path, EISDIR) }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ImportError.unreadable(path, errno) }
        posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
        self.init(descriptor: descriptor, name: path, size: Self.size(of: descriptor), closes: true)
    }

    private init(descriptor: Int32, name: String, size: Int?, closes: Bool) {
        self.descriptor = descriptor
        self.name = name
        self.size = size
        closesDescriptor = closes
        storage = .allocate(capacity: Self.chunk)
    }

    deinit {
        storage.deallocate()
        if closesDescriptor { close(descriptor) }
    }

    private static func size(of descriptor: Int32) -> Int? {
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(facts.st_size)
    }

    var isStandardInput: Bool { descriptor == STDIN_FILENO }

    /// When the file's contents last changed, in nanoseconds since 1970.
    var changedAt: Int {
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { return 0 }
        return facts.st_mtim.tv_sec * 1_000_000_000 + facts.st_mtim.tv_nsec
    }

    /// Device and inode, by which two names of one file are known.
    var identity: [UInt64] {
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { return [] }
        return [UInt64(facts.st_dev), UInt64(facts.st_ino)]
    }

    /// What was read and not yet consumed; good until ``fill()`` or the end of this object.
    var unread: ByteView { ByteView(start: storage + start, count: end - start) }

    /// Drops the first `count` unread bytes.
    func consume(_ count: Int) {
        start += count
    }

    /// Reads more behind the unread bytes.
    ///
    /// - Returns: false at the end of the input.
    func fill() throws -> Bool {
        guard !isAtEnd else { return false }
        makeRoom()
        while true {
            let count = read(descriptor, storage + end, capacity - end)
            if count > 0 {
                end += count
                bytesRead += count
                return true
            }
            if count == 0 {
                isAtEnd = true
                return false
            }
            guard errno == EINTR else { throw ImportError.unreadable(name, errno) }
            if StopRequest.signal != nil { throw CancellationError() }
        }
    }

    private func makeRoom() {
        if start > 0 {
            memmove(storage, storage + start, end - start)
            end -= start
            start = 0
        }
        guard capacity - end < Self.chunk / 2 else { return }
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity * 2)
        memcpy(larger, storage, end)
        storage.deallocate()
        storage = larger
        capacity *= 2
    }
}
