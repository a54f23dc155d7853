import CygniTestSupport
import Foundation
import Testing

/// What changes something: its effect once, its entry in the audit log, its refusals.
@Suite struct ChangeTests {
    @Test func fiftyDuplicatesHaveOneEffect() async throws {
        try await withServer(pool: 8, settings: "rates: {free: {writes: 6000}}") { server in
            let token = try await server.token("developer")
            let project = try await server.text("md5('acme web')::uuid")
            let body = #"{"project_id": "\#(project)", "name": "shop.example.test"}"#
            let key = [(name: "Idempotency-Key", value: "order-66")]
            let answers = try await withThrowingTaskGroup(of: ServedAPI.Answer.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        try await server.ask("POST", "/v2/domains", token: token, body: body, headers: key)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(answers.map(\.status)).isSubset(of: [201, 409]), "\(answers.map(\.status))")
            let good = answers.filter { $0.status == 201 }
            #expect(Set(good.map(\.text)).count == 1 && good.count { $0.header("Idempotency-Replayed") == nil } == 1)
            #expect(answers.filter { $0.status == 409 }.allSatisfy { $0.problem == "request-in-flight" })
            #expect(try await server.text("SELECT count(*) FROM cygni.domains WHERE name = 'shop.example.test'") == "1")
            #expect(try await server.text("SELECT count(*) FROM cygni.audit_log WHERE action = 'domain.add'") == "1")
            let later = try await server.ask("POST", "/v2/domains", token: token, body: body, headers: key)
            #expect(later.status == 201 && later.header("Idempotency-Replayed") == "true", "\(later)")
            #expect(later.header("Location") == good.first?.header("Location"))
            let other = body.replacing("shop", with: "other")
            let reused = try await server.ask("POST", "/v2/domains", token: token, body: other, headers: key)
            #expect(reused.status == 422 && reused.problem == "idempotency-key-reused", "\(reused)")
            // The key of another tenant is another key.
            let bolt = try await server.token("developer", tenant: "bolt")
            let theirs = try await server.text("md5('bolt web')::uuid")
            let elsewhere = #"{"project_id": "\#(theirs)", "name": "shop.example.test"}"#
            let made = try await server.ask("POST", "/v2/domains", token: bolt, body: elsewhere, headers: key)
            #expect(made.status == 201, "\(made)")
        }
    }

    @Test func aRefusalIsNotKept() async throws {
        try await withServer { server in
            let token = try await server.token("developer")
            let id = try await server.text("md5('acme 1')::uuid")
            let key = [(name: "Idempotency-Key", value: "k")]
            let early = try await server.ask("POST", "/v2/deployments/\(id)/restore", token: token, headers: key)
            #expect(early.status == 409 && early.problem == "conflict", "\(early)")
            try await server.owner(
                "UPDATE cygni.deployments SET state = 'reaping', state_before = 'ready' WHERE id = '\(id)'"
            )
            let now = try await server.ask("POST", "/v2/deployments/\(id)/restore", token: token, headers: key)
            #expect(now.status == 200 && now.json["state"] as? String == "ready", "\(now)")
            let again = try await server.ask("POST", "/v2/deployments/\(id)/restore", token: token, headers: key)
            #expect(again.status == 200 && again.header("Idempotency-Replayed") == "true", "\(again)")
        }
    }

    @Test func whatWasChangedIsOnRecord() async throws {
        try await withServer { server in
            let token = try await server.token("developer")
            let id = try await server.text("md5('acme 1')::uuid")
            let answer = try await server.ask(
                "POST",
                "/v2/deployments/\(id)/pin",
                token: token,
                body: #"{"pinned": true}"#,
                headers: [("X-Request-Id", "the-request-1")]
            )
            #expect(answer.json["pinned"] as? Bool == true, "\(answer)")
            #expect(answer.header("X-Request-Id") == "the-request-1")
            let entry = try await server.get("/v2/audit?action=deployment.pin", token: server.token("owner"))
            let details = try #require(entry.items.first?["details"] as? [String: Any])
            #expect(entry.items.first?["actor"] as? String == "user:developer@acme")
            #expect(details["request_id"] as? String == "the-request-1" && details["address"] as? String == "127.0.0.1")
            #expect((details["before"] as? [String: Bool]) == ["pinned": false])
            #expect((details["after"] as? [String: Bool]) == ["pinned": true])
            let verified = try await server.tool(["audit", "verify"])
            #expect(verified.status == 0, "\(verified)")
        }
    }

    @Test func aClaimOfANameTellsTheRecordToSet() async throws {
        try await withServer { server in
            let token = try await server.token("developer")
            let project = try await server.text("md5('acme web')::uuid")
            func add(_ name: String) async throws -> ServedAPI.Answer {
                try await server.ask(
                    "POST",
                    "/v2/domains",
                    token: token,
                    body: #"{"project_id": "\#(project)", "name": "\#(name)"}"#
                )
            }
            let made = try await add("Bücher.example.test")
            #expect(made.status == 201 && made.json["name"] as? String == "xn--bcher-kva.example.test", "\(made)")
            let record = (made.json["records"] as? [[String: String]])?.first
            #expect(record?["name"]?.hasPrefix("_cygni-challenge.xn--bcher-kva.example.test") == true, "\(made)")
            #expect((record?["value"]?.count ?? 0) >= 32)
            #expect(try await add("bücher.example.test.").status == 409)
            for name in ["localhost", "127.0.0.1", "co.uk", "a..b", "-a.example.test", "a b.example.test"] {
                let refused = try await add(name)
                #expect(refused.status == 400 && refused.text.contains("/name"), "\(name): \(refused)")
            }
            let stranger = #"{"project_id": "00000000-0000-4000-8000-000000000000", "name": "x.example.test"}"#
            #expect(try await server.ask("POST", "/v2/domains", token: token, body: stranger).status == 404)
            let id = try #require(made.json["id"] as? String)
            try await server.owner("UPDATE cygni.domains SET next_check_at = NULL")
            let check = try await server.ask("POST", "/v2/domains/\(id)/check", token: token)
            #expect(check.status == 202 && check.json["next_check_at"] is String, "\(check)")
        }
    }
}
