import Foundation
import Glibc

/// A name server (knot) that takes signed updates of one zone, ended with its last reference.
package final class UpdatableServer: Sendable {
    package let port: Int
    /// Of the key `cygni`, hmac-sha256, base64.
    package let secret: String
    private let zone: String
    private let process: ChildProcess
    private let folder: TemporaryFolder

    package init(_ zone: String) async throws {
        self.zone = zone
        folder = try TemporaryFolder()
        secret = Data((0..<32).map { _ in UInt8.random(in: 0...255) }).base64EncodedString()
        try folder.write(
            """
            $ORIGIN \(zone).
            $TTL 60
            @ IN SOA ns.\(zone). host.\(zone). 1 3600 600 86400 30
            @ IN NS ns.\(zone).
            ns IN A 127.0.0.1

            """,
            to: "\(zone).zone"
        )
        for attempt in 1... {
            let port = Int(try OneTimePort().number)
            try folder.write(
                """
                server:
                    listen: 127.0.0.1@\(port)
                    rundir: "\(folder.path)"
                log:
                  - target: stderr
                    any: info
                database:
                    storage: "\(folder.path)"
                key:
                  - id: cygni
                    algorithm: hmac-sha256
                    secret: \(secret)
                acl:
                  - id: update
                    key: cygni
                    action: update
                zone:
                  - domain: \(zone)
                    storage: "\(folder.path)"
                    file: "\(zone).zone"
                    acl: update
                    zonefile-sync: -1
                    journal-content: changes

                """,
                to: "knot.conf"
            )
            let process = try ChildProcess(
                path: "/usr/sbin/knotd",
                arguments: ["-c", folder.file("knot.conf")],
                folder: folder.path
            )
            do {
                try await process.output(contains: "server started", timeLimit: .seconds(20))
                (self.process, self.port) = (process, port)
                return
            } catch  where attempt < 5 && (process.outputText + process.errorText).contains("in use") {
                continue
            }
        }
        throw TestSupportError("knot found no port")
    }

    /// The text of a name's TXT record; empty: none.
    package func txt(_ name: String) async throws -> String { try await ask(name, "TXT").filter { $0 != "\"" } }

    /// What it answers, without line breaks; empty: nothing.
    package func ask(_ name: String, _ type: String) async throws -> String {
        try await BuiltExecutable(path: "/usr/bin/kdig").run([
            "@127.0.0.1", "-p", "\(port)", "+short", name, type,
        ]).standardOutput.filter { !$0.isNewline }
    }

    /// Changes the zone by another client than ours.
    ///
    /// - Parameter lines: as knsupdate(1) reads them, `add www.example.test. 60 A 192.0.2.1`.
    package func update(_ lines: [String]) async throws {
        let input =
            ["server 127.0.0.1 \(port)", "zone \(zone).", "key hmac-sha256:cygni:\(secret)"] + lines + ["send", ""]
        let result = try await BuiltExecutable(path: "/usr/bin/knsupdate").run(input: input.joined(separator: "\n"))
        guard result.status == 0, !result.standardError.contains("failed") else {
            throw TestSupportError("knsupdate: \(result)")
        }
    }

    deinit { process.signal(SIGKILL) }
}
