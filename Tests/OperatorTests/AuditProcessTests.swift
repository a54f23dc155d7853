import CygniAudit
import CygniPostgres
import CygniTestSupport
import FoundationEssentials
import Testing

@Suite struct AuditProcessTests {
    /// Four entries: three of tenant acme, one of the platform.
    private func fill(_ world: ToolWorld) async throws {
        try await world.database.execute("INSERT INTO cygni.tenants (slug) VALUES ('acme')")
        let acme = try await world.database.value("SELECT id FROM cygni.tenants", as: UUID.self)
        try await world.database.connectAsJobs().access { session in
            for (tenant, subject) in [(acme, "a"), (acme, "b"), (acme, "c"), (nil, "p")] as [(UUID?, String)] {
                try AuditLog.append(
                    AuditEvent(tenant: tenant, actor: "test", action: "test.do", subject: subject),
                    in: session
                )
            }
        }
    }

    /// What only the owner of the database can do.
    private func tamper(_ world: ToolWorld, _ sql: String) async throws {
        try await world.database.execute(
            "SET session_replication_role = replica; SET row_security = off; \(sql)"
        )
    }

    @Test func aWholeLogIsInOrder() async throws {
        try await ToolWorld.with { world in
            let empty = try await world.run(["audit", "verify"])
            #expect((empty.status, empty.standardOutput) == (0, "0 entries in 0 chains: in order\n"))
            try await fill(world)
            let whole = try await world.run(["audit", "verify"])
            #expect((whole.status, whole.standardOutput) == (0, "4 entries in 2 chains: in order\n"), "\(whole)")
            let one = try await world.run(["audit", "verify", "--tenant", "acme"])
            #expect(one.standardOutput == "3 entries in 1 chain: in order\n", "\(one)")
            let stranger = try await world.run(["audit", "verify", "--tenant", "zeta"])
            #expect(stranger.status == 1)
            #expect(stranger.standardError.contains("there is no tenant 'zeta'"))
        }
    }

    @Test func anEditIsOneLine() async throws {
        try await ToolWorld.with { world in
            try await fill(world)
            try await tamper(world, "UPDATE cygni.audit_log SET subject = 'x' WHERE subject = 'b'")
            let result = try await world.run(["audit", "verify", "--write-anchor", world.folder.file("anchor")])
            #expect(result.status == 1, "\(result)")
            #expect(result.standardOutput.contains("entry 2 (id "), "\(result)")
            #expect(result.standardOutput.contains("edited"), "\(result)")
            #expect(result.standardError.contains("was not written"), "\(result)")
            let platform = try await world.run(["audit", "verify", "--tenant", "platform"])
            #expect(platform.status == 0, "\(platform)")
        }
    }

    @Test func aCutTailShowsAgainstAnAnchor() async throws {
        try await ToolWorld.with { world in
            try await fill(world)
            let anchor = world.folder.file("audit.anchor")
            #expect(try await world.run(["audit", "verify", "--write-anchor", anchor]).status == 0)
            // The tail goes, and the recorded end with it.
            try await tamper(
                world,
                """
                DELETE FROM cygni.audit_log WHERE subject = 'c';
                UPDATE cygni_private.audit_heads AS h SET seq = 2, hash = l.hash, at = l.at, last_id = l.id FROM cygni.audit_log AS l
                WHERE l.subject = 'b' AND h.tenant_id IS NOT DISTINCT FROM l.tenant_id;
                """
            )
            let result = try await world.run(["audit", "verify", "--anchor", anchor, "--output", "json"])
            #expect(result.status == 1, "\(result)")
            #expect(result.standardOutput.contains("\"kind\":\"cut\""), "\(result)")
        }
    }
}
