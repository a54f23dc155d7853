import ArgumentParser
import CygniModel
import Glibc

/// Stdout for many lines: written in blocks; a reader that goes away ends the command in peace.
final class LineSink {
    private var buffer: [UInt8] = []
    private let descriptor: Int32

    init(descriptor: Int32 = STDOUT_FILENO) {
        self.descriptor = descriptor
    }

    func write(_ line: UnsafeRawBufferPointer, newline: Bool = true) throws {
        buffer += line
        if newline { buffer.append(UInt8(ascii: "\n")) }
        if buffer.count >= 64 * 1024 { try flush() }
    }

    func flush() throws {
        try buffer.withUnsafeBytes { bytes in
            var rest = bytes
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                if count < 0, errno == EPIPE { throw ExitCode(0) }
                guard count > 0 else {
                    throw ToolError(
                        "failed to write to standard output: \(String(cString: strerror(errno)))",
                        status: .failure
                    )
                }
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
            }
        }
        buffer.removeAll(keepingCapacity: true)
    }
}
