import Foundation
import Glibc

/// A real ACME CA (pebble) and the name server that it asks (pebble-challtestsrv), ended with their last reference.
package final class Pebble: Sendable {
    package struct Options: Sendable {
        package var validity = 90 * 86_400
        /// Per cent of good nonces that are refused.
        package var rejectsNonces = 0
        package var alternateRoots = 0
        /// By key identifier, the MAC key in base64url.
        package var external: [String: String] = [:]
        package var blocked: [String] = []
        /// Another one's name server, so that two CAs ask the same.
        package var names: ChallengeServer?
        /// Requests reach it one at a time, for tests that make many at once.
        package var takesTurns = false

        package init() {}
    }

    package let names: ChallengeServer
    package let folder: TemporaryFolder
    package let httpPort: Int
    package let tlsPort: Int
    private let process: ChildProcess
    private let port: Int
    private let managementPort: Int
    private let turns: PythonPeer?

    package var directory: String { "https://127.0.0.1:\(turns?.port ?? port)/dir" }
    package var caFile: String { folder.file("ca.pem") }
    /// Everything that it has written so far: into a file, as it writes more than a pipe takes while tests keep the machine busy.
    package var log: String { (try? folder.read("pebble.log")) ?? "" }

    package init(_ options: Options = Options(), sharing other: Pebble? = nil) async throws {
        folder = try TemporaryFolder()
        if let other {
            names = other.names
            (httpPort, tlsPort) = (other.httpPort, other.tlsPort)
        } else {
            names = try await ChallengeServer()
            (httpPort, tlsPort) = (try OneTimePort.quiet(), try OneTimePort.quiet())
        }
        try await Self.makeCertificate(in: folder)
        let started = try await Self.start(options, folder, names, httpPort, tlsPort)
        (process, port, managementPort) = started
        let arguments = ["\(port)", folder.file("srv.pem"), folder.file("srv.key")]
        turns = options.takesTurns ? try await PythonPeer.script("one_at_a_time", arguments) : nil
    }

    private static func start(
        _ options: Options,
        _ folder: TemporaryFolder,
        _ names: ChallengeServer,
        _ httpPort: Int,
        _ tlsPort: Int
    ) async throws -> (ChildProcess, Int, Int) {
        for attempt in 1... {
            let (port, management) = (Int(try OneTimePort().number), Int(try OneTimePort().number))
            var settings: [String: Any] = [
                "listenAddress": "127.0.0.1:\(port)", "managementListenAddress": "127.0.0.1:\(management)",
                "certificate": folder.file("srv.pem"), "privateKey": folder.file("srv.key"), "httpPort": httpPort,
                "tlsPort": tlsPort, "certificateValidityPeriod": options.validity,
            ]
            if !options.external.isEmpty {
                settings["externalAccountBindingRequired"] = true
                settings["externalAccountMACKeys"] = options.external
            }
            if !options.blocked.isEmpty { settings["domainBlocklist"] = options.blocked }
            try folder.write(try JSONSerialization.data(withJSONObject: ["pebble": settings]), to: "pebble.json")
            // Pebble 2.4 locks itself up when it looks for an authorization, shows one and adds a certificate at once (and more:
            // letsencrypt/pebble issue 554). On one processor that is seldom; see also `takesTurns`.
            let variables = [
                "GOMAXPROCS": "1", "PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "\(options.rejectsNonces)",
                "PEBBLE_AUTHZREUSE": "0", "PEBBLE_ALTERNATE_ROOTS": "\(options.alternateRoots)",
            ]
            let process = try ChildProcess(
                path: "/usr/bin/pebble",
                arguments: [
                    "-strict", "-config", folder.file("pebble.json"), "-dnsserver", "127.0.0.1:\(names.dnsPort)",
                ],
                environment: ChildProcess.baseEnvironment.merging(variables) { _, new in new },
                folder: folder.path,
                output: .file(folder.file("pebble.log"))
            )
            for _ in 0..<400 where process.exit == nil {
                if try folder.read("pebble.log").contains("ACME directory available at") {
                    return (process, port, management)
                }
                try await Task.sleep(for: .milliseconds(50))
            }
            process.signal(SIGKILL)
            guard attempt < 5 else { break }
        }
        throw TestSupportError("pebble found no port")
    }

    /// Pebble brings no certificate for itself.
    private static func makeCertificate(in folder: TemporaryFolder) async throws {
        let openssl = BuiltExecutable(path: "/usr/bin/openssl")
        let names = "subjectAltName=DNS:localhost,IP:127.0.0.1"
        try await openssl.run([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj",
            "/CN=test CA", "-addext", names, "-keyout", folder.file("srv.key"), "-out", folder.file("srv.pem"),
        ]).succeeded("openssl req")
        try FileManager.default.copyItem(atPath: folder.file("srv.pem"), toPath: folder.file("ca.pem"))
    }

    /// How often its log has a text.
    package func count(_ text: String) -> Int { log.components(separatedBy: text).count - 1 }

    /// Certificates that it has issued.
    package var issued: Int { count("Issued certificate serial") }
    package var orders: Int { count("Added order \"") }

    package func end() { process.signal(SIGKILL) }
    /// It stays there and says nothing, until ``wake()``.
    package func freeze() { process.signal(SIGSTOP) }
    package func wake() { process.signal(SIGCONT) }

    /// What it says of a certificate: `Valid` or `Revoked`.
    package func status(serial: String) async throws -> String {
        try await BuiltExecutable(path: "/usr/bin/curl").run([
            "-ks", "https://127.0.0.1:\(managementPort)/cert-status-by-serial/\(serial)",
        ]).standardOutput
    }

    /// One of its roots, PEM.
    package func root(_ number: Int = 0) async throws -> String {
        try await BuiltExecutable(path: "/usr/bin/curl").run([
            "-ks", "https://127.0.0.1:\(managementPort)/roots/\(number)",
        ]).standardOutput
    }

    deinit { process.signal(SIGKILL) }
}

/// The name server that a test CA asks: every name leads to 127.0.0.1 unless it is told otherwise.
package final class ChallengeServer: Sendable {
    package let dnsPort: Int
    private let process: ChildProcess
    private let managementPort: Int
    private let folder: TemporaryFolder

    package init() async throws {
        folder = try TemporaryFolder()
        for attempt in 1... {
            let (dns, management) = (Int(try OneTimePort().number), Int(try OneTimePort().number))
            let process = try ChildProcess(
                path: "/usr/bin/pebble-challtestsrv",
                arguments: [
                    "-management", "127.0.0.1:\(management)", "-dns01", "127.0.0.1:\(dns)", "-http01", "", "-https01",
                    "", "-tlsalpn01", "", "-defaultIPv4", "127.0.0.1", "-defaultIPv6", "",
                ],
                folder: folder.path
            )
            do {
                try await process.output(contains: "Starting management server", timeLimit: .seconds(20))
                (self.process, dnsPort, managementPort) = (process, dns, management)
                return
            } catch  where attempt < 5 && (process.outputText + process.errorText).contains("address already in use") {
                continue
            }
        }
        throw TestSupportError("pebble-challtestsrv found no port")
    }

    package var managementURL: String { "http://127.0.0.1:\(managementPort)" }

    /// For instance `set-txt` with `{"host": "_acme-challenge.a.example.", "value": "..."}`.
    @discardableResult
    package func tell(_ what: String, _ json: String) async throws -> String {
        try await BuiltExecutable(path: "/usr/bin/curl").run(["-s", "-d", json, "\(managementURL)/\(what)"])
            .standardOutput
    }

    deinit { process.signal(SIGKILL) }
}
