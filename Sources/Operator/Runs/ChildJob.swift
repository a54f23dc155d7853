import CygniJobs
import CygniModel
import Glibc
import JobBook

/// A job's executable, run to its end by this process.
struct ChildJob: Sendable {
    let path: String

    /// - Throws: ``JobFailure`` when there is no such executable.
    init(_ name: String, _ environment: [String: String]) throws {
        path = try JobExecutable(name, environment).path
    }

    /// - Parameter ownsOutput: false sends its stdout to stderr, where this process's own stdout is one JSON object.
    /// - Returns: its exit status; 128 + n when signal n ended it.
    func run(_ arguments: [String], ownsOutput: Bool) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if !ownsOutput { posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO) }
        var words = ([path] + arguments).map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        var child = pid_t()
        let number = posix_spawn(&child, path, &actions, nil, &words, environ)
        guard number == 0 else {
            throw JobFailure("failed to start '\(path)': \(String(cString: strerror(number)))")
        }
        var status: Int32 = 0
        var isTold = false
        while waitpid(child, &status, 0) < 0 {
            guard errno == EINTR else { throw JobFailure("lost sight of '\(path)', pid \(child)") }
            // A terminal's interrupt reaches the child by itself.
            if !isTold, StopRequest.signal == SIGTERM {
                kill(child, SIGTERM)
                isTold = true
            }
        }
        let signal = status & 0x7f
        return signal == 0 ? status >> 8 & 0xff : 128 + signal
    }
}
