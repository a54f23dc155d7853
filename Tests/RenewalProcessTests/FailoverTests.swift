import CygniTestSupport
import Foundation
import Testing

/// Several CAs: the next one is asked when the first does not want to or cannot.
@Suite struct FailoverTests {
    private func withTwo(
        _ options: Pebble.Options = Pebble.Options(),
        _ body: (RenewProcess, Pebble) async throws -> Void
    ) async throws {
        let first = try await Pebble(options)
        let second = try await Pebble(sharing: first)
        try await withDatabase(.migrated) { database in
            let process = try await RenewProcess(
                database,
                first,
                more: "prefer: [first]",
                authorities:
                    "{first: \(RenewProcess.authority(first, more: ", timeout: 2s")), other: \(RenewProcess.authority(second))}"
            )
            try process.write(
                more: "prefer: [first]\npace: {break_after: 1}",
                authorities:
                    "{first: \(RenewProcess.authority(first, more: ", timeout: 2s")), other: \(RenewProcess.authority(second))}"
            )
            try await body(process, second)
        }
    }

    @Test func `a name that the first CA refuses`() async throws {
        var options = Pebble.Options()
        options.blocked = ["blocked.example.test"]
        try await withTwo(options) { process, second in
            try await process.want(["a.example.test", "blocked.example.test"])
            let result = try await process.run()
            #expect(result.status == 0, "\(result)")
            #expect(
                try await process.text(
                    "SELECT string_agg(authority, ',' ORDER BY domain_names[1]) FROM cygni.certificates"
                ) == "first,other"
            )
            // That a name is refused is no fault of the CA's: it is asked for others.
            #expect(try await process.text("SELECT count(*) FROM cygni.acme_authorities") == "0")
            let words = try await process.text(
                "SELECT problem ->> 'document' FROM cygni.certificate_orders WHERE state = 'failed'"
            )
            #expect(words.contains("rejectedIdentifier") && words.contains("blocked.example.test"), "\(words)")
        }
    }

    @Test func `a CA that is gone, and comes back`() async throws {
        try await withTwo { process, second in
            try await process.want(["a.example.test"])
            process.pebble.freeze()
            let result = try await process.run()
            #expect(result.status == 0, "\(result)")
            #expect(try await process.text("SELECT authority FROM cygni.certificates") == "other")
            #expect(
                try await process.text(
                    "SELECT closed_until > now() FROM cygni.acme_authorities WHERE authority = 'first'"
                )
                    == "true"
            )
            process.pebble.wake()
            // As long as it is closed nobody asks it.
            try await process.want(["b.example.test"])
            #expect(try await process.run().status == 0)
            #expect(second.issued == 2 && process.pebble.issued == 0)
            try await process.owner("UPDATE cygni.acme_authorities SET closed_until = now()")
            try await process.want(["c.example.test"])
            #expect(try await process.run().status == 0)
            #expect(process.pebble.issued == 1)
            #expect(
                try await process.text(
                    "SELECT failures || coalesce(closed_until::text, ' open') FROM cygni.acme_authorities"
                )
                    == "0 open"
            )
        }
    }

    @Test func `CAA chooses the CA, or nobody`() async throws {
        try await withTwo { process, second in
            try process.write(
                authorities:
                    "{first: \(RenewProcess.authority(process.pebble, more: ", caa_identities: [first.example]")), other: \(RenewProcess.authority(second, more: ", caa_identities: [other.example]"))}"
            )
            for (name, issuer) in [("a", "other.example"), ("b", "nobody.example")] {
                try await process.pebble.names.tell(
                    "add-caa",
                    #"{"host": "\#(name).example.test.", "policies": [{"tag": "issue", "value": "\#(issuer)"}]}"#
                )
            }
            try await process.want(["a.example.test", "b.example.test"])
            let result = try await process.run()
            #expect(
                result.status == 2 && result.standardOutput.contains("the CAA records of b.example.test"),
                "\(result)"
            )
            #expect(
                try await process.states() == ["a.example.test deployed ok 0", "b.example.test pending caa_forbids 1"]
            )
            #expect(second.issued == 1 && process.pebble.orders == 0)
            // Whoever knows better says so, once or for good.
            try await process.due()
            let once = try await process.run(["--only", "b.example.test", "--ignore-preflight"])
            #expect(once.status == 0, "\(once)")
            try await process.owner("DELETE FROM cygni.certificates WHERE domain_names[1] = 'b.example.test'")
            try await process.want(["b.example.test"])
            try process.write(
                more: "preflight: warn",
                authorities:
                    "{first: \(RenewProcess.authority(process.pebble, more: ", caa_identities: [first.example]"))}"
            )
            try await process.due()
            let warned = try await process.run()
            #expect(warned.status == 0 && warned.standardError.contains("found a fault"), "\(warned)")
        }
    }
}
