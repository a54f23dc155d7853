import FoundationEssentials
import Glibc

/// One of the package's own programs, as built beside the running tests.
package struct BuiltExecutable: Sendable {
    package let path: String

    /// - Throws: when there is no such program beside the tests.
    package init(_ name: String) throws {
        let running = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let folder = running.split(separator: "/").dropLast().joined(separator: "/")
        path = "/\(folder)/\(name)"
        guard access(path, X_OK) == 0 else {
            throw TestSupportError(
                "there is no program '\(path)': build the package first (`swift build --build-tests`)"
            )
        }
    }

    /// Any other program, by its path.
    package init(path: String) {
        self.path = path
    }

    /// Runs it to its end.
    ///
    /// - Parameters:
    ///   - environment: added to a bare one (`PATH`, `HOME`, …); nothing else is inherited.
    ///   - timeLimit: after it the process is killed and the call throws.
    package func run(
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        folder: String? = nil,
        input: String = "",
        timeLimit: Duration = .seconds(60)
    ) async throws -> ProcessResult {
        try await start(arguments, environment: environment, folder: folder, input: input).result(timeLimit: timeLimit)
    }

    /// Starts it and returns at once, for tests that send signals.
    package func start(
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        folder: String? = nil,
        input: String = ""
    ) throws -> ChildProcess {
        try ChildProcess(
            path: path,
            arguments: arguments,
            environment: ChildProcess.baseEnvironment.merging(environment) { _, given in given },
            folder: folder,
            input: Array(input.utf8)
        )
    }
}

/// What a process left behind.
package struct ProcessResult: Sendable, CustomStringConvertible {
    package let exit: ChildProcess.Exit
    package let standardOutput: String
    package let standardError: String

    /// The exit status as a shell has it: 128 + n for a process that died of signal n.
    package var status: Int32 {
        switch exit {
        case .status(let status): status
        case .signal(let signal): 128 + signal
        }
    }

    package var description: String {
        "\(exit)\n--- stdout\n\(standardOutput)\n--- stderr\n\(standardError)"
    }
}

extension ChildProcess {
    /// Waits for its end.
    ///
    /// - Throws: when the time is up or the test's task is cancelled; the process is killed then.
    package func result(timeLimit: Duration = .seconds(60)) async throws -> ProcessResult {
        do {
            // A descendant that keeps a stream open must not keep us; what came until then is all there is.
            let ended = try await state.wait(atMost: timeLimit) { $0.exit }
            guard let ended else { throw timeIsUp("did not end within \(timeLimit)") }
            _ = try await state.wait(atMost: .seconds(2)) { $0.openStreams == 0 ? true : nil }
            return ProcessResult(exit: ended, standardOutput: outputText, standardError: errorText)
        } catch {
            signal(SIGKILL)
            throw error
        }
    }

    /// Waits until its stdout or stderr holds `text`.
    package func output(contains text: String, timeLimit: Duration = .seconds(30)) async throws {
        let found = try await state.wait(atMost: timeLimit) { state -> Bool? in
            let both = [state.standardOutput, state.standardError].map { String(decoding: $0, as: UTF8.self) }
            if both.contains(where: { $0.contains(text) }) { return true }
            return state.exit != nil && state.openStreams == 0 ? false : nil
        }
        if found != true { throw timeIsUp("did not print '\(text)'") }
    }

    /// Ends it with SIGKILL and waits until it is gone.
    package func killHard() async throws {
        signal(SIGKILL)
        _ = try await result(timeLimit: .seconds(10))
    }

    /// What it has printed on stdout so far.
    package var outputText: String { String(decoding: state.value.standardOutput, as: UTF8.self) }
    /// What it has printed on stderr so far.
    package var errorText: String { String(decoding: state.value.standardError, as: UTF8.self) }

    private func timeIsUp(_ what: String) -> TestSupportError {
        TestSupportError("process \(pid) \(what)\n--- stdout\n\(outputText)\n--- stderr\n\(errorText)")
    }
}
