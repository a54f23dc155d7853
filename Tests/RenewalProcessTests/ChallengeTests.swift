import CygniPostgres
import CygniTestSupport
import Foundation
import Testing

/// The three ways to validate, each with real servers.
@Suite struct ChallengeTests {
    @Test func `http-01 from the database and from a folder`() async throws {
        let pebble = try await Pebble()
        try await withDatabase(.migrated) { database in
            let process = try await RenewProcess(database, pebble)
            let root = process.folder.file("www")
            let server = try ChildProcess(
                path: "/usr/bin/python3",
                arguments: ["-m", "http.server", "--bind", "127.0.0.1", "\(pebble.httpPort)", "-d", root],
                folder: process.folder.path
            )
            defer { server.signal(SIGKILL) }
            try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
            try await Task.sleep(for: .milliseconds(700))
            try process.write(more: "http: {webroot: '\(root)'}")
            try await process.want(["a.example.test"])
            let result = try await process.run()
            #expect(result.status == 0, "\(result)")
            #expect(try await process.text("SELECT count(*) FROM cygni.acme_challenges") == "0")
            let left = try FileManager.default.contentsOfDirectory(atPath: "\(root)/.well-known/acme-challenge")
            #expect(left.isEmpty)
        }
    }

    @Test func `the API's role finds one answer by its token, and no list`() async throws {
        try await withRenewal { process in
            try await process.owner(
                "INSERT INTO cygni.acme_challenges VALUES ('token-0123456789', 'a.example.test', 'answer', now() + interval '1 hour'), ('token-9876543210', 'a.example.test', 'late', now() - interval '1 hour')"
            )
            try await process.database.connect(role: "cygni_app").access { session in
                let answers = try session.query(
                    Statement(
                        "answers",
                        "SELECT cygni.acme_challenge(t) AS answer FROM unnest(ARRAY['token-0123456789', 'token-9876543210', 'x']) WITH ORDINALITY AS w (t, n) ORDER BY n"
                    )
                ).map { try $0.get("answer", as: String?.self) }
                #expect(answers == ["answer", nil, nil])
                #expect(throws: PostgresError.self) {
                    try session.query(Statement("list", "SELECT token FROM cygni.acme_challenges"))
                }
            }
        }
    }

    /// A command that puts records into the CA's name server.
    private static func hook(_ process: RenewProcess) throws -> String {
        try process.folder.write(
            """
            #!/usr/bin/env python3
            __import__("os").umask(0)
            json, sys, urllib = (__import__(name) for name in ("json", "sys", "urllib.request"))
            task = json.load(sys.stdin)
            what = "set-txt" if task["action"] == "present" else "clear-txt"
            body = json.dumps({"host": task["record"] + ".", "value": task["value"]}).encode()
            urllib.request.urlopen("\(process.pebble.names.managementURL)/" + what, body).read()

            """,
            to: "hook.py"
        )
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755],
            ofItemAtPath: process.folder.file("hook.py")
        )
        return "challenges: [dns-01]\ndns: {hook: ['\(process.folder.file("hook.py"))'], settle: 0s}"
    }

    @Test func `dns-01 by a command: a wildcard, and an alias`() async throws {
        try await withRenewal { process in
            try process.write(more: try Self.hook(process))
            try await process.pebble.names.tell(
                "set-cname",
                #"{"host": "_acme-challenge.alias.example.test.", "target": "elsewhere.acme.example.test."}"#
            )
            try await process.want(["*.wild.example.test", "alias.example.test"])
            let result = try await process.run()
            #expect(result.status == 0, "\(result)")
            #expect(process.pebble.issued == 2)
            let file = process.folder.file("tls/live/_.wild.example.test/cert.pem")
            #expect(FileManager.default.fileExists(atPath: file))
        }
    }

    @Test func `a command that fails, hangs or is not there`() async throws {
        try await withRenewal { process in
            try process.folder.write("#!/bin/sh\necho 'the zone is locked' >&2\nexit 3\n", to: "fails.sh")
            try process.folder.write("#!/bin/sh\nsleep 60 & sleep 60\n", to: "hangs.sh")
            for name in ["fails.sh", "hangs.sh"] {
                try FileManager.default.setAttributes(
                    [.posixPermissions: 0o755],
                    ofItemAtPath: process.folder.file(name)
                )
            }
            try await process.want(["a.example.test"])
            for (program, words) in [
                ("fails.sh", "ended with status 3: the zone is locked"), ("hangs.sh", "did not end within 1s"),
                ("none.sh", "failed to start"),
            ] {
                try await process.due()
                try process.write(
                    more:
                        "challenges: [dns-01]\ndns: {hook: ['\(process.folder.file(program))'], settle: 0s, hook_timeout: 1s}"
                )
                let result = try await process.run()
                #expect(result.status == 1 && result.standardOutput.contains(words), "\(program): \(result)")
            }
            #expect(try await process.states() == ["a.example.test pending challenge_not_answered 3"])
        }
    }

    @Test func `tls-alpn-01, also for an address`() async throws {
        try await withRenewal { process in
            try process.write(
                more: "challenges: [tls-alpn-01]\ntls_alpn: {listen: 127.0.0.1@\(process.pebble.tlsPort)}"
            )
            try await process.want(["a.example.test", "127.0.0.1"])
            let result = try await process.run()
            #expect(result.status == 0, "\(result)")
            #expect(process.pebble.issued == 2)
        }
    }

    @Test func `a wildcard without dns-01 is told so`() async throws {
        try await withRenewal { process in
            try await process.want(["*.wild.example.test"])
            let result = try await process.run()
            #expect(result.status == 1 && result.standardOutput.contains("a wildcard takes dns-01"), "\(result)")
            #expect(process.pebble.orders == 0)
        }
    }

    @Test func `dns-01 by updates of a name server, signed with TSIG`() async throws {
        let knot = try await UpdatableServer("acme.example.test")
        try await withRenewal { process in
            try process.folder.write(knot.secret, to: "jobs/tsig")
            try await process.pebble.names.tell(
                "set-cname",
                #"{"host": "_acme-challenge.shop.example.test.", "target": "shop.acme.example.test."}"#
            )
            try process.write(
                more:
                    "challenges: [dns-01]\ndns: {server: 127.0.0.1@\(knot.port), key_name: cygni, key: {file: tsig}, settle: 1s}"
            )
            try await process.want(["shop.example.test"])
            let run = try process.start()
            // The CA's own name server is not this one: what was put there is carried over, as a secondary would.
            var seen = ""
            for _ in 0..<200 where seen.isEmpty {
                seen = try await knot.txt("shop.acme.example.test")
                if seen.isEmpty { try await Task.sleep(for: .milliseconds(20)) }
            }
            #expect(seen.utf8.count == 43, "\(seen)")
            try await process.pebble.names.tell(
                "set-txt",
                #"{"host": "shop.acme.example.test.", "value": "\#(seen)"}"#
            )
            let result = try await run.result(timeLimit: .seconds(60))
            #expect(result.status == 0, "\(result)")
            #expect(try await knot.txt("shop.acme.example.test") == "")

            try process.folder.write(Data((0..<32).map { _ in 7 }).base64EncodedString(), to: "jobs/tsig")
            let wrong = try await process.run(["--only", "shop.example.test"])
            #expect(wrong.status == 1 && wrong.standardOutput.contains("NOTAUTH"), "\(wrong)")
        }
    }
}
