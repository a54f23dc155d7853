import CygniTestSupport
import Foundation
import Testing

/// What engines say, and what they fail to say.
@Suite struct EngineTests {
    private static let policy = "policy: {ttl: 10d, grace: 0s, keep_latest_per_branch: 0}\nretries: 0"
    private static let old = ("created_at", "now() - interval '20 days'")

    @Test(arguments: ["html", "cut", "null", "object", "reset", "404", "500"])
    func `an engine that does not tell all stops the run`(fault: String) async throws {
        try await withReaping { process in
            try await process.preview("old", project: "api", [Self.old])
            let labels = try await process.labels("old")
            let state: [String: Any] = ["containers": [ScriptedDocker.container("c1", labels)]]
            let docker = try await ScriptedDocker(state)
            try process.use(engines: "{local: \(docker.setting())}")
            try process.write("\(Self.policy)\nbrake: {percent: 100}")
            // Of volumes, an object that names none is the answer of an engine without any.
            for place in ["/containers/json", "/networks", "/volumes", "/images/json"]
            where !(place == "/volumes" && fault == "object") {
                try docker.write(state.merging(["fault": fault, "fault_at": place]) { _, new in new })
                let result = try await process.run()
                #expect(
                    result.status == 1 && result.standardOutput.contains("not all is known: engine local"),
                    "\(place) \(result)"
                )
                #expect(try await process.state("old") == "ready")
            }
            #expect(!docker.requests.contains { $0.hasPrefix("DELETE") })
        }
    }

    @Test func `an engine that has nothing any more stops the run, though previews should run there`() async throws {
        try await withReaping { process in
            let docker = try await ScriptedDocker([:])
            try process.use(engines: "{local: \(docker.setting()), other: \(docker.setting())}")
            try process.write("\(Self.policy)\nbrake: {percent: 100}")
            try await process.preview("old", project: "api", [Self.old, ("runtime_ref", "'local/c1'")])
            let named = try await process.run()
            #expect(
                named.status == 1
                    && named.standardOutput.contains(
                        "engine local has nothing of ours, and 1 previews should run there"
                    ),
                "\(named)"
            )
            try await process.owner("UPDATE cygni.deployments SET runtime_ref = 'c1';")
            let unnamed = try await process.run()
            #expect(unnamed.status == 1 && unnamed.standardOutput.contains("no engine has anything of ours"))
            #expect(try await process.count("ready") == 1)
            let hash = try #require(unnamed.standardOutput.firstMatch(of: #/--approve ([0-9a-f]{64})/#)?.1)
            let approved = try await process.run(["--approve", String(hash)])
            #expect(approved.status == 0, "\(approved)")
            #expect(try await process.count("reaped") == 1)
        }
    }

    @Test func `a slow engine holds up what is on it, and nothing else`() async throws {
        try await withReaping { process in
            let (slow, fast) = (try await ScriptedDocker([:]), try await ScriptedDocker([:]))
            try process.use(engines: "{slow: \(slow.setting(", concurrency: 2")), fast: \(fast.setting())}")
            try process.write("\(Self.policy)\nbrake: {percent: 100}")
            var states: [String: [[String: Any]]] = [:]
            for number in 1...12 {
                let engine = number % 2 == 0 ? "fast" : "slow"
                let name = "p\(number)"
                try await process.preview(name, project: "api", [Self.old, ("runtime_ref", "'\(engine)/\(name)'")])
                states[engine, default: []].append(ScriptedDocker.container(name, try await process.labels(name)))
            }
            try slow.write(["containers": states["slow"] ?? [], "slow": ["DELETE": 60]])
            try fast.write(["containers": states["fast"] ?? []])
            let running = try process.start()
            while try await process.count("reaped") < 6 { try await Task.sleep(for: .milliseconds(50)) }
            // All that is on the fast one is gone while the slow one has not ended its first.
            #expect(try fast.ids("containers").isEmpty)
            #expect(try slow.ids("containers").count == 6)
            let result = try await running.result(timeLimit: .seconds(60))
            #expect(result.status == 2 && result.standardOutput.contains("engine slow"), "\(result)")
            #expect(try await process.count("reaped") == 6)
            #expect(try await process.count("reaping") == 6)
        }
    }

    @Test func `what comes to a preview while it goes, goes too; what has other labels by now stays`() async throws {
        try await withReaping { process in
            try await process.preview("old", project: "api", [Self.old])
            try await process.preview("young", project: "api")
            let (old, young) = (try await process.labels("old"), try await process.labels("young"))
            let docker = try await ScriptedDocker([:])
            let hook = process.folder.file("hook")
            let (c1, c2) = (ScriptedDocker.container("c1", old), ScriptedDocker.container("c2", old))
            try docker.write(["containers": [c1], "volumes": [["Name": "data", "Labels": old]]])
            // Between the plan and the first deletion somebody starts a second one, and the volume becomes another's.
            let moved: [String: Any] = ["containers": [c1, c2], "volumes": [["Name": "data", "Labels": young]]]
            let text = String(decoding: try JSONSerialization.data(withJSONObject: moved), as: UTF8.self)
            try process.folder.write(text, to: "moved")
            try process.folder.write(
                "#!/bin/sh\n[ -e '\(process.folder.file("done"))' ] || cp '\(process.folder.file("moved"))' '\(docker.folder.file("state"))'\n: >'\(process.folder.file("done"))'\n",
                to: "hook"
            )
            chmod(hook, 0o755)
            try await process.owner(
                "INSERT INTO cygni.preview_belongings (tenant_id, deployment_id, class, name) VALUES (md5('bolt')::uuid, md5('old')::uuid, 'dns', 'x.test');"
            )
            try process.use(engines: "{local: \(docker.setting())}")
            try process.write("\(Self.policy)\nbrake: {percent: 100}\nbelongings: {hook: ['\(hook)']}")
            let first = try await process.run()
            #expect(first.standardOutput.contains("has other labels than before: it was left alone"), "\(first)")
            #expect(try await process.state("old") == "reaping")
            let second = try await process.run()
            #expect(second.status == 0, "\(second)")
            #expect(try await process.state("old") == "reaped")
            #expect(try docker.ids("containers").isEmpty)
            #expect(try docker.ids("volumes", "Name") == ["data"])
        }
    }

    @Test func `an engine in trouble loses nothing by being listed: not in a dry run, not an orphan, not by any 500`()
        async throws
    {
        try await withReaping { process in
            let docker = try await ScriptedDocker([:])
            try process.use(engines: "{local: \(docker.setting())}")
            try process.write("\(Self.policy)\nbrake: {percent: 100}")
            try await process.preview("begun", project: "api", [Self.old])
            try await process.owner(
                """
                UPDATE cygni.deployments SET state = 'reaping', reap_rule = 'ttl', reap_begun_at = now(),
                    reap_objects = '[{"engine": "local", "class": "container", "ref": "c1", "words": "local/container/c1"}]';
                INSERT INTO cygni.preview_orphans (engine, class, ref, name, deployment, first_seen_at, last_seen_at)
                VALUES ('local', 'container', 'c2', 'c2', 'x', now(), now());
                """
            )
            let containers = [
                ScriptedDocker.container("c1", try await process.labels("begun")), ScriptedDocker.container("c2", [:]),
            ]
            func trouble(_ message: String) throws {
                try docker.write([
                    "containers": containers, "fault": "500", "fault_at": "/containers/", "message": message,
                    "fault_methods": ["GET"],
                ])
            }
            try trouble("reading information about layer: layer not known")
            _ = try await process.run(["--dry-run"])
            #expect(!docker.requests.contains { $0.hasPrefix("DELETE") }, "a dry run")
            try trouble("database is locked")
            _ = try await process.run()
            #expect(!docker.requests.contains { $0.hasPrefix("DELETE") }, "another cause")
            try trouble("getting container from store: container not known")
            _ = try await process.run()
            #expect(try docker.ids("containers") == ["c2"], "what was begun, and no orphan")
        }
    }

    @Test func `an approval of much is none of a blindness that came later`() async throws {
        try await withReaping { process in
            let docker = try await ScriptedDocker([:])
            try process.use(engines: "{local: \(docker.setting())}")
            try process.write("\(Self.policy)\nbrake: {at_most: 1}")
            var containers: [[String: Any]] = []
            for name in ["p1", "p2"] {
                try await process.preview(name, project: "api", [Self.old, ("runtime_ref", "'local/\(name)'")])
                containers.append(ScriptedDocker.container(name, try await process.labels(name)))
            }
            try docker.write(["containers": containers])
            let stopped = try await process.run()
            let hash = try #require(stopped.standardOutput.firstMatch(of: #/--approve ([0-9a-f]{64})/#)?.1)
            // The socket belongs to another engine by now, or the engine does not tell.
            for state in [[:], ["fault": "html", "fault_at": "/networks", "containers": containers]] as [[String: Any]]
            {
                try docker.write(state)
                let blind = try await process.run(["--approve", String(hash)])
                #expect(blind.status != 0 && blind.standardOutput.contains("was not approved"), "\(blind)")
                #expect(try await process.count("ready") == 2)
            }
            try docker.write(["containers": containers])
            #expect(try await process.run(["--approve", String(hash)]).status == 0)
            #expect(try await process.count("reaped") == 2)
        }
    }

    @Test func `an id in capitals on a label is the same id`() async throws {
        try await withReaping { process in
            try await process.preview("old", project: "api", [Self.old])
            let labels = try await process.labels("old").mapValues { $0 == "cygni" ? $0 : $0.uppercased() }
            let docker = try await ScriptedDocker(["containers": [ScriptedDocker.container("c1", labels)]])
            try process.use(engines: "{local: \(docker.setting())}")
            try process.write("\(Self.policy)\nbrake: {percent: 100}")
            #expect(try await process.run().status == 0)
            #expect(try docker.ids("containers").isEmpty)
        }
    }
}
