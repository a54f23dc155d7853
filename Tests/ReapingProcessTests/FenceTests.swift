import CygniTestSupport
import Foundation
import Testing

/// What says whose a thing is, and is asked before it goes.
@Suite struct FenceTests {
    private static let policy = "policy: {ttl: 10d, grace: 0s, keep_latest_per_branch: 0}\nbrake: {percent: 100}"
    private static let old = ("created_at", "now() - interval '20 days'")

    private func own(_ process: ReapProcess, _ preview: String, _ kind: String, _ name: String) async throws {
        if try await process.state(preview).isEmpty {
            try await process.preview(preview, project: "api", [Self.old])
        }
        try await process.owner(
            "INSERT INTO cygni.preview_belongings (tenant_id, deployment_id, class, name) VALUES (md5('bolt')::uuid, md5('\(preview)')::uuid, '\(kind)', '\(name)');"
        )
    }

    @Test func `a hook says whose a thing is before it is asked to delete it`() async throws {
        try await withReaping { process in
            let hook = process.folder.file("hook")
            // The owners are files, as a real hook would read them off the thing.
            try process.folder.write(
                """
                #!/usr/bin/python3
                from json import load
                from os import path, remove
                from sys import exit, stdin
                call = load(stdin)
                place = '\(process.folder.file("things"))/' + call['name']
                if call['action'] == 'owner':
                    print(open(place).read() if path.exists(place) else '', end='')
                elif call['action'] == 'delete':
                    remove(place)
                else:
                    exit(1 if path.exists(place) else 0)

                """,
                to: "hook"
            )
            chmod(hook, 0o755)
            try process.write("\(Self.policy)\nbelongings: {hook: ['\(hook)']}")
            for name in ["mine", "theirs", "gone", "chatty"] { try await own(process, name, "dns", name) }
            try process.folder.write(try await process.id("mine").uppercased() + "\n", to: "things/mine")
            try process.folder.write(try await process.id("mine"), to: "things/theirs")
            try process.folder.write("owner: \(try await process.id("chatty"))", to: "things/chatty")
            let result = try await process.run()
            #expect(result.status == 2, "\(result)")
            let states = [try await process.state("mine"), try await process.state("gone")]
            #expect(states == ["reaped", "reaped"], "\(result)")
            for name in ["theirs", "chatty"] {
                #expect(try await process.state(name) == "reaping", "\(result)")
                #expect(FileManager.default.fileExists(atPath: process.folder.file("things/\(name)")))
            }
            #expect(result.standardOutput.contains("the hook says that dns theirs is of"), "\(result)")
        }
    }

    @Test func `a route goes by a mark of its own, and not while it has another's too`() async throws {
        try await withReaping { process in
            try process.write("\(Self.policy)\nbelongings: {routes: '\(process.folder.file("routes"))'}")
            for name in ["marked", "named", "shared", "platform"] { try await own(process, name, "route", name) }
            func mark(_ name: String, _ platform: String = "cygni") async throws -> String {
                "# dev.cygni.platform=\(platform) dev.cygni.deployment=\(try await process.id(name))\n"
            }
            try process.folder.write("a: 1\n" + (try await mark("marked")), to: "routes/marked")
            try process.folder.write("backend: \(try await process.id("named"))\n", to: "routes/named")
            try process.folder.write(
                (try await mark("shared")) + (try await mark("another")),
                to: "routes/shared"
            )
            try process.folder.write(try await mark("platform", "staging"), to: "routes/platform")
            let result = try await process.run()
            #expect(result.status == 2, "\(result)")
            #expect(try await process.state("marked") == "reaped", "\(result)")
            for name in ["named", "shared", "platform"] {
                #expect(FileManager.default.fileExists(atPath: process.folder.file("routes/\(name)")), "\(name)")
                #expect(try await process.state(name) == "reaping")
            }
        }
    }

