import Glibc
import Synchronization

/// Held while a pipe is made and while a child is started, so that no child inherits another's pipe.
let spawnLock = Mutex(())

/// A pipe whose ends no other child inherits.
final class Pipe: Sendable {
    let readEnd: Int32
    let writeEnd: Int32

    init() throws {
        var ends: [Int32] = [0, 0]
        // pipe2, which would do both at once, is not to be seen from Swift.
        let made = spawnLock.withLock { _ in
            pipe(&ends) == 0 && ends.allSatisfy { fcntl($0, F_SETFD, FD_CLOEXEC) == 0 }
        }
        guard made else { throw TestSupportError("failed to make a pipe", errno: errno) }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    func closeRead() { close(readEnd) }
    func closeWrite() { close(writeEnd) }

    /// Reads until every writer is gone, then closes.
    func readAll(_ take: ([UInt8]) -> Void) {
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = read(readEnd, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            take(Array(buffer.prefix(count)))
        }
        closeRead()
    }

    /// Writes all of it, or what the reader took before it left.
    func writeAllAndClose(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(writeEnd, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            rest = rest.dropFirst(count)
        }
        closeWrite()
    }
}
