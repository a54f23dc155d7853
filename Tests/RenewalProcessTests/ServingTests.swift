import CygniTestSupport
import Foundation
import Testing

/// Issued, deployed, and seen in the handshakes of each edge address.
@Suite struct ServingTests {
    private func withEdge(
        _ addresses: [String] = ["127.0.0.1", "127.0.0.2", "::1"],
        _ body: (RenewProcess) async throws -> Void
    ) async throws {
        try await withRenewal { process in
            let tls = process.folder.file("tls")
            try FileManager.default.createDirectory(atPath: tls, withIntermediateDirectories: true)
            let edge = try await PythonPeer.script("edge", [tls, "0"] + addresses)
            let listed = ["127.0.0.1", "127.0.0.2", "::1"].map { "'\($0)'" }.joined(separator: ", ")
            try process.write(more: "serving: {addresses: [\(listed)], port: \(edge.port), timeout: 2s}")
            try await body(process)
            withExtendedLifetime(edge) {}
        }
    }

    @Test func `served by all, then looked at again`() async throws {
        try await withEdge { process in
            try await process.want(["a.example.test"])
            let result = try await process.run()
            #expect(result.status == 0, "\(result)")
            #expect(try await process.states() == ["a.example.test served ok 0"])
            #expect(try await process.text("SELECT served || ' of ' || edges FROM cygni.certificates") == "3 of 3")
            let probe = try await process.run(["--probe"])
            #expect(probe.status == 0 && probe.standardOutput.contains("to_probe"), "\(probe)")
            #expect(process.pebble.issued == 1)
        }
    }

    @Test func `one edge address that does not answer is named, deployed again, not issued again`() async throws {
        try await withEdge(["127.0.0.1", "::1"]) { process in
            try await process.want(["a.example.test"])
            let result = try await process.run()
            #expect(result.status == 1, "\(result)")
            #expect(result.standardOutput.contains("served by 2 of 3 edge addresses: 127.0.0.2@"), "\(result)")
            #expect(try await process.states() == ["a.example.test unserved not_served 0"])
            try await process.owner("UPDATE cygni.certificates SET probe_at = now()")
            let again = try await process.run()
            #expect(again.status == 1 && again.standardOutput.contains("deploy"), "\(again)")
            #expect(process.pebble.issued == 1)
            #expect(
                try await process.text("SELECT probe_at > now() + interval '8 min' FROM cygni.certificates") == "true"
            )
        }
    }

    @Test func `an edge that was not told to read again`() async throws {
        try await withEdge { process in
            try await process.want(["a.example.test"])
            #expect(try await process.run().status == 0)
            try process.folder.write("", to: "tls/stale")
            let renewed = try await process.run(["--only", "a.example.test"])
            #expect(renewed.status == 1 && renewed.standardOutput.contains("shows another certificate"), "\(renewed)")
            #expect(try await process.states() == ["a.example.test unserved not_served 0"])
            let probe = try await process.run(["--probe", "--output", "json"])
            #expect(probe.status == 1 && probe.standardOutput.contains("reads its certificates again"), "\(probe)")
            try FileManager.default.removeItem(atPath: process.folder.file("tls/stale"))
            try await process.owner("UPDATE cygni.certificates SET probe_at = now()")
            #expect(try await process.run().status == 0)
            #expect(try await process.states() == ["a.example.test served ok 0"])
            #expect(process.pebble.issued == 2)
        }
    }

    @Test func `a command gets all of it as JSON, and its failure is kept apart from issuing`() async throws {
        try await withRenewal { process in
            try process.folder.write(
                "#!/bin/sh\n[ -e '\(process.folder.file("fail"))' ] && { echo 'disk is full' >&2; exit 4; }\ncat > '\(process.folder.file("got.json"))'\n",
                to: "deploy.sh"
            )
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755],
                ofItemAtPath: process.folder.file("deploy.sh")
            )
            try process.write(more: "deploy: {command: ['\(process.folder.file("deploy.sh"))']}")
            try process.folder.write("", to: "fail")
            try await process.want(["a.example.test"])
            let failed = try await process.run()
            #expect(failed.status == 1 && failed.standardOutput.contains("disk is full"), "\(failed)")
            #expect(try await process.states() == ["a.example.test issued not_deployed 0"])
            try FileManager.default.removeItem(atPath: process.folder.file("fail"))
            try await process.owner("UPDATE cygni.certificates SET probe_at = now()")
            #expect(try await process.run().status == 0)
            #expect(try await process.states() == ["a.example.test deployed ok 0"])
            #expect(process.pebble.issued == 1)
            let got =
                try JSONSerialization.jsonObject(with: Data(try process.folder.read("got.json").utf8)) as? [String: Any]
            #expect(got?["names"] as? [String] == ["a.example.test"])
            #expect((got?["key"] as? String)?.contains("PRIVATE KEY") == true)
        }
    }

    @Test func `a folder that can't be written, a name that is a path`() async throws {
        try await withRenewal { process in
            try process.folder.write("", to: "file")
            try process.write(more: "deploy: {directory: '\(process.folder.file("file"))'}")
            try await process.want(["a.example.test"])
            let result = try await process.run()
            #expect(result.status == 1 && result.standardOutput.contains("Not a directory"), "\(result)")
            try process.write()
            try await process.want(["../../etc/passwd"])
            let hostile = try await process.run()
            #expect(hostile.status == 1 && hostile.standardOutput.contains("is no host name"), "\(hostile)")
            #expect(!FileManager.default.fileExists(atPath: process.folder.file("etc")))
        }
    }
}
