import CygniTestSupport
import Foundation
import Testing

/// What a run may take, and hostile input.
@Suite struct BrakeTests {
    private static let policy = "policy: {ttl: 10d, grace: 0s, keep_latest_per_branch: 0}"

    private func seed(_ process: ReapProcess, _ count: Int = 20) async throws {
        try await process.owner(
            """
            INSERT INTO cygni.deployments (tenant_id, project_id, id, kind, state, created_at)
            SELECT md5('bolt')::uuid, md5('api')::uuid, md5('p' || i)::uuid, 'preview', 'ready', now() - interval '20 days'
            FROM generate_series(1, \(count)) AS i;
            """
        )
    }

    @Test func `too many stop the run until they are approved by hash, and a world that moved stops it again`()
        async throws
    {
        try await withReaping { process in
            try process.write(Self.policy)
            try await seed(process)
            let dry = try await process.run(["--dry-run"])
            #expect(dry.standardOutput.contains("approve"), "\(dry)")
            let stopped = try await process.run()
            #expect(stopped.status == 1 && stopped.standardOutput.contains("more than 40 %"), "\(stopped)")
            #expect(try await process.count("ready") == 20)
            let hash = try #require(stopped.standardOutput.firstMatch(of: #/--approve ([0-9a-f]{64})/#)?.1)
            let wrong = try await process.run(["--approve", String(repeating: "0", count: 64)])
            #expect(wrong.status == 1 && wrong.standardOutput.contains("no plan with the hash"), "\(wrong)")
            try await process.owner(
                "UPDATE cygni.deployments SET last_active_at = now() WHERE id = (SELECT max(id::text)::uuid FROM cygni.deployments);"
            )
            let moved = try await process.run(["--approve", String(hash)])
            #expect([1, 2].contains(moved.status) && moved.standardOutput.contains("no longer as it was"), "\(moved)")
            #expect(try await process.count("reaped") < 20)
            #expect(try await process.count("ready") >= 1)
            // One that came since is not part of what was approved.
            try await process.preview("later", project: "api", [("created_at", "now() - interval '20 days'")])
            _ = try await process.run(["--approve", String(hash)])
            #expect(try await process.state("later") == "ready")
        }
    }

    @Test func `a run that is stopped still restores and tells`() async throws {
        let forge = try await ScriptedForge()
        try await withReaping { process in
            try process.write(
                """
                \(Self.policy)
                projects: {acme/web: {grace: 1h}}
                notice: {by: webhook, webhook: '\(forge.peer.url)/hook', before: 1h}
                brake: {at_most: 1}
                """
            )
            try await seed(process, 3)
            try await process.owner(
                """
                INSERT INTO cygni.preview_ends (tenant_id, deployment_id, rule, first_seen_at, noticed_at)
                SELECT tenant_id, id, 'ttl', now() - interval '2 hours', now() - interval '2 hours' FROM cygni.deployments;
                """
            )
            try await process.preview(
                "back",
                [
                    ("state", "'reaping'"), ("state_before", "'ready'"), ("reap_rule", "'ttl'"),
                    ("restore_until", "now() + interval '1 day'"),
                ]
            )
            try await process.preview("near", [("created_at", "now() - interval '9 days 23 hours 30 minutes'")])
            let stopped = try await process.run()
            #expect(stopped.status == 1 && stopped.standardOutput.contains("3 would go, more than 1"), "\(stopped)")
            #expect(try await process.state("back") == "ready")
            #expect(try await process.count("ready") == 5)
            #expect(try forge.folder.read("state.comments").split(separator: "\n").count == 1)
        }
    }

