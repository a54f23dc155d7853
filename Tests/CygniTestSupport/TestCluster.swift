import CygniModel
package import CygniPostgres
import FoundationEssentials
import Glibc

/// A private PostgreSQL server on a unix socket, ended and removed with the test process.
///
/// Nearly every test uses ``shared()``, which starts at the first call. A test that stops, restarts or reconfigures the
/// server takes one of its own with ``start(isDurable:settings:)``.
package actor TestCluster {
    /// The superuser of every test cluster.
    package static let superuser = "postgres"

    /// `data`, the socket and `server.log` are in here.
    package nonisolated let folder: String
    package nonisolated var logFile: String { "\(folder)/server.log" }
    /// Names the socket too, whether or not TCP is listened on.
    package nonisolated let port: Int
    private nonisolated let settings: [String: String]
    private nonisolated let isShared: Bool
    private var server: ChildProcess?
    private var templates: [String: Task<String, any Error>] = [:]

    /// The cluster that all tests of this process share.
    package static func shared() async throws -> TestCluster {
        try await sharedStart.value
    }

    private static let sharedStart = Task {
        try await TestCluster.make(settings: [:], isDurable: false, isShared: true)
    }

    /// A cluster of the caller's own.
    ///
    /// - Parameters:
    ///   - isDurable: fsync and full-page writes on, for tests that crash it; off otherwise, for speed.
    ///   - settings: further server settings, which win over ours.
    package static func start(isDurable: Bool = false, settings: [String: String] = [:]) async throws -> TestCluster {
        try await make(settings: settings, isDurable: isDurable, isShared: false)
    }

    private static func make(settings: [String: String], isDurable: Bool, isShared: Bool) async throws -> TestCluster {
        let initial = try await InitialData.folder()
        let folder = "\(try ProcessRoot.path())/c\(UInt32.random(in: 0...0xffff_ffff))"
        try ServerBinaries.makeFolder(folder)
        let copy = try ServerBinaries.command("/bin/cp", ["-a", initial, "\(folder)/data"])
        try await ChildProcess(path: copy.path, arguments: copy.arguments).result().succeeded("cp of a new cluster")
        var all = [
            "listen_addresses": "", "unix_socket_directories": folder, "max_connections": "200",
            "max_locks_per_transaction": "256", "log_line_prefix": "%m [%p] %q%a %u@%d ", "jit": "off",
        ]
        if !isDurable {
            for name in ["fsync", "full_page_writes", "synchronous_commit"] { all[name] = "off" }
        }
        all.merge(settings) { _, given in given }
        let cluster = TestCluster(folder: folder, settings: all, isShared: isShared)
        try await cluster.start()
        return cluster
    }

    private init(folder: String, settings: [String: String], isShared: Bool) {
        self.folder = folder
        self.isShared = isShared
        self.settings = settings
        port = settings["port"].flatMap { Int($0) } ?? 5432
    }

    deinit {
        server?.signal(SIGQUIT)
    }

    /// Starts the server and waits until it takes connections.
    package func start() async throws {
        let command = try ServerBinaries.command(
            try ServerBinaries.path("postgres"),
            ["-D", "\(folder)/data"] + settings.flatMap { ["-c", "\($0.key)=\($0.value)"] }
        )
        let server = try ChildProcess(
            path: command.path,
            arguments: command.arguments,
            output: .file(logFile),
            ownSession: true
        )
        self.server = server
        let deadline = ContinuousClock.now + .seconds(60)
        while !isReady {
            guard server.exit == nil, ContinuousClock.now < deadline else {
                server.signal(SIGQUIT)
                throw TestSupportError("PostgreSQL did not start; the end of \(logFile):\n\(logTail)")
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Stops the server.
    ///
    /// - Parameter immediate: like a crash: no checkpoint, no farewell to clients. Otherwise clients are cut off and a
    ///   checkpoint is written.
    package func stop(immediate: Bool = false) async throws {
        precondition(!isShared, "other tests use the shared cluster: take one of your own with TestCluster.start()")
        server?.signal(immediate ? SIGQUIT : SIGINT)
        _ = try await server?.result()
        server = nil
    }

    /// Stops and starts the server.
    package func restart(immediate: Bool = true) async throws {
        try await stop(immediate: immediate)
        try await start()
    }

    /// The server's last words.
    package nonisolated var logTail: String {
        let log = (try? String(contentsOf: URL(filePath: logFile), encoding: .utf8)) ?? "(no log)"
        return log.split(separator: "\n").suffix(20).joined(separator: "\n")
    }

    /// The eighth line of the pid file says what the server is at; a file left by a crash names another process.
    private var isReady: Bool {
        guard let file = try? String(contentsOf: URL(filePath: "\(folder)/data/postmaster.pid"), encoding: .utf8) else {
            return false
        }
        let lines = file.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.count > 7 && lines[0] == "\(server?.pid ?? 0)" && lines[7].hasPrefix("ready")
    }

    /// Runs SQL as superuser in the maintenance database, outside any transaction.
    package nonisolated func administer(_ sql: String) async throws {
        let connection = try await Connection.open(options(database: "postgres", role: Self.superuser))
        try await connection.access { session in try session.script(sql, name: "administer") }
    }

    /// A libpq URL for any database of this cluster; every login role gets in without a password.
    package nonisolated func url(database: String, role: String) -> String {
        "postgresql:///\(database)?host=\(folder)&port=\(port)&user=\(role)"
    }

    /// The same in libpq's variables.
    package nonisolated func environment(database: String) -> [String: String] {
        ["PGHOST": folder, "PGPORT": "\(port)", "PGUSER": Self.superuser, "PGDATABASE": database]
    }

    package nonisolated func options(database: String, role: String) -> ConnectionOptions {
        ConnectionOptions(url: url(database: database, role: role), applicationName: "cygni-tests")
    }

    /// The database that a template stands in, built by the first who asks.
    func database(of template: DatabaseTemplate) async throws -> String {
        if let task = templates[template.name] { return try await task.value }
        let task = Task {
            let database = try await makeDatabase()
            try await template.build(database)
            // CREATE DATABASE wants its template free of connections.
            try await administer(
                """
                ALTER DATABASE \(database.name) WITH ALLOW_CONNECTIONS false IS_TEMPLATE true;
                SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '\(database.name)';
                """
            )
            return database.name
        }
        templates[template.name] = task
        return try await task.value
    }
}
