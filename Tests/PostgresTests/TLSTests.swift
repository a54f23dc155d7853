import CygniPostgres
import CygniTestSupport
import Foundation
import Testing

/// A server on loopback with certificates of a private CA.
@Suite(.serialized) struct TLSTests {
    /// The files that openssl made, and a cluster that serves one of them.
    private final class Server: Sendable {
        let folder: TemporaryFolder
        let cluster: TestCluster
        let port: UInt16

        init(usesTLS: Bool = true) async throws {
            folder = try TemporaryFolder()
            let script = """
                set -e
                for ca in good wrong; do
                  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$ca CA" -keyout $ca.key -out $ca.pem
                done
                openssl req -newkey rsa:2048 -nodes -subj /CN=db.test -keyout server.key -out server.csr
                printf 'subjectAltName=DNS:db.test' >extensions
                openssl x509 -req -in server.csr -CA good.pem -CAkey good.key -CAcreateserial -days 2 \
                  -extfile extensions -out server.pem
                chmod 600 server.key
                """
            try await BuiltExecutable(path: "/bin/sh").run(["-c", script], folder: folder.path).succeeded("openssl")
            if geteuid() == 0, let user = getpwnam("postgres") {
                // The server wants to own its key.
                for file in [folder.path, folder.file("server.key")] { chown(file, user.pointee.pw_uid, 0) }
            }
            port = try OneTimePort().number
            cluster = try await TestCluster.start(settings: [
                "listen_addresses": "127.0.0.1", "port": "\(port)", "ssl": usesTLS ? "on" : "off",
                "log_connections": "on", "ssl_cert_file": folder.file("server.pem"),
                "ssl_key_file": folder.file("server.key"),
            ])
        }

        func options(_ parameters: String) -> ConnectionOptions {
            ConnectionOptions(
                url: "postgresql://postgres@db.test:\(port)/postgres?hostaddr=127.0.0.1&\(parameters)",
                applicationName: "cygni-tests"
            )
        }

        var verified: String { "sslmode=verify-full&sslrootcert=\(folder.file("good.pem"))" }
    }

    private static func isEncrypted(_ connection: Connection) async throws -> Bool {
        try await connection.access { session in
            try session.query(
                Statement("tls", "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
            )[0].get("ssl")
        }
    }

    private func refusal(_ options: ConnectionOptions) async -> PostgresError? {
        await #expect(throws: PostgresError.self) { _ = try await Connection.open(options) }
    }

    @Test func verifyFullAcceptsOnlyTheRightServer() async throws {
        let server = try await Server()
        #expect(try await Self.isEncrypted(try await Connection.open(server.options(server.verified))))

        let wrongCA = await refusal(
            server.options("sslmode=verify-full&sslrootcert=\(server.folder.file("wrong.pem"))")
        )
        #expect(wrongCA?.description.contains("certificate verify failed") == true && wrongCA?.isTransient == false)
        var other = server.options(server.verified)
        other.url = other.url.replacing("db.test", with: "other.test")
        let wrongName = await refusal(other)
        #expect(wrongName?.description.contains("other.test") == true && wrongName?.isTransient == false)
        // Modes that were written are left alone.
        #expect(try await !Self.isEncrypted(try await Connection.open(server.options("sslmode=disable"))))
        #expect(try await Self.isEncrypted(try await Connection.open(server.options("sslmode=require"))))
        try await server.cluster.stop(immediate: true)
    }

    @Test func plainServerIsRefused() async throws {
        let server = try await Server(usesTLS: false)
        let error = await refusal(server.options(server.verified))
        #expect(error?.description.contains("does not support SSL") == true && error?.isTransient == false)
        try await server.cluster.stop(immediate: true)
    }

    @Test func cancellationGoesEncrypted() async throws {
        let server = try await Server()
        try await server.cluster.administer(
            "CREATE ROLE worker LOGIN; CREATE ROLE guise; GRANT guise TO worker; GRANT pg_monitor TO guise"
        )
        var options = server.options(server.verified)
        options.url = options.url.replacing("postgres@", with: "worker@")
        options.role = "guise"
        let connection = try await Connection.open(options)
        let task = Task { try await connection.access { try $0.script("SELECT pg_sleep(60)", name: "sleep") } }
        try await Task.sleep(for: .milliseconds(200))
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        // Interrupted, not cut off; and every connection that logged in was encrypted.
        #expect(try await Self.isEncrypted(connection))
        let log = try String(contentsOfFile: server.cluster.logFile, encoding: .utf8)
        let logins = log.split(separator: "\n").filter { $0.contains("connection authorized: user=worker") }
        #expect(logins.count >= 1 && logins.allSatisfy { $0.contains("SSL enabled") }, "\(logins)")
        try await server.cluster.stop(immediate: true)
    }

    @Test func pipelineAndNotificationsWorkEncrypted() async throws {
        let server = try await Server()
        let connection = try await Connection.open(server.options(server.verified))
        try await connection.access { session in
            let wide = String(repeating: "x", count: 50_000)
            let results = try session.pipeline { batch in
                for _ in 0..<200 { batch.add(Statement("echo", "SELECT $1::text AS v"), wide) }
            }
            #expect(try results.allSatisfy { try $0[0].get("v", as: String.self) == wide })
        }
        try await connection.listen("jobs")
        async let next = connection.nextNotification(timeout: .seconds(20))
        try await Task.sleep(for: .milliseconds(50))
        try await Connection.open(server.options(server.verified)).access {
            try $0.script("NOTIFY jobs", name: "notify")
        }
        #expect(try await next?.channel == "jobs")
        try await server.cluster.stop(immediate: true)
    }
}
