import CygniTestSupport
import Foundation
import Testing

/// Two at once, signals, and kills in the middle of a teardown.
@Suite struct RaceTests {
    private static let policy =
        "policy: {ttl: 10d, grace: 0s, keep_latest_per_branch: 0}\nbrake: {percent: 100}\nretries: 0"
    private static let old = ("created_at", "now() - interval '20 days'")

    /// Old previews, each with a container on an engine that takes `seconds` for each deletion.
    private func slow(_ process: ReapProcess, _ count: Int, _ seconds: Double) async throws -> (
        ScriptedDocker, [[String: Any]]
    ) {
        var containers: [[String: Any]] = []
        for number in 1...count {
            let name = "p\(number)"
            try await process.preview(name, project: "api", [Self.old, ("runtime_ref", "'local/\(name)'")])
            containers.append(ScriptedDocker.container(name, try await process.labels(name)))
        }
        let docker = try await ScriptedDocker(["containers": containers, "slow": ["DELETE": seconds]])
        try process.use(engines: "{local: \(docker.setting(", concurrency: 2"))}")
        try process.write(Self.policy)
        return (docker, containers)
    }

    private func awaitDeletion(_ docker: ScriptedDocker) async throws {
        while !docker.requests.contains(where: { $0.hasPrefix("DELETE") }) {
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    private func reaped(_ process: ReapProcess) async throws -> String {
        try await process.text(
            "SELECT count(*) || ' ' || count(DISTINCT subject) FROM cygni.audit_log WHERE action = 'preview.reaped'"
        )
    }

    @Test func `a second host that comes while the first deletes leaves it alone`() async throws {
        try await withReaping { process in
            let (docker, _) = try await slow(process, 2, 2)
            let first = try process.start()
            try await awaitDeletion(docker)
            let second = try await process.run()
            #expect(first.exit == nil, "the first one had ended already")
            #expect(second.status == 75, "\(second)")
            #expect(try await first.result(timeLimit: .seconds(60)).status == 0)
            #expect(try await process.count("reaped") == 2)
            #expect(docker.requests.count { $0.hasPrefix("DELETE") } == 2)
        }
    }

    @Test func `a host that loses its connection while it deletes does nothing more once another one works`()
        async throws
    {
        try await withReaping { process in
            let (docker, containers) = try await slow(process, 6, 2)
            let first = try process.start()
            try await awaitDeletion(docker)
            _ = try await process.text(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE 'cygni%'"
            )
            try docker.write(["containers": containers])
            let second = try await process.run()
            let lost = try await first.result(timeLimit: .seconds(60))
            #expect(lost.status != 0, "\(lost)")
            let third = try await process.run()
            #expect(second.status == 0 || third.status == 0, "\(second) \(third)")
            #expect(try await process.count("reaped") == 6)
            #expect(try await reaped(process) == "6 6")
        }
    }

    @Test func `asked to stop, it ends what it has in hand and begins nothing more`() async throws {
        try await withReaping { process in
            let (docker, containers) = try await slow(process, 8, 1)
            let running = try process.start()
            try await awaitDeletion(docker)
            running.signal(SIGTERM)
            let stopped = try await running.result(timeLimit: .seconds(60))
            #expect(stopped.status == 128 + SIGTERM || stopped.exit == .signal(SIGTERM), "\(stopped)")
            // What the engine was asked to delete it did, and nobody broke the request off.
            let asked = docker.requests.count { $0.hasPrefix("DELETE") }
            #expect(try docker.ids("containers").count == 8 - asked, "\(stopped)")
            #expect(asked < 8)
            #expect(!stopped.standardError.contains("cancel"), "\(stopped)")
            try docker.write([
                "containers": containers.filter { each in
                    let left = (try? docker.ids("containers")) ?? []
                    return left.contains(each["Id"] as? String ?? "")
                }
            ])
            #expect(try await process.run().status == 0)
            #expect(try await reaped(process) == "8 8")
        }
    }

    @Test(arguments: ["reap.begun", "reap.belongings", "reap.artifacts", "reap.probed"])
    func `a receipt tells of all that went, whenever a run was killed`(point: String) async throws {
        try await withReaping { process in
            let docker = try await ScriptedDocker([:])
            try await process.preview(
                "old",
                project: "api",
                [Self.old, ("artifact_prefix", "'previews/old'"), ("runtime_ref", "'local/c1'")]
            )
            let mark = "dev.cygni.platform=cygni dev.cygni.deployment=\(try await process.id("old"))"
            try await process.database.execute(
                """
                CREATE SCHEMA pr1; COMMENT ON SCHEMA pr1 IS '\(mark)';
                CREATE TABLE pr1.t AS SELECT repeat('x', 1000) AS text FROM generate_series(1, 1000);
                """
            )
            try await process.owner(
                "INSERT INTO cygni.preview_belongings (tenant_id, deployment_id, class, name) VALUES (md5('bolt')::uuid, md5('old')::uuid, 'schema', 'pr1');"
            )
            for name in ["a", "b", "c"] { try process.folder.write("12345", to: "objects/previews/old/\(name)") }
            try docker.write(["containers": [ScriptedDocker.container("c1", try await process.labels("old"))]])
            try process.use(engines: "{local: \(docker.setting())}")
            try process.write("\(Self.policy)\nbelongings: {database: {url: '\(process.database.url())'}}")
            let killed = try await process.run(crashAt: point)
            #expect(killed.exit == .signal(SIGKILL), "\(killed)")
            #expect(try await process.run().status == 0)
            func receipt(_ what: String) async throws -> String {
                try await process.text("SELECT reaped -> '\(what)' FROM cygni.deployments")
            }
            #expect(try await receipt("artifacts") == "3")
            #expect(Int(try await receipt("bytes")) ?? 0 > 1_000_000)
            #expect(try await receipt("objects") == #"["local/container/c1"]"#)
            #expect(try await receipt("belongings") == #"["schema pr1"]"#)
            #expect(try await reaped(process) == "1 1")
            #expect(
                try await process.text("SELECT count(*) FROM cygni.audit_log WHERE action = 'preview.marked'") == "1"
            )
        }
    }

    @Test func `what comes to a preview while it goes is written down before it goes as well`() async throws {
        try await withReaping { process in
            let (docker, containers) = try await slow(process, 1, 0)
            let late = ScriptedDocker.container("late", try await process.labels("p1"))
            let state = String(
                decoding: try JSONSerialization.data(withJSONObject: ["containers": containers + [late]]),
                as: UTF8.self
            )
            try process.folder.write(state, to: "moved")
            let hook = process.folder.file("hook")
            try process.folder.write(
                "#!/bin/sh\n[ -e '\(hook).done' ] || cp '\(process.folder.file("moved"))' '\(docker.folder.file("state"))'\n: >'\(hook).done'\n",
                to: "hook"
            )
            chmod(hook, 0o755)
            try process.write("\(Self.policy)\nbelongings: {hook: ['\(hook)']}")
            try await process.owner(
                "INSERT INTO cygni.preview_belongings (tenant_id, deployment_id, class, name) VALUES (md5('bolt')::uuid, md5('p1')::uuid, 'dns', 'x.test');"
            )
            let killed = try await process.run(crashAt: "reap.deleted:2")
            #expect(killed.exit == .signal(SIGKILL), "\(killed)")
            #expect(try docker.ids("containers").isEmpty)
            #expect(try await process.run().status == 0)
            #expect(
                try await process.text("SELECT reaped -> 'objects' FROM cygni.deployments")
                    == #"["local/container/p1", "local/container/late"]"#
            )
        }
    }
}
