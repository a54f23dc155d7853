import CygniTestSupport
import Foundation
import Testing

/// Settings and databases that a server does not start with, each with its exit status and the way out.
@Suite struct StartTests {
    private func start(_ server: ServedAPI, _ settings: String?, _ arguments: [String] = []) async throws
        -> ProcessResult
    {
        if let settings { try server.folder.write(settings, to: "api.yaml") }
        return try await BuiltExecutable("cygni-api").run(
            arguments,
            environment: ["CYGNI_CONFIG": server.folder.file("cygni.yaml")],
            folder: server.folder.path,
            timeLimit: .seconds(20)
        )
    }

    @Test func wrongSettings() async throws {
        try await withServer { server in
            let nothing = try await start(server, "{}\n")
            #expect(nothing.status == 78 && nothing.standardError.contains("secret: must be given"), "\(nothing)")
            let short = try await start(
                server,
                "secret: {file: key.pem}\ntokens: {keys: {k1: {file: key.pem}}, current: k2}\norigins: ['*']\n"
            )
            #expect(short.status == 78, "\(short)")
            for rule in [
                "secret: must be 32 bytes in base64", "must have the key that current names",
                "origins: must be origins",
            ] {
                #expect(short.standardError.contains(rule), "\(rule): \(short)")
            }
            let key = try await start(
                server,
                "secret: {file: secret}\ntokens: {keys: {k1: {file: secret}}, current: k1}\n"
            )
            #expect(key.status == 78 && key.standardError.contains("signing key 'k1' is no EC private key"), "\(key)")
        }
    }

    @Test func wrongDatabases() async throws {
        try await withServer { server in
            let good = "listen: {port: 0}\nsecret: {file: secret}\ntokens: {keys: {k1: {file: key.pem}}, current: k1}\n"
            let looked = try await start(server, good, ["serve", "--dry-run"])
            #expect(looked.status == 0, "\(looked)")
            let taken = try await start(server, good, ["--port", "\(server.port)"])
            #expect(
                taken.status == 69
                    && taken.standardError.contains(
                        "failed to listen on 127.0.0.1 port \(server.port): Address already in use"
                    ),
                "\(taken)"
            )
            let nowhere = try await start(
                server,
                good.replacing("{port: 0}", with: "{port: 0, address: no.such.host.invalid}")
            )
            #expect(nowhere.status == 78 && nowhere.standardError.contains("listen.address"), "\(nowhere)")
            try server.folder.write(good, to: "api.yaml")
            try server.folder.write(
                "database: {url: '\(server.database.url(role: "cygni_app"))', role: cygni_jobs}\nobject_store: {url: 'file:///tmp'}\n",
                to: "cygni.yaml"
            )
            let app = try await start(server, good)
            #expect(app.status == 78, "\(app)")
            try server.folder.write(
                "database: {url: 'postgresql:///x?host=/nowhere', role: cygni_jobs}\nobject_store: {url: 'file:///tmp'}\n",
                to: "cygni.yaml"
            )
            let gone = try await start(server, good)
            #expect(gone.status == 69 && gone.standardError.contains("failed to connect to the database"), "\(gone)")
        }
    }

    @Test func helpWithoutSettings() async throws {
        let help = try await BuiltExecutable("cygni-api").run(["--help"])
        #expect(help.status == 0 && help.standardOutput.contains("EXIT STATUS"), "\(help)")
        #expect(try await BuiltExecutable("cygni-api").run(["--version"]).standardOutput.hasPrefix("cygni-api "))
        #expect(try await BuiltExecutable("cygni-api").run(["--nonsense"]).status == 64)
    }
}
