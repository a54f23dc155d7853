import CygniModel
import Dispatch
import Glibc

/// A job's process that the server has started. It goes on when the server ends.
struct ChildRun: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// How it ended.
    struct Ending: Sendable {
        /// Its exit status; 128 + n when signal n ended it.
        let status: Int32
        /// What it wrote to its standard output: its report.
        let output: String
    }

    private let pid: pid_t
    /// An unnamed file.
    private let output: Int32

    /// Starts it in a process group of its own, with this process's standard error and nothing else of it.
    ///
    /// - Throws: ``Failure``.
    init(_ words: [String]) throws {
        guard let file = tmpfile() else { throw Self.failure(words[0], errno) }
        defer { fclose(file) }
        output = fcntl(fileno(file), F_DUPFD_CLOEXEC, 0)
        guard output >= 0 else { throw Self.failure(words[0], errno) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_addclose(&actions, fileno(file))
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The server ignores some signals; a job minds them all.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for number in [SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGCHLD] { sigaddset(&signals, number) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        // What ends the server from a terminal is not meant for the run.
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETPGROUP) | Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK)
        )
        var arguments = words.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var child = pid_t()
        let number = posix_spawn(&child, words[0], &actions, &attributes, &arguments, environ)
        pid = child
        guard number == 0 else {
            close(output)
            throw Self.failure(words[0], number)
        }
    }

    /// Waits for its end, on a thread that does nothing else. To be called once.
    func ending() async -> Ending {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                var status: Int32 = 0
                while waitpid(pid, &status, 0) < 0, errno == EINTR {}
                let signal = status & 0x7f
                continuation.resume(
                    returning: Ending(status: signal == 0 ? status >> 8 & 0xff : 128 + signal, output: text())
                )
            }
        }
    }

    /// At most its first MiB.
    private func text() -> String {
        defer { close(output) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = max(0, pread(output, &bytes, bytes.count, 0))
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    private static func failure(_ path: String, _ cause: Int32) -> Failure {
        Failure(description: "failed to start '\(path)': \(String(cString: strerror(cause)))")
    }
}
