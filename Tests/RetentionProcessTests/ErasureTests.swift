import CygniPostgres
import CygniTestSupport
import Glibc
import Testing

/// `cygni retention erase-tenant`.
struct ErasureTests {
    /// Log lines in archives, in quarantine and in tables; samples and their roll-ups; what a deployment built.
    private func world(_ process: RetentionProcess) async throws {
        try await process.seedLogs(days: 1...2)
        try await process.owner(
            """
            SELECT cygni.ensure_partitions('metric_samples', '2026-03-01', '2026-03-02');
            INSERT INTO cygni.metric_samples SELECT timestamptz '2026-03-01 00:00+00' + i * interval '1 minute', md5('t' || (1 + i % 4))::uuid, md5('p')::uuid, 'm', i
            FROM generate_series(0, 2879) AS i;
            INSERT INTO cygni.projects (id, tenant_id, slug) SELECT md5('p' || slug)::uuid, id, 'p' FROM cygni.tenants;
            INSERT INTO cygni.deployments (tenant_id, project_id, kind, artifact_prefix) SELECT tenant_id, id, 'production', 'artifacts/' || id FROM cygni.projects;
            INSERT INTO cygni.domains (tenant_id, project_id, name) SELECT tenant_id, id, id || '.example.com' FROM cygni.projects
            """
        )
        let prefix = try await process.text(
            "SELECT artifact_prefix FROM cygni.deployments WHERE tenant_id = md5('t2')::uuid"
        )
        try process.folder.write("<p>", to: "objects/\(prefix)/index.html")
        try await process.rollUp()
        try await process.archive()
        #expect(try await process.run().status == 0)
        try await process.seedLogs(days: 3...3)
        try await process.archive()
    }

    /// Everything of the tables and roll-ups that is not tenant 2's.
    private func others(_ process: RetentionProcess) async throws -> String {
        try await process.text(
            """
            SELECT md5(string_agg(line, '' ORDER BY line)) FROM (
                SELECT l::text AS line FROM cygni.log_lines AS l WHERE tenant_id <> md5('t2')::uuid
                UNION ALL SELECT m::text FROM cygni.metrics_1h AS m WHERE tenant_id <> md5('t2')::uuid
                UNION ALL SELECT m::text FROM cygni.metrics_1d AS m WHERE tenant_id <> md5('t2')::uuid
                UNION ALL SELECT m::text FROM cygni.metrics_1m AS m WHERE tenant_id <> md5('t2')::uuid
                UNION ALL SELECT d::text FROM cygni.domains AS d WHERE tenant_id <> md5('t2')::uuid
            ) AS all_lines
            """
        )
    }

    private static let rows = """
        SELECT (SELECT count(*) FROM cygni.log_lines WHERE tenant_id = md5('t2')::uuid)
            + (SELECT count(*) FROM cygni.metrics_1h WHERE tenant_id = md5('t2')::uuid)
            + (SELECT count(*) FROM cygni.metrics_1d WHERE tenant_id = md5('t2')::uuid)
            + (SELECT count(*) FROM cygni.tenants WHERE slug = 't2')
        """

