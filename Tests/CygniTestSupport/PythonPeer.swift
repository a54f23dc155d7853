import Foundation
import Glibc

/// A server written in Python that a test talks to, ended with its last reference.
package final class PythonPeer: Sendable {
    package let process: ChildProcess
    package let port: Int
    /// Holds what the peer needs; the child does not outlive it.
    package let folder: TemporaryFolder

    package var url: String { "http://127.0.0.1:\(port)" }

    /// Where a script of Tests/Peers is.
    package static func path(_ name: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Peers/\(name).py").path
    }

    /// Starts a script of Tests/Peers, which prints `port N` when it listens.
    package static func script(_ name: String, _ arguments: [String] = [], folder: TemporaryFolder? = nil) async throws
        -> PythonPeer
    {
        try await PythonPeer([path(name)] + arguments, announces: "port ", folder: folder ?? (try TemporaryFolder()))
    }

    /// moto's S3, the one of this process.
    package static func moto() async throws -> PythonPeer {
        try await sharedMoto.value
    }

    private static let sharedMoto = Task {
        let port = try OneTimePort()
        return try await PythonPeer(
            ["-m", "moto.server", "-H", "127.0.0.1", "-p", "\(port.number)"],
            announces: "Running on http://127.0.0.1:",
            folder: TemporaryFolder()
        )
    }

    /// The Python that has the test peers.
    private static func python() throws -> String {
        guard let path = getenv("CYGNI_PYTHON") else {
            throw TestSupportError("CYGNI_PYTHON names the Python with the test peers; `make test` sets it")
        }
        return String(cString: path)
    }

    private init(_ arguments: [String], announces text: String, folder: TemporaryFolder) async throws {
        self.folder = folder
        process = try ChildProcess(
            path: Self.python(),
            arguments: ["-u"] + arguments,
            environment: ChildProcess.baseEnvironment.merging(["PYTHONWARNINGS": "ignore"]) { _, given in given },
            folder: folder.path
        )
        try await process.output(contains: text, timeLimit: .seconds(60))
        let said = process.outputText + process.errorText
        let digits = said.components(separatedBy: text)[1].prefix { $0.isNumber }
        guard let port = Int(digits) else { throw TestSupportError("the peer told no port: \(said)") }
        self.port = port
    }

    deinit {
        process.signal(SIGKILL)
    }
}