    @Test func `a schema stays while anything outside hangs on it, whatever it is`() async throws {
        try await withReaping { process in
            try process.write("\(Self.policy)\nbelongings: {database: {url: '\(process.database.url())'}}")
            // Each makes something in its own schema, and something elsewhere that would go with it.
            let outside: [(name: String, sql: String)] = [
                ("policy", "CREATE POLICY p ON keep.t USING (id IN (SELECT id FROM %.t))"),
                ("rule", "CREATE RULE r AS ON INSERT TO keep.t DO ALSO INSERT INTO %.t VALUES (1)"),
                ("cast", "CREATE CAST (keep.pair AS int) WITH FUNCTION %.f(keep.pair)"),
                ("operator", "CREATE OPERATOR keep.=-= (LEFTARG = int, RIGHTARG = int, FUNCTION = %.g)"),
                (
                    "event",
                    "CREATE EVENT TRIGGER reap_test ON ddl_command_end WHEN TAG IN ('CREATE COLLATION') EXECUTE FUNCTION %.h()"
                ),
                ("trigger", "CREATE TRIGGER x BEFORE INSERT ON keep.t EXECUTE FUNCTION %.k()"),
                ("serial", "ALTER TABLE keep.t ADD n int DEFAULT nextval('%.s')"),
                ("partition", "CREATE TABLE keep.part PARTITION OF %.p FOR VALUES IN (1)"),
                ("statistics", "CREATE STATISTICS keep.stats ON id, id2 FROM %.t"),
            ]
            func make(_ schema: String, _ preview: String) async throws {
                try await own(process, preview, "schema", schema)
                let mark = "dev.cygni.platform=cygni dev.cygni.deployment=\(try await process.id(preview))"
                try await process.database.execute(
                    """
                    CREATE SCHEMA \(schema); COMMENT ON SCHEMA \(schema) IS '\(mark)';
                    CREATE TABLE \(schema).t (id int PRIMARY KEY, id2 int);
                    CREATE TABLE \(schema).p (id int) PARTITION BY LIST (id); CREATE SEQUENCE \(schema).s;
                    CREATE FUNCTION \(schema).f(keep.pair) RETURNS int LANGUAGE sql AS 'SELECT 1';
                    CREATE FUNCTION \(schema).g(int, int) RETURNS boolean LANGUAGE sql AS 'SELECT true';
                    CREATE FUNCTION \(schema).h() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
                    CREATE FUNCTION \(schema).k() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
                    """
                )
            }
            try await process.database.execute(
                "CREATE SCHEMA keep; CREATE TABLE keep.t (id int PRIMARY KEY); CREATE TYPE keep.pair AS (a int, b int)"
            )
            for each in outside {
                try await make("s_\(each.name)", each.name)
                try await process.database.execute(each.sql.replacing("%", with: "s_\(each.name)"))
            }
            // All of it within one schema, and what it needs of others, is its own affair.
            try await make("s_free", "free")
            try await process.database.execute(
                """
                CREATE TABLE s_free.child (id int REFERENCES s_free.t, up int REFERENCES keep.t, n serial, m int GENERATED ALWAYS AS IDENTITY,
                    g int GENERATED ALWAYS AS (id * 2) STORED, long text);
                CREATE INDEX ON s_free.child (up); CREATE VIEW s_free.v AS SELECT * FROM s_free.child;
                CREATE MATERIALIZED VIEW s_free.m AS SELECT * FROM s_free.v;
                CREATE POLICY p ON s_free.child USING (id IN (SELECT id FROM s_free.t));
                CREATE RULE r AS ON INSERT TO s_free.child DO ALSO INSERT INTO s_free.t VALUES (1);
                CREATE TRIGGER x BEFORE INSERT ON s_free.child EXECUTE FUNCTION s_free.k();
                CREATE TABLE s_free.part PARTITION OF s_free.p FOR VALUES IN (1);
                CREATE TYPE s_free.mood AS ENUM ('a'); CREATE DOMAIN s_free.d AS s_free.mood;
                CREATE CAST (s_free.mood AS int) WITH INOUT;
                CREATE OPERATOR s_free.=-= (LEFTARG = int, RIGHTARG = int, FUNCTION = s_free.g);
                CREATE STATISTICS s_free.stats ON id, id2 FROM s_free.t;
                ALTER DEFAULT PRIVILEGES IN SCHEMA s_free GRANT SELECT ON TABLES TO PUBLIC;
                """
            )
            // Many at once in one database are no trouble to each other.
            for number in 1...12 { try await make("many_\(number)", "many\(number)") }
            let result = try await process.run()
            #expect(result.status == 2, "\(result)")
            #expect(try await process.state("free") == "reaped", "\(result)")
            for number in 1...12 { #expect(try await process.state("many\(number)") == "reaped", "\(result)") }
            for each in outside {
                #expect(try await process.state(each.name) == "reaping", "\(each.name)")
            }
            #expect(
                try await process.text("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 's\\_%'")
                    == String(outside.count)
            )
            #expect(result.standardOutput.contains("policy p on keep.t"), "\(result)")
        }
    }

    @Test func `a store whose folder is not there proves no artifacts gone`() async throws {
        try await withReaping { process in
            try process.write(Self.policy)
            try await process.preview("old", project: "api", [Self.old, ("artifact_prefix", "'previews/old'")])
            try await process.preview("free", project: "api", [Self.old])
            let result = try await process.run()
            #expect(result.status == 2 && result.standardOutput.contains("is it mounted"), "\(result)")
            #expect(try await process.state("free") == "reaped")
            #expect(try await process.state("old") == "reaping")
            // There, and empty, it is.
            try process.folder.write("x", to: "objects/other/x")
            #expect(try await process.run().status == 0)
            #expect(try await process.state("old") == "reaped")
        }
    }

    @Test func `what is written down for a preview while it goes keeps it, until that is gone as well`() async throws {
        try await withReaping { process in
            let hook = process.folder.file("hook")
            // It works until it is told to go on.
            try process.folder.write(
                "#!/bin/sh\nuntil [ -e '\(process.folder.file("go"))' ]; do sleep 0.05; done\n",
                to: "hook"
            )
            chmod(hook, 0o755)
            try process.write("\(Self.policy)\nbelongings: {hook: ['\(hook)']}")
            try await own(process, "old", "dns", "first.test")
            let running = try process.start()
            while try await process.text("SELECT reap_begun_at FROM cygni.deployments").isEmpty {
                try await Task.sleep(for: .milliseconds(10))
            }
            try await own(process, "old", "dns", "second.test")
            try process.folder.write("", to: "go")
            let first = try await running.result(timeLimit: .seconds(60))
            #expect(first.status == 1 && first.standardOutput.contains("dns second.test"), "\(first)")
            #expect(try await process.state("old") == "reaping")
            #expect(try await process.run().status == 0)
            #expect(
                try await process.text("SELECT reaped -> 'belongings' FROM cygni.deployments")
                    == #"["dns first.test", "dns second.test"]"#
            )
            #expect(try await process.text("SELECT count(*) FROM cygni.preview_belongings") == "0")
        }
    }
}
