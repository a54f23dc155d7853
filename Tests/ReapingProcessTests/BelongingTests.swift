import CygniPostgres
import CygniTestSupport
import Foundation
import Testing

/// DNS records, databases and schemas of previews.
@Suite struct BelongingTests {
    private static let policy = "policy: {ttl: 10d, grace: 0s, keep_latest_per_branch: 0}\nbrake: {percent: 100}"

    private func seed(_ process: ReapProcess, _ owned: [(preview: String, kind: String, name: String)]) async throws {
        for preview in Set(owned.map(\.preview)) {
            try await process.preview(preview, project: "api", [("created_at", "now() - interval '20 days'")])
        }
        for each in owned {
            try await process.owner(
                "INSERT INTO cygni.preview_belongings (tenant_id, deployment_id, class, name) VALUES (md5('bolt')::uuid, md5('\(each.preview)')::uuid, '\(each.kind)', '\(each.name)');"
            )
        }
    }

    private func mark(_ process: ReapProcess, _ preview: String) async throws -> String {
        "dev.cygni.platform=cygni dev.cygni.deployment=\(try await process.id(preview))"
    }

    @Test func `records go by an update that the server makes only for their owner`() async throws {
        let zone = "previews.test"
        let knot = try await UpdatableServer(zone)
        try await withReaping { process in
            try process.folder.write(knot.secret, to: "jobs/tsig")
            try process.write(
                "\(Self.policy)\nbelongings: {dns: {server: 127.0.0.1@\(knot.port), key_name: cygni, key: {file: tsig}}}"
            )
            try await seed(
                process,
                [
                    ("mine", "dns", "mine.\(zone)"), ("taken", "dns", "taken.\(zone)"), ("gone", "dns", "gone.\(zone)"),
                    ("else", "dns", "www.elsewhere.test"),
                ]
            )
            try await knot.update([
                "add mine.\(zone). 60 A 192.0.2.1", "add mine.\(zone). 60 AAAA 2001:db8::1",
                "add _cygni.mine.\(zone). 60 TXT \"\(try await mark(process, "mine"))\"",
                "add taken.\(zone). 60 CNAME edge.\(zone).",
                "add _cygni.taken.\(zone). 60 TXT \"\(try await mark(process, "another"))\"",
                // What a wildcard answers is nobody's leftover.
                "add *.\(zone). 60 A 192.0.2.99", "add keep.\(zone). 60 A 192.0.2.7",
            ])
            let result = try await process.run()
            #expect(result.status == 2, "\(result)")
            #expect(try await process.state("mine") == "reaped")
            #expect(try await process.state("gone") == "reaped")
            #expect(try await process.state("taken") == "reaping")
            #expect(result.standardOutput.contains("does not name this deployment"), "\(result)")
            #expect(result.standardOutput.contains("has no zone for www.elsewhere.test"), "\(result)")
            #expect(try await knot.ask("mine.\(zone)", "A") == "192.0.2.99")
            #expect(try await knot.ask("_cygni.mine.\(zone)", "TXT") == "")
            #expect(try await knot.ask("taken.\(zone)", "CNAME") == "edge.\(zone).")
            #expect(try await knot.ask("keep.\(zone)", "A") == "192.0.2.7")
            // With a key that the server does not know, nothing moves, and the key is in no line.
            try process.folder.write(Data(repeating: 7, count: 32).base64EncodedString(), to: "jobs/tsig")
            let refused = try await process.run()
            #expect(refused.status == 1 && refused.standardOutput.contains("NOTAUTH"), "\(refused)")
            #expect(!(refused.standardOutput + refused.standardError).contains("BwcHBwcH"))
        }
    }

