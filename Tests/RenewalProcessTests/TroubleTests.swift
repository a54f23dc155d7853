import CygniTestSupport
import Foundation
import Testing

/// CAs and names that fail: what is said, what is kept, and when it is tried again.
@Suite struct TroubleTests {
    private static let limited =
        #"{\"type\": \"urn:ietf:params:acme:error:rateLimited\", \"detail\": \"too many new orders (300) from this account in the last 3h0m0s, retry after 2026-11-24 09:00:00 UTC\"}"#

    @Test func `429 with Retry-After and its text`() async throws {
        try await withScriptedCA { process, ca in
            try await ca.tell(
                #"{"faults": [{"path": "/newOrder", "status": 429, "headers": {"Retry-After": "7200"}, "body": "\#(Self.limited)"}]}"#
            )
            try await process.want(["a.example.test"])
            let result = try await process.run()
            #expect(result.status == 1 && result.standardOutput.contains("too many new orders (300)"), "\(result)")
            // Word for word, and not held against the name.
            #expect(
                try await process.text("SELECT problem ->> 'document' FROM cygni.certificates")
                    == Self.limited.replacing(#"\""#, with: "\"")
            )
            #expect(try await process.states() == ["a.example.test pending ca_rate_limited 0"])
            #expect(
                try await process.text(
                    "SELECT next_attempt_at BETWEEN now() + interval '110 min' AND now() + interval '121 min' FROM cygni.certificates"
                ) == "true"
            )
            // Nobody asks it meanwhile.
            try await process.want(["b.example.test"])
            let held = try await process.run()
            #expect(held.status == 0 && held.standardOutput.contains("held_authorities_closed"), "\(held)")
            #expect(try await ca.asked("/newOrder").count == 1)
        }
    }

    @Test func `429 for one name's domain keeps nobody else waiting`() async throws {
        try await withScriptedCA(more: "pace: {concurrency: 1}") { process, ca in
            let until = Date(timeIntervalSinceNow: 7200).formatted(.iso8601)
                .replacing("T", with: " ").replacing("Z", with: " UTC")
            let body =
                #"{\"type\": \"urn:ietf:params:acme:error:rateLimited\", \"detail\": \"too many certificates (50) already issued for example.test in the last 168h0m0s, retry after \#(until): see https://ca.example/limits\"}"#
            try await ca.tell(#"{"faults": [{"path": "/newOrder", "status": 429, "body": "\#(body)"}]}"#)
            try await process.want(["a.example.test", "b.example.test"])
            let result = try await process.run()
            #expect(result.status == 2 && result.standardOutput.contains("already issued"), "\(result)")
            #expect(
                try await process.states() == [
                    "a.example.test pending ca_rate_limited 0", "b.example.test deployed ok 0",
                ]
            )
            // The words alone say until when.
            #expect(
                try await process.text(
                    "SELECT next_attempt_at BETWEEN now() + interval '110 min' AND now() + interval '121 min' FROM cygni.certificates WHERE domain_names[1] = 'a.example.test'"
                ) == "true"
            )
        }
    }

    @Test(arguments: [
        (
            #"{"path": "/newOrder", "times": 9, "status": 503, "headers": {"Retry-After": "600"}, "body": "busy"}"#,
            "ca_unreachable"
        ),
        (#"{"path": "/newOrder", "times": 9, "status": 201, "body": "<html>welcome</html>"}"#, "ca_malformed"),
        (#"{"path": "/dir", "times": 9, "status": 200, "body": "{}"}"#, "ca_malformed"),
        (#"{"path": "/dir", "times": 9, "hang": 3, "status": 200, "body": "{}"}"#, "ca_unreachable"),
        (
            #"{"path": "/certificate", "times": 9, "status": 200, "body": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"}"#,
            "ca_malformed"
        ),
    ]) func `a CA that is out of order is not held against the name`(_ fault: String, _ code: String) async throws {
        try await withScriptedCA { process, ca in
            try await ca.tell(#"{"faults": [\#(fault)]}"#)
            try await process.want(["a.example.test"])
            let result = try await process.run()
            #expect(result.status == 1, "\(result)")
            #expect(try await process.states() == ["a.example.test pending \(code) 0"])
            try await ca.tell(#"{"faults": []}"#)
            try await process.owner("UPDATE cygni.acme_authorities SET closed_until = now()")
            try await process.due()
            let again = try await process.run()
            #expect(again.status == 0, "\(again)")
            #expect(try await process.states() == ["a.example.test deployed ok 0"])
        }
    }

    @Test func `a name that does not validate: 1, 10, 100 minutes, then daily, then quarantine until DNS changes`()
        async throws
    {
        try await withScriptedCA(more: "pace: {quarantine_after: 5}") { process, ca in
            try process.write(
                more: "pace: {quarantine_after: 5}",
                authorities: "{scripted: \(ca.authority(more: ", failures: null"))}"
            )
            try await ca.tell(#"{"validates": false}"#)
            try await process.want(["a.example.test"])
            for minutes in [1, 10, 100, 1440, 2880] {
                let result = try await process.run()
                #expect(
                    result.status == 1 && result.standardOutput.contains("nobody answered: connection refused"),
                    "\(result)"
                )
                let wait = try await process.text(
                    "SELECT round(extract(epoch FROM next_attempt_at - failed_at) / 60) FROM cygni.certificates"
                )
                #expect(wait == "\(minutes)")
                #expect(try await process.run().status == 0)
                try await process.owner(
                    "UPDATE cygni.certificates SET next_attempt_at = now() WHERE state <> 'quarantined'"
                )
            }
            #expect(try await process.states() == ["a.example.test quarantined validation_connection 5"])
            try await ca.tell(#"{"validates": true}"#)
            try await process.owner("UPDATE cygni.certificates SET look_at = now()")
            #expect(try await process.run().status == 0)
            #expect(try await process.states() == ["a.example.test quarantined validation_connection 5"])
            try await process.pebble.names.tell("add-a", #"{"host": "a.example.test.", "addresses": ["127.0.0.9"]}"#)
            try await process.owner("UPDATE cygni.certificates SET look_at = now()")
            #expect(try await process.run().status == 0)
            #expect(try await process.states() == ["a.example.test pending woken 0"])
            let last = try await process.run()
            #expect(try await process.states() == ["a.example.test deployed ok 0"], "\(last)")
        }
    }

    @Test func `one bad name does not stop the others`() async throws {
        try await withRenewal { process in
            try await process.pebble.names.tell("set-servfail", #"{"host": "bad.example.test."}"#)
            try await process.want(["a.example.test", "bad.example.test", "c.example.test"])
            let result = try await process.run()
            #expect(result.status == 2, "\(result)")
            #expect(
                try await process.states().map { $0.split(separator: " ").prefix(2).joined(separator: " ") }
                    == ["a.example.test deployed", "bad.example.test pending", "c.example.test deployed"]
            )
        }
    }

    @Test func `without a CA or a key it says what to do`() async throws {
        try await withRenewal { process in
            #expect(try await process.run().status == 0)
            try process.write(authorities: "{}")
            #expect(try await process.run().status == 0)
            try await process.want(["a.example.test"])
            let none = try await process.run()
            #expect(none.status == 78 && none.standardOutput.contains("no CA is configured"), "\(none)")
            try process.write()
            try process.writeShared(encryption: "")
            let open = try await process.run()
            #expect(open.status == 78 && open.standardOutput.contains("openssl rand -base64 32"), "\(open)")
            #expect(process.pebble.orders == 0)
        }
    }

    @Test func `limits are kept over runs and hosts, and leave room for new tenants`() async throws {
        try await withScriptedCA(authority: ", orders: 5 per 1h, registered_domain: null") { process, ca in
            try await process.want((1...8).map { "n\($0).example.test" })
            let first = try await process.run()
            #expect(first.status == 0 && first.standardOutput.contains("held_quota"), "\(first)")
            #expect(try await ca.asked("/newOrder").count == 5)
            #expect(
                try await process.text(
                    "SELECT count(*) FROM cygni.certificates WHERE reason = 'quota' AND next_attempt_at > now() + interval '10 min'"
                ) == "3"
            )
            try await process.due()
            #expect(try await process.run(host: "another-host").status == 0)
            // Renewals that say what they replace are counted by nobody.
            #expect(try await ca.asked("/newOrder").filter { $0["replaces"] == nil }.count == 5)
            try await process.owner("UPDATE cygni.acme_buckets SET at = at - interval '25 min'")
            try await process.due()
            let plan = try await process.run(["plan"])
            #expect(plan.status == 0 && plan.standardOutput.contains("n1.example.test"), "\(plan)")
            _ = try await process.run()
            #expect(try await ca.asked("/newOrder").filter { $0["replaces"] == nil }.count == 7)
        }
    }
}
