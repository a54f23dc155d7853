import CygniPostgres
import CygniTestSupport
import Foundation
import Testing

/// Keys, links and refresh tokens, from their making to their end.
@Suite struct CredentialTests {
    @Test func aKeyOfTheToolLetsAMachineIn() async throws {
        try await withServer { server in
            let made = try await server.tool([
                "token", "create", "--tenant", "acme", "--role", "developer", "--name", "ci", "--scope",
                "deployments:read",
            ])
            #expect(made.status == 0, "\(made)")
            let key = made.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)
            #expect(try await server.get("/v2/deployments", token: key).status == 200)
            #expect(try await server.get("/v2/domains", token: key).status == 403)
            #expect(
                try await server.get(
                    "/v2/deployments",
                    token: String(key.dropLast()) + (key.hasSuffix("A") ? "B" : "A")
                ).status == 401
            )
            #expect(try await server.text("SELECT count(*) FROM cygni.api_keys WHERE last_used_at IS NOT NULL") == "1")
            #expect(
                try await server.text(
                    "SELECT count(*) FROM cygni.api_keys AS k WHERE k::text LIKE '%\(key.dropFirst(10))%'"
                ) == "0"
            )
            let id = try await server.text("SELECT id FROM cygni.api_keys")
            let listed = try await server.tool(["token", "list"])
            #expect(listed.standardOutput.contains(id) && !listed.standardOutput.contains(key))
            #expect(try await server.tool(["token", "revoke", id]).status == 0)
            #expect(try await server.get("/v2/deployments", token: key).status == 401)
            #expect(try await server.tool(["token", "revoke", id]).status == 1)
            let audit = try await server.text(
                "SELECT string_agg(action, ' ' ORDER BY id) FROM cygni.audit_log WHERE subject LIKE 'key:%'"
            )
            #expect(audit == "key.make key.revoke")
        }
    }

    @Test func aKeyEndsByItself() async throws {
        try await withServer { server in
            let made = try await server.tool(["token", "create", "--operator", "--name", "grafana", "--for", "1s"])
            let key = made.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)
            #expect(try await server.get("/v2/jobs", token: key).status == 200)
            try await Task.sleep(for: .milliseconds(1200))
            #expect(try await server.get("/v2/jobs", token: key).status == 401)
        }
    }

    @Test func nobodyMakesAKeyThatMayDoMore() async throws {
        try await withServer { server in
            try await server.owner(
                "INSERT INTO cygni.api_roles (tenant_id, name, permissions) VALUES (md5('acme')::uuid, 'keeper', '{keys:write,domains:write}')"
            )
            let token = try await server.token("keeper")
            let more = try await server.ask("POST", "/v2/keys", token: token, body: #"{"name": "x", "role": "owner"}"#)
            #expect(more.status == 403, "\(more)")
            let less = try await server.ask(
                "POST",
                "/v2/keys",
                token: token,
                body: #"{"name": "x", "role": "owner", "scopes": ["domains:write"]}"#
            )
            #expect(less.status == 201, "\(less)")
            let key = try #require(less.json["key"] as? String)
            let me = try await server.get("/v2/me", token: key)
            #expect(me.json["permissions"] as? [String] == ["domains:write"], "\(me)")
            let odd = try await server.ask("POST", "/v2/keys", token: token, body: #"{"name": "x", "role": "nothing"}"#)
            #expect(odd.status == 400 && odd.text.contains("/role"), "\(odd)")
        }
    }

    private func pair(_ server: ServedAPI) async throws -> (access: String, refresh: String) {
        let made = try await server.tool([
            "token", "link", "--tenant", "acme", "--role", "owner", "--subject", "anna@example.test",
        ])
        let link = made.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)
        let answer = try await server.ask("POST", "/v2/tokens", body: #"{"link": "\#(link)"}"#)
        #expect(answer.status == 200, "\(answer) \(made)")
        let again = try await server.ask("POST", "/v2/tokens", body: #"{"link": "\#(link)"}"#)
        #expect(again.status == 401, "a link is used once: \(again)")
        return (
            try #require(answer.json["access_token"] as? String), try #require(answer.json["refresh_token"] as? String)
        )
    }

    private func refresh(_ server: ServedAPI, _ token: String) async throws -> ServedAPI.Answer {
        try await server.ask("POST", "/v2/tokens/refresh", body: #"{"refresh_token": "\#(token)"}"#)
    }

    @Test func aLinkGivesTokensOnce() async throws {
        try await withServer { server in
            let (access, first) = try await pair(server)
            let me = try await server.get("/v2/me", token: access)
            #expect(me.json["subject"] as? String == "user:anna@example.test", "\(me)")
            let next = try await refresh(server, first)
            #expect(next.status == 200, "\(next)")
            // A second tab, a moment later: it loses nothing, and gets nothing.
            let tab = try await refresh(server, first)
            #expect(tab.status == 409, "\(tab)")
            let second = try #require(next.json["refresh_token"] as? String)
            #expect(
                try await server.ask("POST", "/v2/tokens/revoke", body: #"{"refresh_token": "\#(second)"}"#).status
                    == 204
            )
            #expect(try await refresh(server, second).status == 401)
            // Signed out is not stolen.
            #expect(try await server.text("SELECT count(*) FROM cygni.audit_log WHERE action = 'token.reused'") == "0")
        }
    }

    @Test func aStolenRefreshTokenEndsItsFamily() async throws {
        try await withServer { server in
            let (_, first) = try await pair(server)
            let second = try #require(try await refresh(server, first).json["refresh_token"] as? String)
            try await server.owner("UPDATE cygni.refresh_tokens SET rotated_at = rotated_at - interval '1 minute'")
            #expect(try await refresh(server, first).status == 401)
            #expect(try await refresh(server, second).status == 401, "the head of the family goes, too")
            #expect(try await server.text("SELECT count(*) FROM cygni.audit_log WHERE action = 'token.reused'") == "1")
        }
    }

    @Test func fiftyRefreshesAtOnceLeaveOneHead() async throws {
        try await withServer(pool: 8) { server in
            let (_, first) = try await pair(server)
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<50 { group.addTask { try await refresh(server, first).status } }
                return try await group.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
            }
            #expect(statuses == [200: 1, 409: 49], "\(statuses)")
            let heads = "SELECT count(*) FROM cygni.refresh_tokens WHERE rotated_at IS NULL AND ended_at IS NULL"
            #expect(try await server.text(heads) == "1")
        }
    }

    /// What is over is removed when a server starts, and every hour.
    @Test func whatIsOverIsRemoved() async throws {
        try await withDatabase(.served) { database in
            try await database.connect(role: "cygni_jobs").access { session in
                try session.script(
                    """
                    INSERT INTO cygni.sign_in_links (hash, subject, role, created_by, expires_at) VALUES
                        (sha256('old'), 'user:a', 'operator', 'test', now() - interval '31 days'), (sha256('new'), 'user:a', 'operator', 'test', now());
                    INSERT INTO cygni.idempotent_requests (tenant_id, key, fingerprint, status, body, created_at) VALUES
                        (md5('acme')::uuid, 'old', sha256(''), 200, '', now() - interval '25 hours'), (md5('acme')::uuid, 'new', sha256(''), 200, '', now());
                    INSERT INTO cygni.refresh_tokens (family, subject, role, hash, expires_at)
                        VALUES (gen_random_uuid(), 'user:a', 'operator', sha256('old'), now() - interval '31 days');
                    INSERT INTO cygni.page_sessions (hash, subject, role, expires_at) VALUES
                        (sha256('old'), 'user:a', 'operator', now() - interval '31 days'), (sha256('new'), 'user:a', 'operator', now());
                    """,
                    name: "rows"
                )
            }
            let server = try await ServedAPI(database)
            defer { server.process.signal(9) }
            let counts = """
                SELECT (SELECT count(*) FROM cygni.sign_in_links) || ' ' || (SELECT count(*) FROM cygni.idempotent_requests)
                    || ' ' || (SELECT count(*) FROM cygni.refresh_tokens) || ' ' || (SELECT count(*) FROM cygni.page_sessions)
                """
            for _ in 0..<100 where try await server.text(counts) != "1 1 0 1" {
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(try await server.text(counts) == "1 1 0 1")
        }
    }
}