    @Test func `databases and schemas go while their comment names the deployment, and others keep what they use`()
        async throws
    {
        try await withReaping { process in
            // Names that need quotes; databases are the whole server's.
            let name = "Pre\"view \(process.database.name)"
            let quoted = name.replacing("\"", with: "\"\"")
            try process.write(
                "\(Self.policy)\nbelongings: {database: {url: '\(process.database.url())'}}"
            )
            try await seed(
                process,
                [
                    ("d1", "database", name), ("d2", "database", "\(name) 2"), ("s1", "schema", "pr-1; DROP"),
                    ("s2", "schema", "used"), ("s3", "schema", "strange"), ("s4", "schema", "cygni"),
                ]
            )
            let (d1, s1, s2) = (
                try await mark(process, "d1"), try await mark(process, "s1"), try await mark(process, "s2")
            )
            try await process.database.cluster.administer("CREATE DATABASE \"\(quoted)\"")
            try await process.database.cluster.administer("COMMENT ON DATABASE \"\(quoted)\" IS '\(d1)'")
            try await process.database.cluster.administer("CREATE DATABASE \"\(quoted) 2\"")
            let held = try await Connection.open(
                process.database.cluster.options(database: name, role: TestCluster.superuser)
            )
            try await process.database.execute(
                """
                CREATE SCHEMA "pr-1; DROP"; COMMENT ON SCHEMA "pr-1; DROP" IS '\(s1)';
                CREATE TABLE "pr-1; DROP".t AS SELECT generate_series(1, 1000) AS n, repeat('x', 3000) AS text;
                CREATE SCHEMA used; COMMENT ON SCHEMA used IS '\(s2)'; CREATE TABLE used.t (id int PRIMARY KEY);
                CREATE TABLE public.needs (id int REFERENCES used.t);
                CREATE SCHEMA strange;
                """
            )
            let result = try await process.run()
            #expect(result.status == 2, "\(result)")
            #expect(try await process.state("d1") == "reaped")
            #expect(try await process.state("s1") == "reaped")
            for preview in ["d2", "s2", "s3", "s4"] {
                #expect(try await process.state(preview) == "reaping", "\(preview)")
            }
            #expect(result.standardOutput.contains("others use what is in schema used"), "\(result)")
            #expect(
                try await process.text(
                    "SELECT count(*) FROM pg_database WHERE datname LIKE 'Pre%\(process.database.name)%'"
                )
                    == "1"
            )
            #expect(
                try await process.text(
                    "SELECT string_agg(nspname, ' ' ORDER BY nspname) FROM pg_namespace WHERE nspname IN ('used', 'strange', 'pr-1; DROP', 'cygni')"
                ) == "cygni strange used"
            )
            #expect(
                try await process.text("SELECT count(*) FROM pg_constraint WHERE conrelid = 'public.needs'::regclass")
                    == "1"
            )
            #expect(
                Int(
                    try await process.text(
                        "SELECT reaped ->> 'bytes' FROM cygni.deployments WHERE id = md5('d1')::uuid"
                    )
                )
                    ?? 0 > 1_000_000
            )
            // Who uses it no longer does.
            try await process.database.execute("DROP TABLE public.needs")
            _ = try await process.run()
            #expect(try await process.state("s2") == "reaped")
            await held.close()
            try await process.database.cluster.administer("DROP DATABASE \"\(quoted) 2\"")
        }
    }

    @Test func `a server that is out of reach leaves it to the next run`() async throws {
        try await withReaping { process in
            try process.write(
                """
                \(Self.policy)
                belongings: {database: {url: 'postgresql://x@127.0.0.1:1/x'}, dns: {server: 127.0.0.1@1, zone: test}}
                """
            )
            try await seed(process, [("d", "database", "d"), ("n", "dns", "n.test")])
            try await process.preview("free", project: "api", [("created_at", "now() - interval '20 days'")])
            let result = try await process.run()
            #expect(result.status == 2, "\(result)")
            #expect(try await process.state("free") == "reaped")
            #expect(result.standardOutput.contains("failed to connect to the name server"), "\(result)")
            #expect(try await process.count("reaping") == 2)
        }
    }

    @Test func `a folder that is not mounted, a name the server cuts, and its own database prove nothing gone`()
        async throws
    {
        try await withReaping { process in
            try process.write(
                "\(Self.policy)\nbelongings: {routes: '\(process.folder.file("unmounted"))', database: {url: '\(process.database.url())'}}"
            )
            try await seed(
                process,
                [
                    ("r", "route", "r.yaml"), ("l", "database", String(repeating: "x", count: 64)),
                    ("o", "database", process.database.name), ("t", "database", "template1"),
                ]
            )
            let result = try await process.run()
            #expect(result.status == 1, "\(result)")
            #expect(try await process.count("reaping") == 4, "\(result)")
        }
    }
}
