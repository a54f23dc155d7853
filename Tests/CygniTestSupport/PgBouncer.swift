package import CygniPostgres
import Glibc

/// A pgbouncer of one test's own, in front of the test's database.
package final class PgBouncer: Sendable {
    private let folder: TemporaryFolder
    /// Of its socket.
    package var place: String { folder.path }
    private let process: ChildProcess
    private let database: String

    /// - Parameter settings: lines of pgbouncer.ini.
    package init(_ database: TestDatabase, _ settings: [String: String]) async throws {
        guard access("/usr/sbin/pgbouncer", X_OK) == 0 else {
            throw TestSupportError("there is no /usr/sbin/pgbouncer: install the package pgbouncer")
        }
        folder = try TemporaryFolder()
        self.database = database.name
        let lines = settings.map { "\($0.key) = \($0.value)" }.joined(separator: "\n")
        try folder.write(
            """
            [databases]
            * = host=\(database.cluster.folder) port=\(database.cluster.port) user=\(TestCluster.superuser)
            [pgbouncer]
            auth_type = any
            listen_addr =
            listen_port = 6432
            unix_socket_dir = \(folder.path)
            \(lines)
            """,
            to: "pgbouncer.ini"
        )
        var program = (path: "/usr/sbin/pgbouncer", arguments: [folder.file("pgbouncer.ini")])
        if geteuid() == 0 {
            // pgbouncer refuses to run as root.
            let user = getpwnam("postgres")?.pointee.pw_uid ?? 0
            for path in [folder.path, folder.file("pgbouncer.ini")] { chown(path, user, 0) }
            let asPostgres = ["--reuid=postgres", "--regid=postgres", "--init-groups", program.path]
            program.arguments = asPostgres + program.arguments
            program.path = "/usr/bin/setpriv"
        }
        process = try ChildProcess(path: program.path, arguments: program.arguments, folder: folder.path)
        try await process.output(contains: "process up", timeLimit: .seconds(10))
    }

    deinit {
        process.signal(SIGKILL)
    }

    package func options() -> ConnectionOptions {
        ConnectionOptions(
            url: "postgresql:///\(database)?host=\(folder.path)&port=6432&user=anyone",
            applicationName: "cygni-tests"
        )
    }
}
