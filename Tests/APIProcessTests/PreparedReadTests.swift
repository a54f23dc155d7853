import CygniPostgres
import CygniTestSupport
import Testing

/// Reads are prepared once for each connection; what happens to that beneath the server is no affair of its clients.
@Suite struct PreparedReadTests {
    private func list(_ server: ServedAPI, _ token: String) async throws -> ServedAPI.Answer {
        try await server.get("/v2/deployments?limit=3", token: token)
    }

    @Test func planningIsDoneOnce() async throws {
        try await withServer(pool: 1) { server in
            let token = try await server.token("viewer")
            for _ in 0..<20 { #expect(try await list(server, token).items.count == 3) }
            // Each tenant sees its own with the very same plan.
            let other = try await server.token("viewer", tenant: "bolt")
            let branches = try await list(server, other).items.compactMap { $0["branch"] as? String }
            #expect(branches.count == 3 && branches.allSatisfy { $0.hasPrefix("bolt-") }, "\(branches)")
        }
    }

    /// A migration changes a column under a plan that stands, and the next request asks anew.
    @Test func aPlanThatHoldsNoLonger() async throws {
        try await withServer(pool: 2) { server in
            let token = try await server.token("viewer")
            for _ in 0..<10 { #expect(try await list(server, token).status == 200) }
            try await server.owner("ALTER TABLE cygni.deployments ALTER COLUMN branch TYPE varchar(300)")
            for _ in 0..<4 {
                let answer = try await list(server, token)
                #expect(answer.status == 200 && answer.items.count == 3, "\(answer)")
            }
            #expect(!server.process.errorText.contains("cached plan"))
        }
    }
}
