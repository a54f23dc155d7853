import CygniJobs
import CygniModel
import FoundationEssentials
import Glibc

/// A job's executable, run to its end by this process.
struct ChildJob: Sendable {
    let path: String

    /// The one beside this executable, else the first in PATH.
    ///
    /// - Throws: ``JobFailure`` when there is none.
    init(_ name: String, _ environment: [String: String]) throws {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let beside = own.lastIndex(of: "/").map { String(own[..<$0]) }
        let search = environment["PATH", default: ""].split(separator: ":").map(String.init)
        let folders = (beside.map { [$0] } ?? []) + search
        guard let folder = folders.first(where: { access("\($0)/\(name)", X_OK) == 0 }) else {
            throw JobFailure("there is no executable '\(name)' beside cygni or in PATH", status: .configuration)
        }
        path = "\(folder)/\(name)"
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
