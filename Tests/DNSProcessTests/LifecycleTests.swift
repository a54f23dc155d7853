import CygniTestSupport
import Testing

/// A domain from its claim to its end, with real servers and a real database.
@Suite struct LifecycleTests {
    private static let zone = "shop.example.com"

    private func withShop(_ body: (VerifyProcess, NameServer) async throws -> Void) async throws {
        let server = try await NameServer([Self.zone: "www IN A 192.0.2.1"])
        try await withDatabase(.migrated) { database in
            let process = try VerifyProcess(database, stubs: [Self.zone: [server.address]])
            try await process.seed()
            try await body(process, server)
        }
    }

    @Test func `claimed, proven, gone, quarantined, proven anew`() async throws {
        try await withShop { process, server in
            let token = try await process.claim("www.shop.example.com")
            #expect(token.count == 32)
            let first = try await process.run()
            #expect(first.status == 0, "\(first)")
            #expect(try await process.states() == ["www.shop.example.com t1 pending ownership_missing 0"])
            let fix = try await process.text("SELECT fix FROM cygni.domain_checks ORDER BY id DESC LIMIT 1")
            #expect(fix == "add TXT _cygni-challenge.www.shop.example.com with the value \(token)")

            let proof = "_cygni-challenge.www IN TXT \"\(token)\"\nwww IN A 192.0.2.1"
            try await server.serve(Self.zone, serial: 2, proof)
            try await process.look()
            #expect(try await process.states() == ["www.shop.example.com t1 verified ok 0"])
            #expect(
                try await process.text(
                    "SELECT verified_at IS NOT NULL AND zone LIKE 'shop.example.com / %' FROM cygni.domains"
                ) == "true"
            )

            try await server.serve(Self.zone, serial: 3, "www IN A 203.0.113.9")
            try await process.look()
            #expect(try await process.states() == ["www.shop.example.com t1 verified ok 1"])
            try await process.look()
            #expect(try await process.states() == ["www.shop.example.com t1 failing ownership_missing 2"])
            try await process.look(after: "4 days")
            #expect(try await process.states() == ["www.shop.example.com t1 quarantined ownership_missing 3"])

            // The old proof counts no more, a new one does.
            let fresh = try await process.token("www.shop.example.com")
            #expect(fresh != token)
            try await server.serve(Self.zone, serial: 4, proof)
            try await process.look()
            #expect(try await process.states() == ["www.shop.example.com t1 quarantined ownership_missing 4"])
            try await server.serve(Self.zone, serial: 5, "_cygni-challenge.www IN TXT \"\(fresh)\"\nwww IN A 192.0.2.1")
            try await process.look()
            #expect(try await process.states() == ["www.shop.example.com t1 verified ok 0"])
            let trail = try await process.text("SELECT string_agg(action, ' ' ORDER BY seq) FROM cygni.audit_log")
            #expect(trail == "domain.verified domain.failing domain.quarantined domain.verified")
        }
    }

    @Test func `a name that dangles towards us is quarantined without waiting`() async throws {
        try await withShop { process, server in
            let token = try await process.claim("www.shop.example.com")
            try await server.serve(Self.zone, serial: 2, "_cygni-challenge.www IN TXT \"\(token)\"\nwww IN A 192.0.2.1")
            try await process.look()
            try await server.serve(Self.zone, serial: 3, "www IN A 192.0.2.1")
            try await process.look()
            try await process.look()
            #expect(try await process.states() == ["www.shop.example.com t1 quarantined ownership_missing 2"])
        }
    }
}
