import CygniTestSupport
import Foundation
import Testing

/// When the CA says when (RFC 9773).
@Suite struct WindowTests {
    private func day(_ offset: Int) -> String {
        Date(timeIntervalSinceNow: Double(offset) * 86_400).formatted(.iso8601)
    }

    @Test func `asked after issuing, the moment is kept until the window moves`() async throws {
        try await withScriptedCA { process, ca in
            try await ca.tell(#"{"window": ["\#(day(50))", "\#(day(60))"]}"#)
            try await process.want(["a.example.test"])
            let first = try await process.run()
            #expect(first.status == 0, "\(first)")
            let inside = "next_attempt_at BETWEEN window_start AND window_end"
            #expect(try await process.text("SELECT \(inside) FROM cygni.certificates") == "true")
            let chosen = try await process.text("SELECT next_attempt_at FROM cygni.certificates")
            #expect(try await ca.asked("/renewalInfo/").count == 1)

            // Not asked before its time.
            #expect(try await process.run().status == 0)
            #expect(try await ca.asked("/renewalInfo/").count == 1)
            try await process.owner("UPDATE cygni.certificates SET window_next_at = now()")
            #expect(try await process.run().status == 0)
            #expect(try await ca.asked("/renewalInfo/").count == 2)
            #expect(try await process.text("SELECT next_attempt_at FROM cygni.certificates") == chosen)

            try await ca.tell(#"{"window": ["\#(day(20))", "\#(day(21))"]}"#)
            try await process.owner("UPDATE cygni.certificates SET window_next_at = now()")
            let moved = try await process.run()
            #expect(
                moved.standardOutput.contains("windows_moved") && moved.standardError.contains("https://ca.example/why")
            )
            #expect(try await process.text("SELECT \(inside) FROM cygni.certificates") == "true")
            #expect(try await process.text("SELECT next_attempt_at FROM cygni.certificates") != chosen)
        }
    }

    @Test func `a window in the past is honoured at once, and says what it replaces`() async throws {
        try await withScriptedCA { process, ca in
            try await process.want(["a.example.test"])
            #expect(try await process.run().status == 0)
            let id = try await process.text("SELECT ari_id FROM cygni.certificates")
            #expect(id.split(separator: ".").count == 2)
            try await ca.tell(#"{"window": ["\#(day(-2))", "\#(day(-1))"]}"#)
            try await process.owner("UPDATE cygni.certificates SET window_next_at = now()")
            #expect(try await process.run().status == 0)
            try await ca.tell(#"{"window": null}"#)
            let renewed = try await process.run()
            #expect(renewed.status == 0, "\(renewed)")
            let orders = try await ca.asked("/newOrder")
            #expect(orders.count == 2 && orders[0]["replaces"] == nil && orders[1]["replaces"] as? String == id)
            #expect(try await process.run().status == 0)
            #expect(try await ca.asked("/newOrder").count == 2)
        }
    }

    @Test func `what was replaced already is ordered without saying so`() async throws {
        try await withScriptedCA { process, ca in
            try await process.want(["a.example.test"])
            #expect(try await process.run().status == 0)
            let id = try await process.text("SELECT ari_id FROM cygni.certificates")
            try await ca.tell(
                #"{"faults": [{"path": "/newOrder", "status": 409, "body": "{\"type\": \"urn:ietf:params:acme:error:alreadyReplaced\", \"detail\": \"replaced\"}"}]}"#
            )
            let renewed = try await process.run(["--only", "a.example.test"])
            #expect(renewed.status == 0, "\(renewed)")
            let orders = try await ca.asked("/newOrder")
            #expect(orders.count == 3 && orders[1]["replaces"] as? String == id && orders[2]["replaces"] == nil)
        }
    }

    @Test(arguments: [
        (#"["2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z"]"#, "a window that ends before it starts"),
        (#"["soon", "later"]"#, "no times"),
    ]) func `an answer that is none`(_ window: String, _ what: String) async throws {
        try await withScriptedCA { process, ca in
            try await process.want(["a.example.test"])
            #expect(try await process.run().status == 0)
            let chosen = try await process.text("SELECT next_attempt_at FROM cygni.certificates")
            try await ca.tell(#"{"window": \#(window)}"#)
            try await process.owner("UPDATE cygni.certificates SET window_next_at = now()")
            let result = try await process.run()
            #expect(result.status == 0 && result.standardOutput.contains("windows_not_told"), "\(what): \(result)")
            // What was chosen stands, and the next question comes no sooner than after six hours.
            #expect(try await process.text("SELECT next_attempt_at FROM cygni.certificates") == chosen)
            #expect(
                try await process.text(
                    "SELECT window_next_at > now() + interval '5 hours' AND window_failures = 1 FROM cygni.certificates"
                ) == "true"
            )
        }
    }

    @Test(arguments: [("10", 60), ("999999999", 86_400), ("21600", 21_600)])
    func `Retry-After is kept within a minute and a day`(_ said: String, _ seconds: Int) async throws {
        try await withScriptedCA { process, ca in
            try await ca.tell(#"{"retry_after": "\#(said)"}"#)
            try await process.want(["a.example.test"])
            #expect(try await process.run().status == 0)
            let wait = try await process.text(
                "SELECT round(extract(epoch FROM window_next_at - issued_at)) FROM cygni.certificates"
            )
            #expect(abs((Int(wait) ?? 0) - seconds) <= 3, "\(wait)")
        }
    }
}
