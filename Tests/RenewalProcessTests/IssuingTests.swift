import CygniTestSupport
import Foundation
import Testing

/// Certificates from a real CA, the first time and the second.
@Suite struct IssuingTests {
    @Test func `over http-01, kept, deployed, and not again`() async throws {
        try await withRenewal { process in
            try await process.want(["a.example.test", "b.example.test"])
            let dry = try await process.run(["--dry-run"])
            #expect(dry.status == 0 && dry.standardOutput.contains("a.example.test"), "\(dry)")
            #expect(process.pebble.orders == 0)
            let first = try await process.run()
            #expect(first.status == 0, "\(first)")
            #expect(try await process.states() == ["a.example.test deployed ok 0", "b.example.test deployed ok 0"])
            #expect(process.pebble.issued == 2)
            let chain = try process.folder.read("tls/live/a.example.test/fullchain.pem")
            #expect(
                chain
                    == (try await process.text(
                        "SELECT chain_pem FROM cygni.certificates WHERE domain_names[1] = 'a.example.test'"
                    ))
            )
            let second = try await process.run()
            #expect(second.status == 0, "\(second)")
            #expect(process.pebble.issued == 2 && process.pebble.orders == 2)
            let renewed = try await process.run(["--only", "a.example.test"])
            #expect(renewed.status == 0 && process.pebble.issued == 3, "\(renewed)")
            // A new key each time; the one before it is kept for a while.
            #expect(try await process.text("SELECT count(DISTINCT spki) FROM cygni.certificate_keys") == "3")
            #expect(try process.folder.read("tls/live/a.example.test/fullchain.pem") != chain)
        }
    }

    @Test func `the key on disk is the certificate's, and nobody else reads it`() async throws {
        try await withRenewal { process in
            try await process.want(["a.example.test"])
            #expect(try await process.run().status == 0)
            let live = process.folder.file("tls/live/a.example.test")
            let openssl = BuiltExecutable(path: "/usr/bin/openssl")
            let ofKey = try await openssl.run(["pkey", "-in", "\(live)/privkey.pem", "-pubout"])
            let ofLeaf = try await openssl.run(["x509", "-in", "\(live)/cert.pem", "-noout", "-pubkey"])
            #expect(ofKey.status == 0 && ofKey.standardOutput == ofLeaf.standardOutput)
            let mode = try FileManager.default.attributesOfItem(atPath: "\(live)/privkey.pem")[.posixPermissions]
            #expect(mode as? Int == 0o600)
            let root = process.folder.file("root.pem")
            try process.folder.write(try await process.pebble.root(), to: "root.pem")
            let verified = try await openssl.run([
                "verify", "-CAfile", root, "-untrusted", "\(live)/chain.pem", "\(live)/cert.pem",
            ])
            #expect(verified.status == 0, "\(verified)")
        }
    }

    @Test(arguments: ["p384", "rsa2048", "rsa3072"]) func `keys of other kinds`(_ kind: String) async throws {
        try await withRenewal(more: "key_type: \(kind)") { process in
            try await process.want(["a.example.test"])
            #expect(try await process.run().status == 0)
            let text = try await BuiltExecutable(path: "/usr/bin/openssl").run([
                "x509", "-in", process.folder.file("tls/live/a.example.test/cert.pem"), "-noout", "-text",
            ]).standardOutput
            let words = ["p384": "(384 bit)", "rsa2048": "(2048 bit)", "rsa3072": "(3072 bit)"][kind] ?? "?"
            #expect(text.contains(words))
        }
    }

    @Test func `several names and an address in one`() async throws {
        try await withRenewal { process in
            try await process.owner(
                "INSERT INTO cygni.certificates (domain_names) VALUES (ARRAY['a.example.test', 'b.example.test', '127.0.0.1'])"
            )
            let result = try await process.run()
            #expect(result.status == 0, "\(result)")
            let text = try await BuiltExecutable(path: "/usr/bin/openssl").run([
                "x509", "-in", process.folder.file("tls/live/a.example.test/cert.pem"), "-noout", "-ext",
                "subjectAltName",
            ]).standardOutput
            #expect(text.contains("DNS:a.example.test, DNS:b.example.test, IP Address:127.0.0.1"), "\(text)")
        }
    }

    @Test func `with an external account, bad nonces, a chosen chain and six days to live`() async throws {
        var options = Pebble.Options()
        options.rejectsNonces = 30
        options.alternateRoots = 2
        options.validity = 6 * 86_400
        options.external = ["kid-1": "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"]
        let pebble = try await Pebble(options)
        try await withDatabase(.migrated) { database in
            let process = try await RenewProcess(database, pebble)
            try process.write()
            try await process.want((1...5).map { "n\($0).example.test" })
            // Not without what the CA wants.
            let refused = try await process.run()
            #expect(refused.status == 1 && refused.standardOutput.contains("external_account"), "\(refused)")
            let root = try await BuiltExecutable(path: "/usr/bin/openssl").run(
                ["x509", "-noout", "-subject", "-nameopt", "multiline"],
                input: pebble.root(2)
            ).standardOutput
            let name = try #require(root.components(separatedBy: "commonName").last).drop { " =".contains($0) }
                .prefix { !$0.isNewline }
            try process.folder.write(options.external["kid-1"] ?? "", to: "jobs/eab")
            try process.write(
                authorities:
                    "{first: \(RenewProcess.authority(pebble, more: ", external_account: kid-1, external_key: {file: eab}, preferred_chain: '\(name)'"))}"
            )
            try await process.due()
            let result = try await process.run()
            #expect(result.status == 0, "\(result)")
            #expect(pebble.issued == 5)
            #expect(
                try await process.text(
                    "SELECT bool_and(next_attempt_at = not_before + (not_after - not_before) / 2) FROM cygni.certificates"
                ) == "true"
            )
            let chain = try await process.text("SELECT chain_pem FROM cygni.certificates LIMIT 1")
            let issuer = try await BuiltExecutable(path: "/usr/bin/openssl").run(
                ["storeutl", "-noout", "-text", "-certs", "/dev/stdin"],
                input: chain
            ).standardOutput
            #expect(issuer.replacing(" = ", with: "=").contains("Issuer: CN=\(name)"), "\(name): \(issuer)")
        }
    }
}