    @Test func `shows first, then leaves nothing of a tenant and everything of the others`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try RetentionProcess(database)
            try await world(process)
            let before = try await others(process)
            let shown = try await process.tool(["retention", "erase-tenant", "t2"])
            #expect(shown.status == 0 && shown.standardOutput.contains("cygni.domains"), "\(shown)")
            #expect(try await process.text(Self.rows) != "0")
            #expect(try await process.tool(["retention", "erase-tenant", "t2", "--confirm", "t1"]).status == 64)
            let done = try await process.tool(["retention", "erase-tenant", "t2", "--confirm", "t2"])
            #expect(done.status == 0, "\(done)")
            #expect(done.standardOutput.contains("nothing of tenant t2 is left"))
            #expect(try await process.text(Self.rows) == "0")
            #expect(try await others(process) == before)
            let id = try await process.text("SELECT md5('t2')::uuid")
            let found = try await BuiltExecutable(path: "/usr/bin/grep").run([
                "-rl", id, process.folder.file("objects"),
            ])
            #expect(found.standardOutput.isEmpty, "\(found)")
            let artifacts = try await BuiltExecutable(path: "/usr/bin/find").run([
                process.folder.file("objects"), "-name", "index.html",
            ])
            #expect(artifacts.standardOutput.isEmpty)
            for tenant in ["t1", "t3"] {
                let lines = try await process.tool(["archive", "search", "line", "--tenant", tenant])
                #expect(lines.standardOutput.split(separator: "\n").count == 300, "\(lines.status)")
            }
            let again = try await process.tool(["retention", "erase-tenant", id, "--confirm", id])
            #expect(again.status == 0, "\(again)")
            // The jobs go on as before.
            try await process.rollUp()
            try await process.archive()
            try await process.waitOut()
            #expect(try await process.run().status == 0)
            #expect(try await process.tool(["audit", "verify"]).status == 0)
        }
    }

    @Test func `what is held stays, and is told`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try RetentionProcess(database)
            try await world(process)
            try await process.jobs(
                "SELECT cygni.place_hold('user:anna', 'case 9', md5('t2')::uuid, 'log_lines', '2026-03-03', '2026-03-04')"
            )
            let result = try await process.tool(["retention", "erase-tenant", "t2", "--confirm", "t2"])
            #expect(result.status == 2 && result.standardOutput.contains("case 9"), "\(result)")
            #expect(
                try await process.text("SELECT count(*) FROM cygni.log_lines WHERE tenant_id = md5('t2')::uuid")
                    == "100"
            )
            #expect(
                try await process.text("SELECT count(*) FROM cygni.domains WHERE tenant_id = md5('t2')::uuid") == "0"
            )
            #expect(try await process.text("SELECT count(*) FROM cygni.legal_holds") == "1")
            try await process.jobs("SELECT cygni.release_hold(id, 'user:bert') FROM cygni.legal_holds")
            #expect(try await process.tool(["retention", "erase-tenant", "t2", "--confirm", "t2"]).status == 0)
            #expect(try await process.text(Self.rows) == "0")
        }
    }

    @Test func `cut off anywhere, the next attempt ends it`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try RetentionProcess(database)
            try await world(process)
            let before = try await others(process)
            for after in [40, 80, 120, 160, 220, 300] {
                let child = try process.startTool(["retention", "erase-tenant", "t2", "--confirm", "t2"])
                try await Task.sleep(for: .milliseconds(after))
                child.signal(SIGKILL)
                _ = try await child.result(timeLimit: .seconds(30))
            }
            let id = try await process.text("SELECT md5('t2')::uuid")
            let done = try await process.tool(["retention", "erase-tenant", id, "--confirm", id])
            #expect(done.status == 0, "\(done)")
            #expect(try await process.text(Self.rows) == "0")
            #expect(try await others(process) == before)
            #expect(try await process.text("SELECT count(*) FROM cygni.purges WHERE finished_at IS NULL") == "0")
            let found = try await BuiltExecutable(path: "/usr/bin/grep").run([
                "-rl", id, process.folder.file("objects"),
            ])
            #expect(found.standardOutput.isEmpty, "\(found)")
        }
    }

    @Test func `a receipt that another tenant's erasure left open stays that tenant's`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try RetentionProcess(database)
            try await world(process)
            try await process.owner(
                """
                INSERT INTO cygni.purges (run_id, policy, source, item, weapon, proof, actor)
                SELECT gen_random_uuid(), '{}', 'domains', 'domains', 'erase', jsonb_build_object('tenant', md5('t3')::uuid), 'user:x'
                """
            )
            #expect(try await process.tool(["retention", "erase-tenant", "t2", "--confirm", "t2"]).status == 0)
            #expect(
                try await process.text(
                    "SELECT string_agg(rows || ' ' || (finished_at IS NOT NULL), ', ' ORDER BY started_at) FROM cygni.purges WHERE item = 'domains'"
                ) == "0 false, 1 true"
            )
        }
    }

    @Test func `objects that an attempt replaced and did not delete are left until they are gone`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try RetentionProcess(database)
            try await world(process)
            // One that goes, and one that cannot: a folder stands under its key.
            try process.folder.write("lines", to: "objects/archives/old/a")
            try process.folder.write("x", to: "objects/archives/old/b/c")
            try await process.owner(
                """
                INSERT INTO cygni.purges (run_id, policy, source, item, weapon, proof, actor)
                SELECT gen_random_uuid(), '{}', 'archives', 'archives/old/' || k, 'erase',
                    jsonb_build_object('tenant', md5('t2')::uuid, 'keys', jsonb_build_array('archives/old/' || k)), 'user:x'
                FROM unnest(ARRAY['a', 'b']) AS k
                """
            )
            let shown = try await process.tool(["retention", "erase-tenant", "t2"])
            #expect(shown.standardOutput.contains("archives/old/a"), "\(shown)")
            let result = try await process.tool(["retention", "erase-tenant", "t2", "--confirm", "t2"])
            #expect(result.status == 2 && result.standardOutput.contains("archives/old/b"), "\(result)")
            #expect(
                try await process.text("SELECT count(*) FROM cygni.domains WHERE tenant_id = md5('t2')::uuid") == "0"
            )
            #expect(
                try await process.text("SELECT string_agg(item, ' ') FROM cygni.purges WHERE finished_at IS NULL")
                    == "archives/old/b"
            )
        }
    }

    @Test func `a copy that a killed purge left behind is looked into`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try RetentionProcess(
                database,
                settings: "policies: {log_lines: {keep: 30d, tenants: {t3: 4000d}}}\nbrake: {percent: 100}"
            )
            try await process.seedLogs(days: 1...1)
            try await process.archive()
            #expect(try await process.run(crashAt: "purge.copied").exit == .signal(9))
            let copy = "SELECT count(*) FROM cygni_quarantine.log_lines_p20260301_default_kept"
            #expect(try await process.text(copy) == "100")
            let result = try await process.tool(["retention", "erase-tenant", "t3", "--confirm", "t3"])
            #expect(result.status == 0, "\(result)")
            #expect(try await process.text(copy) == "0")
        }
    }
}
