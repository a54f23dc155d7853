package import Glibc

/// A child process: started with `posix_spawn`, its output gathered, its end awaited by a thread of its own.
///
/// Signals are sent only while it has not been reaped, so never to a stranger that got its number.
package final class ChildProcess: Sendable {
    /// How a child ended.
    package enum Exit: Hashable, Sendable {
        case status(Int32)
        case signal(Int32)
    }

    /// What is known of a child at some moment.
    struct State: Sendable {
        var exit: Exit?
        var standardOutput: [UInt8] = []
        var standardError: [UInt8] = []
        /// Of both streams, those that the child or a descendant still holds open.
        var openStreams = 0
    }

    package let pid: pid_t
    let state: Monitor<State>

    /// Where a child's output goes.
    package enum Output: Sendable {
        case gathered
        /// Both streams are added to a file.
        case file(String)
    }

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - path: the program's file.
    ///   - environment: all of it; nothing is inherited.
    ///   - folder: the one it works in. When it is below a ``TemporaryFolder``, the child does not outlive the tests.
    ///   - input: the whole of its stdin.
    ///   - ownSession: out of reach of the terminal's Ctrl-C.
    package init(
        path: String,
        arguments: [String],
        environment: [String: String] = ChildProcess.baseEnvironment,
        folder: String? = nil,
        input: [UInt8] = [],
        output: Output = .gathered,
        ownSession: Bool = false
    ) throws {
        var spawn = Spawn(ownSession: ownSession)
        defer { spawn.free() }
        let inputPipe = try Pipe()
        spawn.connect(inputPipe.readEnd, to: STDIN_FILENO)
        var readers: [(pipe: Pipe, stream: any WritableKeyPath<State, [UInt8]> & Sendable)] = []
        switch output {
        case .gathered:
            readers = [(try Pipe(), \.standardOutput), (try Pipe(), \.standardError)]
            spawn.connect(readers[0].pipe.writeEnd, to: STDOUT_FILENO)
            spawn.connect(readers[1].pipe.writeEnd, to: STDERR_FILENO)
        case .file(let file):
            spawn.open(file, for: STDOUT_FILENO)
            spawn.connect(STDOUT_FILENO, to: STDERR_FILENO)
        }
        // posix_spawn's own way to change the folder is not to be seen from Swift.
        let inFolder = folder.map { ["-C", $0, path] } ?? []
        pid = try spawn.start(folder == nil ? path : "/usr/bin/env", inFolder + arguments, environment)
        state = Monitor(State(openStreams: readers.count))
        inputPipe.closeRead()
        let state = state
        for (pipe, stream) in readers {
            pipe.closeWrite()
            startThread {
                pipe.readAll { bytes in state.update { $0[keyPath: stream] += bytes } }
                state.update { $0.openStreams -= 1 }
            }
        }
        startThread { inputPipe.writeAllAndClose(input) }
        startThread { [pid] in
            // The exit is noted before the zombie is reaped: `signal` must not reach a reused number.
            var info = siginfo_t()
            while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
            state.update { state in
                var status: Int32 = 0
                waitpid(pid, &status, 0)
                state.exit = status & 0x7f == 0 ? .status((status >> 8) & 0xff) : .signal(status & 0x7f)
            }
        }
    }

    /// Sends a signal; nothing happens when the child has ended.
    package func signal(_ number: Int32) {
        state.update { state in
            if state.exit == nil { kill(pid, number) }
        }
    }

    /// How it ended; nil while it runs.
    package var exit: Exit? { state.value.exit }

    /// What was inherited on purpose: enough to find programs and libraries, nothing that steers libpq or our tools.
    package static var baseEnvironment: [String: String] {
        var kept = ["LANG": "C.UTF-8"]
        for name in ["PATH", "HOME", "TMPDIR", "USER", "LD_LIBRARY_PATH"] {
            if let value = getenv(name) { kept[name] = String(cString: value) }
        }
        return kept
    }
}
