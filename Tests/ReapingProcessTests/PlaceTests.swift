import CygniTestSupport
import Foundation
import Testing

/// Where previews are, and what is not known of it.
@Suite struct PlaceTests {
    private static let policy = "policy: {ttl: 10d, grace: 0s, keep_latest_per_branch: 0}\nbrake: {percent: 100}"
    private static let old = ("created_at", "now() - interval '20 days'")

    @Test func `a runtime_ref that leads to no engine of this host proves nothing gone`() async throws {
        try await withReaping { process in
            let docker = try await ScriptedDocker([:])
            try docker.write([
                "containers": [ScriptedDocker.container("c", try await process.labels("living"))]
            ])
            try process.write(Self.policy)
            try await process.preview("living", project: "api", [("runtime_ref", "'local/c'")])
            try await process.preview("away", project: "api", [Self.old, ("runtime_ref", "'elsewhere/c1'")])
            try await process.preview("begun", project: "api", [Self.old, ("runtime_ref", "'elsewhere/c2'")])
            try await process.owner(
                "UPDATE cygni.deployments SET state = 'reaping', reap_rule = 'ttl', reap_begun_at = now() WHERE id = md5('begun')::uuid;"
            )
            for engines in ["{local: \(docker.setting())}", "{}", "{local: {kind: none}}"] {
                try process.use(engines: engines)
                let result = try await process.run()
                #expect([1, 2].contains(result.status), "\(result)")
                #expect(
                    result.standardOutput.contains(
                        "2 previews are on the engine elsewhere, which is not in cygni.yaml"
                    ) || engines == "{}",
                    "\(result)"
                )
                #expect(try await process.state("away") == "ready", "\(result)")
                #expect(try await process.state("begun") == "reaping", "\(result)")
            }
            // Said to be kept in the ledger alone, it is.
            try process.use(engines: "{local: \(docker.setting()), elsewhere: {kind: none}}")
            let result = try await process.run()
            #expect(result.status == 0, "\(result)")
            #expect(try await process.count("reaped") == 2)
        }
    }

    @Test
    func
        `a runtime_ref without an engine's name is looked for where there are engines, and unknown where there is none`()
        async throws
    {
        try await withReaping { process in
            try process.write(Self.policy)
            try await process.preview("old", project: "api", [Self.old, ("runtime_ref", "'c1'")])
            try await process.preview("free", project: "api", [Self.old])
            try process.use(engines: "{}")
            let unknown = try await process.run()
            #expect(
                unknown.status == 2 && unknown.standardOutput.contains("kind: none"),
                "\(unknown)"
            )
            #expect(try await process.state("old") == "ready")
            #expect(try await process.state("free") == "reaped")
            try process.use(engines: "{ledger: {kind: none}}")
            #expect(try await process.run().status == 0)
            #expect(try await process.state("old") == "reaped")
        }
    }

    @Test
    func `one that no engine knows goes where policy says so, but not one that became ready since they were asked`()
        async throws
    {
        try await withReaping { process in
            let docker = try await ScriptedDocker([:])
            try docker.write(["containers": [ScriptedDocker.container("c", try await process.labels("living"))]])
            try process.use(engines: "{local: \(docker.setting())}")
            let rest = ("runtime_ref", "'local/x'")
            try await process.preview("living", project: "api", [("runtime_ref", "'local/c'")])
            try await process.preview("lost", project: "api", [rest, ("ready_at", "now() - interval '1 minute'")])
            try await process.preview("new", project: "api", [rest, ("ready_at", "now() + interval '1 minute'")])
            try process.write("policy: {grace: 0s}\nbrake: {percent: 100}")
            let told = try await process.run(["--dry-run"])
            #expect(told.status == 0 && told.standardOutput.contains("no engine has anything of it"), "\(told)")
            let run = try await process.run()
            #expect(run.status == 0 && run.standardOutput.contains(#/\n  lost +1\n/#), "\(run)")
            #expect(try await process.count("ready") == 3)
            try process.write("policy: {grace: 0s, lost: true}\nbrake: {percent: 100}")
            let result = try await process.run()
            #expect(result.status == 0, "\(result)")
            #expect(try await process.state("lost") == "reaped")
            #expect(try await process.state("new") == "ready")
            #expect(try await process.state("living") == "ready")
        }
    }

    @Test func `a list of volumes with warnings is not whole`() async throws {
        try await withReaping { process in
            let docker = try await ScriptedDocker([:])
            try docker.write([
                "containers": [ScriptedDocker.container("c", try await process.labels("old"))],
                "warnings": ["plugin nfs: no answer"],
            ])
            try process.use(engines: "{local: \(docker.setting())}")
            try process.write(Self.policy)
            try await process.preview("old", project: "api", [Self.old])
            let result = try await process.run()
            #expect(result.status == 1 && result.standardOutput.contains("plugin nfs: no answer"), "\(result)")
            #expect(try await process.state("old") == "ready")
        }
    }

    @Test func `of images goes the name that its label says, and no other`() async throws {
        try await withReaping { process in
            let docker = try await ScriptedDocker([:])
            try await process.preview("old", project: "api", [Self.old])
            let marks = try await process.imageLabels("old", name: "web:pr-1 web:abc")
            func image(_ id: String, _ tags: [String], _ labels: [String: String]) -> [String: Any] {
                ["Id": "sha256:\(id)", "RepoTags": tags, "Labels": labels]
            }
            try docker.write([
                "images": [
                    // Named for production besides.
                    image("1", ["web:pr-1", "localhost/web:abc", "web:production"], marks),
                    // Built from the preview's image: it has the same labels.
                    image("2", ["tools:1"], marks),
                    // No label says its name.
                    image("3", ["web:other"], try await process.imageLabels("old", name: nil)),
                ]
            ])
            try process.use(engines: "{local: \(docker.setting())}")
            try process.write(Self.policy)
            let result = try await process.run()
            #expect(result.status == 0, "\(result)")
            #expect(try await process.state("old") == "reaped")
            #expect(
                try docker.tags() == ["tools:1", "web:other", "web:production"],
                "\(docker.requests)"
            )
        }
    }
}
