import CygniTestSupport
import Foundation
import Testing

/// Previews on a real podman.
@Suite(.serialized) struct PodmanTests {
    private static let policy = "policy: {ttl: 10d, grace: 0s, keep_latest_per_branch: 0}"

    private func settle(_ process: ReapProcess, _ engine: PodmanEngine, _ more: String = policy) throws {
        try process.use(engines: "{local: {kind: docker, socket: '\(engine.socket)', timeout: 30s}}")
        try process.write("brake: {percent: 100}\n\(more)")
    }

    @Test func `of thirty previews exactly the right ones go`() async throws {
        try await withPodman { engine in
            try await withReaping { process in
                try settle(process, engine)
                for number in 1...30 {
                    // Every third one is too old; of these, one is pinned, one protected, one has an alias.
                    var columns = [("runtime_ref", "'p\(number)'"), ("artifact_prefix", "'previews/p\(number)'")]
                    let age = number % 3 == 0 ? 20 : 2
                    columns += [("created_at", "now() - interval '\(age) days'")]
                    if number == 3 { columns.append(("pinned", "true")) }
                    if number == 6 { columns.append(("protected", "true")) }
                    if number == 9 { columns.append(("aliases", "'{next.example.test}'")) }
                    try await process.preview("p\(number)", columns)
                    try await engine.container(
                        "c\(number)",
                        try await process.labels("p\(number)"),
                        isStarted: number == 12
                    )
                    try process.folder.write("x", to: "objects/previews/p\(number)/index.html")
                }
                try await engine.volume("v12", try await process.labels("p12"))
                try await engine.network("n12", try await process.labels("p12"))
                // Nobody's, another platform's, and one whose name looks like ours.
                try await engine.container("stranger", [:])
                try await engine.container("c15-copy", try await process.labels("p15", platform: "staging"))
                try await engine.volume("v15", [:])
                try process.folder.write("x", to: "objects/previews/p12x/index.html")

                let plan = try await process.run(["--dry-run", "--output", "json"])
                #expect(plan.status == 0, "\(plan)")
                #expect(try await process.count("reaped") == 0)
                let result = try await process.run(["--output", "json"])
                #expect(result.status == 0, "\(result)")
                let gone = [12, 15, 18, 21, 24, 27, 30]
                for number in 1...30 {
                    #expect(
                        try await process.state("p\(number)") == (gone.contains(number) ? "reaped" : "ready"),
                        "p\(number)"
                    )
                    let path = process.folder.file("objects/previews/p\(number)/index.html")
                    #expect(FileManager.default.fileExists(atPath: path) != gone.contains(number))
                }
                let left = (1...30).filter { !gone.contains($0) }.map { "c\($0)" } + ["stranger", "c15-copy"]
                #expect(try await engine.names("containers") == left.sorted())
                #expect(try await engine.names("volumes") == ["v15"])
                #expect(try await !engine.names("networks").contains("n12"))
                #expect(FileManager.default.fileExists(atPath: process.folder.file("objects/previews/p12x/index.html")))
                #expect(try items(plan) == items(result))

                #expect(
                    try await process.text(
                        "SELECT count(*) FROM cygni.audit_log WHERE action = 'preview.reaped' AND tenant_id = md5('acme')::uuid"
                    ) == "7"
                )
                #expect(
                    try await process.text(
                        "SELECT jsonb_array_length(reaped -> 'objects') FROM cygni.deployments WHERE id = md5('p12')::uuid"
                    ) == "3"
                )
                let again = try await process.run()
                #expect(again.status == 0 && !again.standardOutput.contains("reaped "), "\(again)")
            }
        }
    }

    /// What it does or would do; only a dry run tells besides what is kept.
    private func items(_ result: ProcessResult) throws -> [String] {
        let report = try JSONSerialization.jsonObject(with: Data(result.standardOutput.utf8)) as? [String: Any]
        return (report?["items"] as? [[String: Any]] ?? []).filter { $0["action"] as? String != "keep" }.map {
            "\($0["action"] ?? "") \($0["id"] ?? "") \($0["reason"] ?? "")"
        }.sorted()
    }

    @Test(arguments: [
        "reap.noted", "reap.begun", "reap.belongings", "reap.deleted", "reap.deleted:2", "reap.engines",
        "reap.artifacts", "reap.probed", "reap.receipt",
    ])
    func `killed anywhere, the next run ends it`(point: String) async throws {
        try await withPodman { engine in
            try await withReaping { process in
                try settle(process, engine)
                try await process.preview(
                    "old",
                    [("created_at", "now() - interval '20 days'"), ("artifact_prefix", "'previews/old'")]
                )
                try await process.preview("young", [("artifact_prefix", "'previews/young'")])
                for name in ["old", "young"] {
                    try await engine.container("c-\(name)", try await process.labels(name))
                    try await engine.volume("v-\(name)", try await process.labels(name))
                    try process.folder.write("x", to: "objects/previews/\(name)/index.html")
                }
                let killed = try await process.run(crashAt: point)
                #expect(killed.exit == .signal(SIGKILL), "\(killed)")
                let result = try await process.run()
                #expect(result.status == 0, "\(result)")
                #expect(try await process.state("old") == "reaped")
                #expect(try await process.state("young") == "ready")
                #expect(try await engine.names("containers") == ["c-young"])
                #expect(try await engine.names("volumes") == ["v-young"])
                #expect(
                    try await process.text("SELECT count(*) FROM cygni.audit_log WHERE action = 'preview.reaped'")
                        == "1"
                )
                #expect(!FileManager.default.fileExists(atPath: process.folder.file("objects/previews/old/index.html")))
            }
        }
    }

    @Test func `a preview's images go with it, but for those that others run`() async throws {
        try await withPodman { engine in
            try await withReaping { process in
                try settle(process, engine)
                for name in ["old", "lent"] {
                    try await process.preview(name, [("created_at", "now() - interval '20 days'")])
                    try await engine.image("\(name):1", try await process.imageLabels(name, name: "\(name):1"))
                    try await engine.container("c-\(name)", try await process.labels(name), image: "\(name):1")
                }
                try await engine.image("old:2", try await process.imageLabels("old", name: "old:2"))
                // Production runs what one of them was built from.
                try await engine.container("production", [:], image: "lent:1")
                let result = try await process.run()
                #expect(result.status == 0, "\(result)")
                #expect(try await process.count("reaped") == 2)
                let (images, containers) = (try await engine.names("images"), try await engine.names("containers"))
                #expect(images == ["localhost/busybox:1", "localhost/lent:1"], "\(result)")
                #expect(containers == ["production"])
            }
        }
    }

    @Test func `an engine that is gone stops the run, and orphans are told before they go`() async throws {
        try await withPodman { engine in
            try await withReaping { process in
                try settle(process, engine, "policy: {ttl: 10d, grace: 0s}\norphans: {delete: true, grace: 0s}")
                try await process.preview("old", project: "api", [("created_at", "now() - interval '20 days'")])
                try await process.preview("young", project: "api")
                try await engine.container("c-old", try await process.labels("old"))
                try await engine.container("c-lost", try await process.labels("never-written-down"))
                try await engine.container(
                    "c-odd",
                    ["dev.cygni.platform": "cygni", "dev.cygni.deployment": "'; DROP TABLE x; --"]
                )
                engine.kill()
                let refused = try await process.run()
                #expect(
                    refused.status == 1 && refused.standardOutput.contains("not all is known: engine local"),
                    "\(refused)"
                )
                #expect(try await process.state("old") == "ready")
                try await engine.start()
                let first = try await process.run()
                #expect(first.status == 0, "\(first)")
                #expect(try await process.state("old") == "reaped")
                #expect(try await engine.names("containers") == ["c-lost", "c-odd"])
                let second = try await process.run()
                #expect(second.status == 0, "\(second)")
                #expect(try await engine.names("containers") == [])
                #expect(
                    try await process.text(
                        "SELECT count(*) FROM cygni.audit_log WHERE action = 'preview.orphan_removed' AND tenant_id IS NULL"
                    ) == "2"
                )
            }
        }
    }

    @Test func `podman killed between two calls leaves the rest to the next run`() async throws {
        try await withPodman { engine in
            try await withReaping { process in
                try settle(process, engine)
                for number in 1...24 {
                    try await process.preview("p\(number)", [("created_at", "now() - interval '20 days'")])
                    try await engine.container("c\(number)", try await process.labels("p\(number)"))
                }
                let running = try process.start()
                while try await engine.names("containers").count > 20 { try await Task.sleep(for: .milliseconds(5)) }
                engine.kill()
                let broken = try await running.result(timeLimit: .seconds(120))
                #expect([1, 2].contains(broken.status), "\(broken)")
                #expect(try await process.count("reaped") < 24)
                try await engine.start()
                let result = try await process.run()
                #expect(result.status == 0, "\(result)")
                #expect(try await process.count("reaped") == 24)
                #expect(try await engine.names("containers") == [])
            }
        }
    }
}
