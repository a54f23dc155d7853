import Glibc
import Synchronization

/// Lines to a file descriptor, one write(2) each, so that lines of several processes never mix; and below them, on a
/// terminal, one status line that is redrawn in place.
///
/// What cannot be written is dropped: a full disk or a reader that went away must not end a run.
package final class LineOutput: Sendable {
    package static let standardOutput = LineOutput(descriptor: STDOUT_FILENO)
    package static let standardError = LineOutput(descriptor: STDERR_FILENO)

    private let descriptor: Int32
    /// The status line as it stands on the terminal.
    private let status = Mutex("")

    package init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    package var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Columns of the terminal; nil when there is none or it does not say.
    package var width: Int? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    /// Writes one line, above the status line when there is one.
    ///
    /// - Returns: the `errno` of what could not be written; 0 when all was.
    @discardableResult
    package func write(line: String) -> Int32 {
        status.withLock { status in
            send(status.isEmpty ? line + "\n" : "\r\u{1B}[K\(line)\n\(status)")
        }
    }

    /// Draws the status line anew; an empty one clears it.
    package func show(status text: String) {
        status.withLock { status in
            guard text != status else { return }
            status = text
            send("\r\u{1B}[K\(text)")
        }
    }

    @discardableResult
    private func send(_ text: String) -> Int32 {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if sent < 0 {
                if errno == EINTR { continue }
                if errno == EAGAIN, waitUntilWritable() { continue }
                return errno
            }
            rest = rest.dropFirst(sent)
        }
        return 0
    }

    /// A terminal shared with a program that set O_NONBLOCK refuses for a moment; a reader that stands still is given up.
    private func waitUntilWritable() -> Bool {
        var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return Glibc.poll(&poll, 1, 1000) == 1
    }
}
