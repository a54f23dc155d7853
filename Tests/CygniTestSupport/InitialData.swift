/// The data folder of an empty cluster, made once per process and copied for each cluster.
enum InitialData {
    static func folder() async throws -> String { try await made.value }

    private static let made = Task {
        let folder = "\(try ProcessRoot.path())/initial"
        try ServerBinaries.makeFolder(folder)
        let command = try ServerBinaries.command(
            try ServerBinaries.path("initdb"),
            [
                "-D", "\(folder)/files", "-U", TestCluster.superuser, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
                "--no-sync", "--no-instructions",
            ]
        )
        try await ChildProcess(path: command.path, arguments: command.arguments).result().succeeded("initdb")
        return "\(folder)/files"
    }
}

extension ProcessResult {
    /// - Throws: unless it exited with 0.
    package func succeeded(_ what: String) throws {
        guard exit == .status(0) else { throw TestSupportError("\(what) failed: \(self)") }
    }
}
