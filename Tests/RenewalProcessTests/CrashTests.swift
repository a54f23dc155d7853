import CygniTestSupport
import Foundation
import Testing

/// Killed between every two steps, and started again as another host: one certificate at the end, and its key.
@Suite struct CrashTests {
    static let points = [
        "cert.account_stored", "cert.registered", "cert.leased", "cert.begun", "cert.ordered", "cert.order_stored",
        "cert.challenged", "cert.responded", "cert.validated", "cert.finalized", "cert.downloaded", "cert.stored",
        "cert.deploying", "cert.deployed",
    ]

    @Test(arguments: points) func `kill -9, then another host`(_ point: String) async throws {
        try await withRenewal { process in
            try await process.want(["a.example.test"])
            let killed = try await process.run(crashAt: point, host: "first-host")
            #expect(killed.exit == .signal(SIGKILL), "\(point): \(killed)")
            // The lease of who was killed runs out.
            try await process.owner("UPDATE cygni.certificates SET leased_until = now() - interval '1 second'")
            try await process.owner("UPDATE cygni.certificates SET next_attempt_at = now() WHERE fingerprint IS NULL")
            let again = try await process.run(host: "second-host")
            #expect(again.status == 0, "\(point): \(again)")
            #expect(try await process.states() == ["a.example.test deployed ok 0"], "\(point)")
            #expect(process.pebble.issued == 1, "\(point): \(process.pebble.issued) certificates")
            // The order that the first host kept the address of is the one that came to an end.
            // But for the one that the CA was looking at when who answers it died.
            let begins = ["cert.account_stored", "cert.registered", "cert.leased", "cert.begun", "cert.ordered"]
            let isKept = !begins.contains(point) && point != "cert.responded"
            if isKept { #expect(process.pebble.orders == 1, "\(point): \(process.pebble.orders) orders") }
            #expect(try await process.text("SELECT count(*) FROM cygni.acme_accounts") == "1")
            let live = process.folder.file("tls/live/a.example.test")
            let openssl = BuiltExecutable(path: "/usr/bin/openssl")
            let ofKey = try await openssl.run(["pkey", "-in", "\(live)/privkey.pem", "-pubout"])
            let ofLeaf = try await openssl.run(["x509", "-in", "\(live)/cert.pem", "-noout", "-pubkey"])
            #expect(ofKey.status == 0 && ofKey.standardOutput == ofLeaf.standardOutput, "\(point)")
            let third = try await process.run()
            #expect(third.status == 0 && process.pebble.issued == 1, "\(point): \(third)")
        }
    }

    @Test func `what another host works on is left to it`() async throws {
        try await withRenewal { process in
            try await process.want(["a.example.test"])
            #expect(try await process.run(crashAt: "cert.order_stored", host: "first-host").exit == .signal(SIGKILL))
            let meanwhile = try await process.run(host: "second-host")
            #expect(meanwhile.status == 0 && process.pebble.orders == 1, "\(meanwhile)")
            #expect(meanwhile.standardOutput.contains("taken_elsewhere"), "\(meanwhile)")
            // The host itself knows that its earlier run is dead.
            let same = try await process.run(host: "first-host")
            #expect(same.status == 0 && process.pebble.issued == 1 && process.pebble.orders == 1, "\(same)")
        }
    }

    @Test func `what another host was at when the plan was made, and has done since, is not done again`() async throws {
        try await withRenewal { process in
            try process.folder.write(
                """
                #!/usr/bin/env python3
                json, sys, time, urllib = (__import__(name) for name in ("json", "sys", "time", "urllib.request"))
                task = json.load(sys.stdin)
                if task["action"] == "present":
                    time.sleep(4 if ".slow." in task["record"] else 2)
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
            try process.write(
                more:
                    "challenges: [dns-01]\ndns: {hook: ['\(process.folder.file("hook.py"))'], settle: 0s}\npace: {concurrency: 1}"
            )
            try await process.want(["a.slow.example.test", "b.example.test"])
            let first = try process.start(["--only", "b.example.test"], host: "first-host")
            for _ in 0..<400 {
                if try await process.text("SELECT count(*) FROM cygni.certificates WHERE lease > 0") == "1" { break }
                try await Task.sleep(for: .milliseconds(10))
            }
            // It plans for both, is slow with one, and comes to the other when that is done.
            let second = try await process.run(host: "second-host")
            #expect(try await first.result(timeLimit: .seconds(60)).status == 0)
            #expect(second.status == 0, "\(second)")
            #expect(process.pebble.issued == 2, "\(second)")
        }
    }

    @Test func `four hosts over 200 names`() async throws {
        var options = Pebble.Options()
        options.takesTurns = true
        try await withRenewal(options, more: "deploy: {}") { process in
            try await process.want((0..<200).map { "n\($0).example.test" })
            try process.write(
                more: "deploy: {}\nhttp: {database: false, webroot: '\(process.folder.file("www"))'}\npreflight: off"
            )
            let root = process.folder.file("www")
            try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
            let server = try ChildProcess(
                path: "/usr/bin/python3",
                arguments: ["-m", "http.server", "--bind", "127.0.0.1", "\(process.pebble.httpPort)", "-d", root],
                folder: process.folder.path
            )
            defer { server.signal(SIGKILL) }
            try await Task.sleep(for: .milliseconds(700))
            let runs = try (0..<4).map {
                try process.start(["--output", "json", "--log-level", "error"], host: "host-\($0)")
            }
            var issued: [Int] = []
            for run in runs {
                let result = try await run.result(timeLimit: .seconds(120))
                #expect(result.status == 0, "\(result)")
                issued.append(try process.count("issued", in: result))
            }
            #expect(issued.reduce(0, +) == 200, "\(issued)")
            #expect(process.pebble.orders == 200 && process.pebble.issued == 200)
            #expect(issued.count { $0 > 0 } > 1, "one host did it all: \(issued)")
        }
    }
}
