import CygniTestSupport
import Foundation
import Testing

/// What an operator asks for beside renewing.
@Suite struct ChoreTests {
    @Test func `an incident: all of a CA's, in order of their end, each once`() async throws {
        try await withRenewal { process in
            try await process.want(["a.example.test", "b.example.test", "c.example.test"])
            #expect(try await process.run().status == 0)
            let issuer = try await process.text("SELECT DISTINCT issuer FROM cygni.certificates")
            let dry = try await process.run(["replace", "--issuer", issuer, "--dry-run"])
            #expect(dry.status == 0 && dry.standardOutput.contains("to be replaced"), "\(dry)")
            #expect(process.pebble.issued == 3)
            let none = try await process.run(["replace", "--issuer", "nobody"])
            #expect(none.status == 0 && process.pebble.issued == 3, "\(none)")
            #expect(try await process.run(["replace"]).status == 64)
            // Killed right after they were marked: the next run goes on by itself.
            let killed = try await process.run(
                ["replace", "--issuer", issuer, "--reason", "drill"],
                crashAt: "cert.marked"
            )
            #expect(killed.exit == .signal(SIGKILL))
            let rest = try await process.run()
            #expect(rest.status == 0 && process.pebble.issued == 6, "\(rest)")
            #expect(
                try await process.text("SELECT count(*) FROM cygni.certificates WHERE replace_reason IS NOT NULL")
                    == "0"
            )
            let key = try await process.text(
                "SELECT k.spki FROM cygni.certificates AS c JOIN cygni.certificate_keys AS k ON k.id = c.key_id WHERE domain_names[1] = 'b.example.test'"
            )
            let one = try await process.run(["replace", "--key", key])
            #expect(one.status == 0 && process.pebble.issued == 7, "\(one)")
            let busiest = try await process.run(["replace", "--issuer", issuer, "--by", "traffic", "--dry-run"])
            #expect(busiest.status == 0 && busiest.standardOutput.contains("3 certificates"), "\(busiest)")
            let before = try await process.run([
                "replace", "--issued-between", "2020-01-01T00:00:00Z..2021-01-01T00:00:00Z",
            ])
            #expect(before.status == 0 && process.pebble.issued == 7, "\(before)")
        }
    }

    @Test func `an incident that the CA tells by its windows`() async throws {
        try await withScriptedCA { process, ca in
            try await process.want(["a.example.test", "b.example.test"])
            #expect(try await process.run().status == 0)
            #expect(try await process.run(["replace", "--ari-pulled"]).status == 0)
            #expect(try await ca.asked("/newOrder").count == 2)
            try await process.owner(
                "UPDATE cygni.certificates SET window_start = now() - interval '2 days', window_end = now() - interval '1 day' WHERE domain_names[1] = 'a.example.test'"
            )
            let result = try await process.run(["replace", "--ari-pulled", "--reason", "mass revocation"])
            #expect(result.status == 0, "\(result)")
            let orders = try await ca.asked("/newOrder")
            #expect(orders.count == 3 && orders[2]["replaces"] != nil)
        }
    }

    @Test func `revoked with a reason, with another one or without`() async throws {
        try await withRenewal { process in
            try await process.want(["a.example.test", "b.example.test"])
            #expect(try await process.run().status == 0)
            let serial = try await process.text(
                "SELECT serial FROM cygni.certificates WHERE domain_names[1] = 'a.example.test'"
            )
            #expect(try await process.pebble.status(serial: serial).contains("Valid"))
            let result = try await process.run([
                "revoke", "a.example.test", "--reason", "keyCompromise", "--and-replace",
            ])
            #expect(result.status == 0, "\(result)")
            #expect(try await process.pebble.status(serial: serial).contains("Revoked"))
            #expect(process.pebble.issued == 3)
            #expect(try await process.run(["revoke", "b.example.test"]).status == 0)
            #expect(
                try await process.states()
                    == ["a.example.test deployed ok 0", "b.example.test revoked revoked 0"]
            )
            try await process.due()
            _ = try await process.run()
            #expect(
                try await process.text("SELECT state FROM cygni.certificates WHERE domain_names[1] = 'b.example.test'")
                    == "revoked"
            )
            #expect(try await process.run(["revoke", "a.example.test", "--reason", "boredom"]).status == 64)
        }
    }

    @Test func `the account's key is changed, also when that is cut off`() async throws {
        try await withRenewal { process in
            try await process.want(["a.example.test"])
            #expect(try await process.run().status == 0)
            for point in [nil, "cert.account_next", "cert.account_changed"] {
                let before = try await process.text("SELECT thumbprint FROM cygni.acme_accounts")
                let result = try await process.run(["change-account-key", "first"], crashAt: point)
                #expect(point == nil ? result.status == 0 : result.exit == .signal(SIGKILL), "\(result)")
                let renewed = try await process.run(["--only", "a.example.test"])
                #expect(renewed.status == 0, "\(point ?? "-"): \(renewed)")
                #expect(try await process.text("SELECT thumbprint FROM cygni.acme_accounts") != before)
                #expect(
                    try await process.text("SELECT count(*) FROM cygni.acme_accounts WHERE next_sealed IS NULL") == "1"
                )
            }
        }
    }

    @Test func `another key-encryption key, while the old one is still there`() async throws {
        try await withRenewal { process in
            try await process.want((0..<5).map { "n\($0).example.test" })
            #expect(try await process.run().status == 0)
            let key = Data((0..<32).map { _ in UInt8.random(in: 0...255) }).base64EncodedString()
            try process.folder.write(key, to: "kek-2")
            try process.writeShared(encryption: "keys: {k1: {file: kek-1}, k2: {file: kek-2}}, current: k2")
            let result = try await process.run(["rewrap"])
            #expect(result.status == 0 && result.standardOutput.contains("rewrapped"), "\(result)")
            #expect(
                try await process.text("SELECT count(*) FROM cygni.certificate_keys WHERE key_version <> 'k2'") == "0"
            )
            try process.writeShared(encryption: "keys: {k2: {file: kek-2}}, current: k2")
            #expect(try await process.run(["--only", "n1.example.test"]).status == 0)
            #expect(
                try await process.run(["export", "n2.example.test", "--to", process.folder.file("out")]).status == 0
            )
            // Without the key nothing opens, and nothing is taken for a key.
            try process.folder.write(Data((0..<32).map { _ in 1 }).base64EncodedString(), to: "kek-2")
            let wrong = try await process.run(["export", "n3.example.test", "--to", process.folder.file("out")])
            #expect(
                wrong.status == 1 && wrong.standardOutput.contains("failed to open cygni.certificate_keys"),
                "\(wrong)"
            )
            #expect(!FileManager.default.fileExists(atPath: process.folder.file("out/live/n3.example.test")))
        }
    }

    @Test func `certbot's and lego's folders are taken over, once`() async throws {
        try await withRenewal { process in
            let pebble = process.pebble
            let certbot = process.folder.file("certbot")
            try await BuiltExecutable(path: "/usr/bin/certbot").run(
                [
                    "certonly", "--standalone", "--http-01-address", "127.0.0.1", "--http-01-port",
                    "\(pebble.httpPort)",
                    "--server", pebble.directory, "--config-dir", certbot, "--work-dir", process.folder.file("w"),
                    "--logs-dir", process.folder.file("l"), "--agree-tos", "--register-unsafely-without-email", "-n",
                    "-d",
                    "c.example.test",
                ],
                environment: ["REQUESTS_CA_BUNDLE": pebble.caFile]
            ).succeeded("certbot")
            let lego = process.folder.file("lego")
            try await BuiltExecutable(path: "/usr/bin/lego").run(
                [
                    "--server", pebble.directory, "--accept-tos", "--email", "op@example.test", "--path", lego,
                    "--http",
                    "--http.port", "127.0.0.1:\(pebble.httpPort)", "--domains", "l.example.test", "run",
                ],
                environment: ["LEGO_CA_CERTIFICATES": pebble.caFile]
            ).succeeded("lego")
            for folder in [certbot, lego] {
                let result = try await process.run(["import", folder])
                #expect(result.status == 0, "\(result)")
                let again = try await process.run(["import", folder])
                #expect(again.status == 0 && again.standardOutput.contains("known_already"), "\(again)")
            }
            #expect(
                try await process.states()
                    == ["c.example.test issued imported 0", "l.example.test issued imported 0"]
            )
            #expect(try await process.run().status == 0)
            let taken = try process.folder.read("tls/live/l.example.test/cert.pem")
            #expect(try process.folder.read("lego/certificates/l.example.test.crt").hasPrefix(taken.prefix(200)))
            #expect(pebble.issued == 2)
            #expect(try await process.run(["import", process.folder.file("nothing")]).status == 64)
        }
    }

    @Test func `no key anywhere in clear`() async throws {
        try await withRenewal { process in
            try await process.want(["a.example.test"])
            let run = try await process.run(["--output", "json", "--log-level", "trace"])
            let show = try await process.run(["show", "a.example.test"])
            let plan = try await process.run(["plan"])
            #expect(run.status == 0 && show.status == 0 && plan.status == 0)
            let pem = try process.folder.read("tls/live/a.example.test/privkey.pem")
            // Any line of it, and the bytes themselves.
            let pieces = pem.split(separator: "\n").filter { !$0.hasPrefix("-----") }.map { String($0.prefix(40)) }
            let dump = try await BuiltExecutable(path: "/usr/bin/env").run([
                "pg_dump", process.database.url(), "--data-only", "--inserts",
            ])
            #expect(dump.status == 0 && dump.standardOutput.contains("certificate_keys"), "\(dump.standardError)")
            let metrics = try FileManager.default.contentsOfDirectory(atPath: process.folder.file("metrics"))
                .map { try process.folder.read("metrics/\($0)") }.joined()
            for text in [run, show, plan].map({ $0.standardOutput + $0.standardError }) + [
                dump.standardOutput, metrics,
            ] {
                #expect(!text.contains("PRIVATE KEY"))
                for piece in pieces { #expect(!text.contains(piece)) }
            }
            let secret = try #require(
                Data(
                    base64Encoded: pieces.joined().padding(
                        toLength: pieces.joined().count / 4 * 4,
                        withPad: "=",
                        startingAt: 0
                    )
                )
            )
            #expect(secret.count > 30)
            let hexadecimal = secret.dropFirst(36).prefix(16).map { String(format: "%02x", $0) }.joined()
            #expect(!dump.standardOutput.contains(hexadecimal))
            #expect(
                metrics.contains(#"name="state_deployed"} 1"#) && metrics.contains(#"name="life_left_over_half"} 1"#)
            )
            // No series for a name.
            #expect(!metrics.contains("example.test"))
        }
    }
}
