import CygniTestSupport
import Testing

/// Names that two tenants want, tokens that are another's, and what a tenant may not say of itself.
@Suite struct RaceTests {
    private static let zone = "shop.example.com"

    private func withShop(_ body: (VerifyProcess, NameServer) async throws -> Void) async throws {
        let server = try await NameServer([Self.zone: "www IN A 192.0.2.1"])
        try await withDatabase(.migrated) { database in
            let process = try VerifyProcess(database, stubs: [Self.zone: [server.address]])
            try await process.seed()
            try await body(process, server)
        }
    }

    private func proofs(_ tokens: [String]) -> String {
        tokens.map { "_cygni-challenge.www IN TXT \"\($0)\"\n" }.joined() + "www IN A 192.0.2.1"
    }

    @Test func `of two tenants one wins, the other is told, and takes over once the first one's proof is gone`()
        async throws
    {
        try await withShop { process, server in
            let first = try await process.claim("www.shop.example.com", tenant: 1)
            let second = try await process.claim("www.shop.example.com", tenant: 2)
            try await server.serve(Self.zone, serial: 2, proofs([first, second]))
            let raced = try await process.look()
            #expect(raced.status == 0, "\(raced)")
            let states = try await process.states()
            #expect(states.filter { $0.contains("verified ok 0") }.count == 1)
            #expect(states.filter { $0.contains("pending held_by_other 0") }.count == 1)
            let winner = states[0].contains("verified") ? 1 : 2
            let told = try await process.text("SELECT fix FROM cygni.domain_checks WHERE reason = 'held_by_other'")
            #expect(told.hasPrefix("another account holds this name"))

            // A proof that stays beside the other one's changes nothing.
            try await process.look()
            #expect(try await process.states() == states)

            let loser = winner == 1 ? 2 : 1
            try await server.serve(Self.zone, serial: 3, proofs([winner == 1 ? second : first]))
            try await process.look()
            try await process.look()
            let after = try await process.states()
            #expect(after.contains("www.shop.example.com t\(loser) verified ok 0"), "\(after)")
            #expect(after.contains { $0.hasPrefix("www.shop.example.com t\(winner) quarantined") }, "\(after)")
        }
    }

    @Test func `with another's token nobody claims anything`() async throws {
        try await withShop { process, server in
            let token = try await process.claim("www.shop.example.com", tenant: 1)
            try await server.serve(Self.zone, serial: 2, proofs([token]))
            await #expect(throws: (any Error).self) {
                try await process.owner(
                    "INSERT INTO cygni.domains (tenant_id, project_id, name, verification_token) VALUES (md5('t2')::uuid, md5('p2')::uuid, 'www.shop.example.com', '\(token)')"
                )
            }
            _ = try await process.claim("www.shop.example.com", tenant: 2)
            try await process.look()
            #expect(
                try await process.states() == [
                    "www.shop.example.com t1 verified ok 0", "www.shop.example.com t2 pending ownership_other 0",
                ]
            )
        }
    }

    @Test(arguments: [
        "INSERT INTO cygni.domains (tenant_id, project_id, name, state) VALUES (md5('t1')::uuid, md5('p1')::uuid, 'x.example.com', 'verified')",
        "UPDATE cygni.domains SET state = 'verified'", "UPDATE cygni.domains SET name = 'other.example.com'",
        "UPDATE cygni.domains SET verified_at = now()", "UPDATE cygni.domains SET scope = 'domain'",
        "UPDATE cygni.domains SET zone = 'mine'",
        "INSERT INTO cygni.domain_checks (tenant_id, domain_id, name, at, state, reason) VALUES (md5('t1')::uuid, md5('x')::uuid, 'x', now(), 'verified', 'ok')",
    ])
    func `a tenant says nothing of what was proven`(sql: String) async throws {
        try await withDatabase(.migrated) { database in
            let process = try VerifyProcess(database, stubs: [:])
            try await process.seed()
            try await process.claim("www.shop.example.com")
            let before = try await process.text("SELECT string_agg(d::text, '') FROM cygni.domains AS d")
            let app =
                "SET LOCAL ROLE cygni_app; SET LOCAL cygni.tenant_id = '\(try await process.text("SELECT md5('t1')::uuid"))';"
            await #expect(throws: (any Error).self) { try await process.owner("BEGIN; \(app) \(sql); COMMIT") }
            #expect(try await process.text("SELECT string_agg(d::text, '') FROM cygni.domains AS d") == before)
        }
    }

    @Test func `a tenant removes a domain, asks for a look, and never chooses a token`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try VerifyProcess(database, stubs: [:])
            try await process.seed()
            let token = try await process.claim("www.shop.example.com")
            let app =
                "SET LOCAL ROLE cygni_app; SET LOCAL cygni.tenant_id = '\(try await process.text("SELECT md5('t1')::uuid"))';"
            try await process.owner(
                """
                BEGIN; \(app)
                INSERT INTO cygni.domains (tenant_id, project_id, name, verification_token) VALUES (md5('t1')::uuid, md5('p1')::uuid, 'x.example.com', 'mine');
                UPDATE cygni.domains SET verification_token = 'mine', next_check_at = now() WHERE name = 'www.shop.example.com';
                COMMIT
                """
            )
            let fresh = try await process.token("www.shop.example.com")
            #expect(fresh != token && fresh.count == 32)
            #expect(try await process.token("x.example.com").count == 32)
            try await process.owner("BEGIN; \(app) UPDATE cygni.domains SET state = 'removed'; COMMIT")
            #expect(try await process.text("SELECT count(*) FROM cygni.domains WHERE state = 'removed'") == "2")
        }
    }
}