    @Test func `an approval tells what of it there is no more, and counts for nothing that moved`() async throws {
        try await withReaping { process in
            try process.write("\(Self.policy)\nprojects: {bolt/api: {}}\nbrake: {at_most: 1}")
            try process.use(engines: "{ledger: {kind: none}}")
            try await seed(process, 3)
            let hash = try #require(
                try await process.run().standardOutput.firstMatch(of: #/--approve ([0-9a-f]{64})/#)?.1
            )
            // One of the three was pinned since, another one moved to another container.
            try await process.owner("UPDATE cygni.deployments SET pinned = true WHERE id = md5('p1')::uuid;")
            let told = try await process.run(["--dry-run"])
            #expect(told.status == 0)
            try await process.owner(
                "UPDATE cygni.deployments SET runtime_ref = 'ledger/x' WHERE id <> md5('p1')::uuid;"
            )
            let moved = try await process.run(["--approve", String(hash)])
            #expect(moved.status != 0 && moved.standardOutput.contains("no longer as it was"), "\(moved)")
            #expect(try await process.count("reaped") == 0)
            try await process.owner("UPDATE cygni.deployments SET runtime_ref = NULL;")
            let rest = try await process.run(["--approve", String(hash), "--output", "json"])
            #expect(rest.status == 0, "\(rest)")
            #expect(
                try rest.standardOutput.contains("\(await process.id("p1"))")
                    && rest.standardOutput.contains("it was approved, and is not to go any more"),
                "\(rest)"
            )
            #expect(try await process.count("reaped") == 2)
        }
    }

    @Test func `a side that is empty stops the run`() async throws {
        let forge = try await ScriptedForge()
        let docker = try await ScriptedDocker([:])
        try await withReaping { process in
            try process.folder.write("t\n", to: "jobs/token")
            try process.use(engines: "{local: \(docker.setting())}")
            try docker.write([
                "containers": [ScriptedDocker.container("lost", try await process.labels("nobody"))]
            ])
            // A ledger without previews is more likely another database.
            try process.write("orphans: {delete: true, grace: 0s}")
            for _ in 1...2 { _ = try await process.run() }
            let ledger = try await process.run()
            #expect(
                ledger.status == 1 && ledger.standardOutput.contains("the ledger has no preview at all"),
                "\(ledger)"
            )
            #expect(try docker.ids("containers") == ["lost"])
            // A forge that knows nothing that is open is more likely a new one.
            let numbers = (1...12).map { #""\#($0)": "closed""# }.joined(separator: ", ")
            try forge.write(pulls: "{\(numbers)}")
            for number in 1...12 { try await process.preview("p\(number)", [("pull_request", "\(number)")]) }
            try process.write("\(forge.setting())\npolicy: {grace: 0s}\nbrake: {percent: 100}")
            let stopped = try await process.run()
            #expect(
                stopped.status == 1
                    && stopped.standardOutput.contains(
                        "forge github knows no open pull request at all, and was asked after 12"
                    ),
                "\(stopped)"
            )
            #expect(try await process.count("ready") == 12)
            try forge.write(pulls: #"{\#(numbers), "99": "open"}"#)
            let result = try await process.run()
            #expect(result.status == 0, "\(result)")
            #expect(try await process.count("reaped") == 12)
        }
    }

    @Test func `a limit takes a part, and a preview's own policy wins`() async throws {
        try await withReaping { process in
            try process.write("\(Self.policy)\nprojects: {bolt/api: {ttl: 30d}}\nbrake: {percent: 100}")
            try await seed(process)
            #expect(try await process.run().status == 0)
            #expect(try await process.count("reaped") == 0)
            try process.write(
                "policy: {ttl: 30d}\nplans: {team: {ttl: 10d, grace: 0s, keep_latest_per_branch: 0}}\nbrake: {percent: 100}"
            )
            #expect(try await process.run(["--limit", "3"]).status == 0)
            #expect(try await process.count("reaped") == 3)
        }
    }

    @Test func `killed right after it was marked, it is marked once and goes when its grace is over`() async throws {
        try await withReaping { process in
            try process.write("policy: {ttl: 10d, grace: 1h, keep_latest_per_branch: 0}")
            try await seed(process, 1)
            func hour() async throws {
                try await process.owner(
                    """
                    UPDATE cygni.preview_ends SET first_seen_at = first_seen_at - interval '61 minutes';
                    UPDATE cygni.deployments SET restore_until = restore_until - interval '61 minutes';
                    """
                )
            }
            #expect(try await process.run().status == 0)
            try await hour()
            let killed = try await process.run(crashAt: "reap.marked")
            #expect(killed.exit == .signal(SIGKILL), "\(killed)")
            #expect(try await process.run().status == 0)
            #expect(try await process.count("reaping") == 1)
            try await hour()
            #expect(try await process.run().status == 0)
            #expect(try await process.count("reaped") == 1)
            #expect(
                try await process.text("SELECT string_agg(action, ' ' ORDER BY id) FROM cygni.audit_log")
                    == "preview.marked preview.reaped"
            )
        }
    }

    @Test func `two at once: one works, and nothing is done twice`() async throws {
        try await withReaping { process in
            try process.write("\(Self.policy)\nbrake: {percent: 100}")
            try await seed(process, 200)
            let runs = try (1...2).map { _ in try process.start() }
            var statuses: [Int32] = []
            for run in runs { statuses.append(try await run.result(timeLimit: .seconds(120)).status) }
            #expect(statuses.contains(0) && statuses.allSatisfy { [0, 75].contains($0) }, "\(statuses)")
            #expect(try await process.count("reaped") == 200)
            #expect(
                try await process.text("SELECT count(*) FROM cygni.audit_log WHERE action = 'preview.reaped'") == "200"
            )
        }
    }

    @Test func `routes go only with our id in them, hooks prove, and hostile names do no harm`() async throws {
        try await withReaping { process in
            let hook = process.folder.file("hook")
            try process.folder.write(
                "#!/bin/sh\ncat >>'\(process.folder.file("calls"))'\n[ ! -e '\(process.folder.file("broken"))' ]\n",
                to: "hook"
            )
            chmod(hook, 0o755)
            try process.write(
                "\(Self.policy)\nbrake: {percent: 100}\nbelongings: {routes: '\(process.folder.file("routes"))', hook: ['\(hook)']}"
            )
            let old = ("created_at", "now() - interval '20 days'")
            try await process.preview(
                "good",
                project: "api",
                [old, ("branch", "E'a\\u001b[2J;\\n$(rm -rf /)/../x'"), ("artifact_prefix", "'p/good'")]
            )
            try await process.preview("bad", project: "api", [old, ("branch", "'../../etc'")])
            try await process.preview("odd", project: "api", [old])
            try await process.preview("below", project: "api", [("artifact_prefix", "'p/good/inner'")])
            try await process.owner(
                """
                INSERT INTO cygni.preview_belongings (tenant_id, deployment_id, class, name) VALUES
                    (md5('bolt')::uuid, md5('good')::uuid, 'route', 'good.yaml'),
                    (md5('bolt')::uuid, md5('good')::uuid, 'dns', 'x"; rm -rf /.example.test'),
                    (md5('bolt')::uuid, md5('bad')::uuid, 'route', '../cygni.yaml'),
                    (md5('bolt')::uuid, md5('odd')::uuid, 'route', 'taken.yaml');
                """
            )
            try process.folder.write(
                "# dev.cygni.platform=cygni dev.cygni.deployment=\(try await process.id("good"))\n",
                to: "routes/good.yaml"
            )
            try process.folder.write("# somebody else's\n", to: "routes/taken.yaml")
            try process.folder.write("x", to: "objects/p/good/inner/file")
            let result = try await process.run()
            #expect(result.status == 1, "\(result)")
            #expect(
                result.standardOutput.contains("is no file name") && result.standardOutput.contains("left alone"),
                "\(result)"
            )
            #expect(result.standardOutput.contains("also those of deployment"), "\(result)")
            #expect(!result.standardOutput.contains("\u{1b}"))
            #expect(FileManager.default.fileExists(atPath: process.folder.file("routes/taken.yaml")))
            #expect(FileManager.default.fileExists(atPath: process.folder.file("cygni.yaml")))
            #expect(FileManager.default.fileExists(atPath: process.folder.file("objects/p/good/inner/file")))
            // What stood in the way is gone; the hook is broken, then repaired.
            try await process.owner(
                "UPDATE cygni.deployments SET artifact_prefix = 'p/other' WHERE id = md5('below')::uuid;"
            )
            try process.folder.write("", to: "broken")
            let broken = try await process.run()
            #expect(broken.standardOutput.contains("ended with status 1"), "\(broken)")
            #expect(try await process.state("good") == "reaping")
            try FileManager.default.removeItem(atPath: process.folder.file("broken"))
            _ = try await process.run()
            #expect(try await process.state("good") == "reaped")
            #expect(try process.folder.read("calls").contains("\"action\":\"probe\",\"class\":\"dns\""))
            #expect(!FileManager.default.fileExists(atPath: process.folder.file("routes/good.yaml")))
        }
    }

    @Test func `artifacts never reach archives, and an id that two tenants have takes nothing away`() async throws {
        try await withReaping { process in
            try process.write("\(Self.policy)\nbrake: {percent: 100}")
            let old = ("created_at", "now() - interval '20 days'")
            for (name, prefix) in [("a", "archives"), ("b", "kept/2026")] {
                try await process.preview(name, project: "api", [old, ("artifact_prefix", "'\(prefix)'")])
            }
            try await process.owner(
                """
                INSERT INTO cygni.archives (source, object_key, manifest_key, rows, bytes, sha256)
                VALUES ('log_lines_p20260101', 'kept/2026/day.zst', 'kept/2026/day.json', 1, 1, repeat('0', 64));
                """
            )
            try process.folder.write("x", to: "objects/archives/day.zst")
            try process.folder.write("x", to: "objects/kept/2026/day.zst")
            // A production deployment of one tenant, and an old preview of another that claims its id.
            try await process.preview("twin", [("kind", "'production'")])
            try await process.preview("twin", project: "api", [old])
            let result = try await process.run()
            #expect([1, 2].contains(result.status), "\(result)")
            for file in ["objects/archives/day.zst", "objects/kept/2026/day.zst"] {
                #expect(FileManager.default.fileExists(atPath: process.folder.file(file)), "\(file)")
            }
            #expect(try await process.count("reaped") == 0, "\(result)")
            #expect(
                try await process.text(
                    "SELECT count(*) FROM cygni.deployments WHERE id = md5('twin')::uuid AND state = 'ready'"
                )
                    == "2"
            )
        }
    }
}
