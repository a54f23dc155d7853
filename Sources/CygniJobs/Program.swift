import CygniModel
import Dispatch
import Glibc

/// A command of the operator's: text on standard input, a time limit, a status.
package struct Program: Sendable {
    let words: [String]
    let timeout: Duration

    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    package init(words: [String], timeout: Duration) {
        self.words = words
        self.timeout = timeout
    }

    /// - Returns: the first 64 KiB of what it wrote to standard output.
    /// - Throws: ``Failure``, with the end of what it wrote.
    @discardableResult
    package func run(input: String) async throws -> String {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<String, any Error>) in
            DispatchQueue.global().async { continuation.resume(with: Result { try start(input) }) }
        }
    }

    private func start(_ input: String) throws -> String {
        guard let path = words.first else { return "" }
        var ends: [Int32] = [-1, -1]
        guard let output = tmpfile() else { throw failure("failed to start", errno) }
        defer { fclose(output) }
        guard let errors = tmpfile() else { throw failure("failed to start", errno) }
        defer { fclose(errors) }
        guard pipe(&ends) == 0 else { throw failure("failed to start", errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO)
        // Our own standard output carries the report and nothing else.
        posix_spawn_file_actions_adddup2(&actions, fileno(output), STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, fileno(errors), STDERR_FILENO)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A group of its own, so that what it starts ends with it.
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        var arguments = words.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var child = pid_t()
        let number = posix_spawn(&child, path, &actions, &attributes, &arguments, environ)
        close(ends[0])
        guard number == 0 else {
            close(ends[1])
            throw failure("failed to start", number)
        }
        try feed(input, to: ends[1], child) {
            [Self.tail(of: output), Self.tail(of: errors)].filter { !$0.isEmpty }.joined(separator: " ")
        }
        return Self.text(of: output, from: 0, atMost: 1 << 16)
    }

    /// - Parameter said: what it wrote, for a person.
    private func feed(_ input: String, to descriptor: Int32, _ child: pid_t, said: () -> String) throws {
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        var rest = Array(input.utf8)[...]
        var isOpen = true
        var status: Int32 = 0
        let end = ContinuousClock.now + timeout
        while true {
            if isOpen {
                let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
                if count > 0 { rest = rest.dropFirst(count) }
                // One that does not read its input is no failure.
                if rest.isEmpty || (count < 0 && errno != EAGAIN && errno != EINTR) {
                    close(descriptor)
                    isOpen = false
                }
            }
            if waitpid(child, &status, WNOHANG) == child { break }
            guard ContinuousClock.now < end else {
                if isOpen { close(descriptor) }
                kill(-child, SIGTERM)
                usleep(200_000)
                kill(-child, SIGKILL)
                while waitpid(child, &status, 0) < 0, errno == EINTR {}
                throw Failure(description: "'\(words[0])' did not end within \(timeout.text)")
            }
            usleep(2000)
        }
        if isOpen { close(descriptor) }
        guard status == 0 else {
            let how = status & 0x7f == 0 ? "status \((status >> 8) & 0xff)" : "signal \(status & 0x7f)"
            let said = said()
            throw Failure(description: "'\(words[0])' ended with \(how)\(said.isEmpty ? "" : ": \(said)")")
        }
    }

    private func failure(_ what: String, _ cause: Int32) -> Failure {
        Failure(description: "\(what) '\(words.first ?? "")': \(String(cString: strerror(cause)))")
    }

    /// The last 500 bytes, on one line.
    private static func tail(of file: UnsafeMutablePointer<FILE>) -> String {
        fseek(file, 0, SEEK_END)
        let text = text(of: file, from: max(0, ftell(file) - 500), atMost: 500)
        return text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    private static func text(of file: UnsafeMutablePointer<FILE>, from start: Int, atMost limit: Int) -> String {
        fseek(file, start, SEEK_SET)
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
