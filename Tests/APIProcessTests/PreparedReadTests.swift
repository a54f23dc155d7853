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

    /// Of a tenant with many deployments, those of a small project: by its index, not through all there are.
    @Test func aFilterHasItsIndex() async throws {
        try await withServer(pool: 1) { server in
            try await server.owner(
                """
                INSERT INTO cygni.projects (tenant_id, id, slug) SELECT md5('acme')::uuid, md5('p' || n)::uuid, 'p' || n FROM generate_series(1, 2) AS n;
                INSERT INTO cygni.deployments (tenant_id, project_id, kind, branch, state, created_at)
                SELECT md5('acme')::uuid, md5('p' || CASE WHEN n > 19980 THEN 2 ELSE 1 END)::uuid, 'production', 'b' || n, 'ready', now() - n * interval '1 minute'
                FROM generate_series(1, 20000) AS n;
                """
            )
            try await server.owner("ANALYZE cygni.deployments")
            let project = try await server.text("md5('p2')::uuid")
            let token = try await server.token("viewer")
            for _ in 0..<10 {
                let answer = try await server.get("/v2/deployments?project=\(project)&limit=100", token: token)
                #expect(answer.status == 200 && answer.items.count == 20, "\(answer)")
            }
            // A session tells its counters within seconds.
            let scans =
                "SELECT idx_scan || ' ' || idx_tup_read FROM pg_stat_user_indexes WHERE indexrelname = 'deployments_project'"
            var seen = ""
            for _ in 0..<100 where seen != "10 200" {
                try await Task.sleep(for: .milliseconds(200))
                seen = try await server.text(scans)
            }
            #expect(seen == "10 200")
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
