import CygniTestSupport
import Foundation
import Testing

/// `cygni reclaim`: what nothing needs any more goes, and nothing else.
@Suite struct ReclaimTests {
    private static let settings = "age: 0s\nbrake: {percent: 100}\nretries: 0"

    private func reclaim(_ process: ReapProcess, _ arguments: [String] = [], crashAt: String? = nil) async throws
        -> ProcessResult
    {
        try await process.start(["reclaim"] + arguments, crashAt: crashAt, program: "cygni")
            .result(timeLimit: .seconds(120))
    }

    private func write(_ process: ReapProcess, _ settings: String = settings) throws {
        try process.folder.write(settings + "\n", to: "jobs/reclaim.yaml")
    }

    private func production(_ process: ReapProcess, _ name: String, age: Int, _ columns: [(String, String)] = [])
        async throws
    {
        let all = [("kind", "'production'"), ("ready_at", "now() - interval '\(age) days'")] + columns
        try await process.preview(name, all)
    }

    @Test func `beyond the rollback floor and of reaped previews only, measured, on podman`() async throws {
        try await withPodman { engine in
            try await withReaping { process in
                try process.use(engines: "{local: {kind: docker, socket: '\(engine.socket)', timeout: 30s}}")
                try write(process, "\(Self.settings)\nrollback: 2")
                for number in 1...5 { try await production(process, "r\(number)", age: number) }
                try await production(process, "pinned", age: 90, [("pinned", "true")])
                try await process.preview("reaped", [("state", "'reaped'")])
                try await process.preview("live")
                try await process.preview("failed", [("kind", "'production'"), ("state", "'failed'")])
                for name in ["r1", "r2", "r3", "r4", "r5", "pinned", "reaped", "live", "failed", "stranger"] {
                    try await engine.image("\(name):1", try await process.imageLabels(name, name: "\(name):1"))
                }
                try await engine.image(
                    "theirs:1",
                    try await process.imageLabels("r5", platform: "staging", name: "theirs:1")
                )
                try await engine.image("ours:1", ["dev.cygni.image.platform": "cygni"])
                // What somebody called by another name besides, or built from it, stays.
                try await engine.call("POST", "/images/r3:1/tag?repo=localhost/kept&tag=1")
                try await engine.image("built:1", try await process.imageLabels("r5", name: "r5:1"))
                // Number 4 still runs somewhere, under nobody's labels.
                try await engine.container("still", [:], image: "r4:1")
                for name in ["reaped", "live", "r5"] {
                    try await engine.volume("v-\(name)", try await process.labels(name))
                    try await engine.network("n-\(name)", try await process.labels(name))
                }
                try await engine.volume("nobodys", [:])

                let before = try await engine.names("images")
                let plan = try await reclaim(process, ["--dry-run", "--output", "json"])
                #expect(plan.status == 0, "\(plan)")
                #expect(try await engine.names("images") == before)
                let result = try await reclaim(process, ["--output", "json"])
                #expect(result.status == 0, "\(result)")
                #expect(try items(plan) == items(result))
                let left = [
                    "r1", "r2", "kept", "built", "r4", "pinned", "live", "stranger", "theirs", "ours", "busybox",
                ]
                #expect(try await engine.names("images") == left.map { "localhost/\($0):1" }.sorted())
                #expect(try await engine.names("volumes") == ["nobodys", "v-live", "v-r5"])
                #expect(
                    try await engine.names("networks").filter { $0.hasPrefix("n-") } == ["n-live", "n-r5"]
                )
                let counts = try #require(try report(result)["counts"] as? [String: Int])
                // Each image is one static busybox of its own.
                #expect(counts["freed_bytes"] ?? 0 > 3_000_000, "\(result)")
                #expect(counts["deleted"] == 6, "\(result)")
                #expect(
                    try items(plan).contains {
                        $0.contains("r5:1") && $0.contains("beyond the 2 newest") && $0.contains("of acme/web")
                            && $0.contains("last used") && $0.contains("MB")
                    }
                )
                #expect(
                    try await process.text("SELECT count(*) FROM cygni.audit_log WHERE action = 'engine.reclaimed'")
                        == "6"
                )
                let again = try await reclaim(process, ["--output", "json"])
                #expect(try again.status == 0 && items(again).isEmpty, "\(again)")
            }
        }
    }

    private func report(_ result: ProcessResult) throws -> [String: Any] {
        try JSONSerialization.jsonObject(with: Data(result.standardOutput.utf8)) as? [String: Any] ?? [:]
    }

    private func items(_ result: ProcessResult) throws -> [String] {
        (try report(result)["items"] as? [[String: Any]] ?? []).filter { $0["action"] as? String == "delete" }.map {
            "\($0["id"] ?? "") \($0["reason"] ?? "")"
        }.sorted()
    }

    @Test func `build cache only where the engine is said to be ours, and nothing that is used or young`() async throws
    {
        try await withReaping { process in
            func cache(_ id: String, _ days: Int, used: Bool = false) -> [String: Any] {
                let at = Date(timeIntervalSinceNow: -Double(days) * 86_400).ISO8601Format()
                return ["ID": id, "InUse": used, "Size": 1000, "LastUsedAt": at, "CreatedAt": at]
            }
            let docker = try await ScriptedDocker([
                "cache": [cache("a", 10), cache("b", 3), cache("c", 10, used: true)]
            ])
            try process.use(engines: "{local: \(docker.setting())}")
            try write(process)
            #expect(try await reclaim(process).status == 0)
            #expect(try docker.ids("cache", "ID") == ["a", "b", "c"])
            try write(process, "\(Self.settings)\nbuild_cache: 7d")
            let result = try await reclaim(process, ["--output", "json"])
            #expect(result.status == 0, "\(result)")
            #expect(try docker.ids("cache", "ID") == ["b", "c"])
            #expect((try report(result)["counts"] as? [String: Int])?["freed_bytes"] == 1000, "\(result)")
        }
    }

    @Test func `it stops at faults and at too much, goes on with an approval, and after a kill`() async throws {
        try await withReaping { process in
            let docker = try await ScriptedDocker([:])
            try process.use(engines: "{local: \(docker.setting())}")
            try write(process, "age: 0s\nretries: 0\nbrake: {at_least: 2}")
            var images: [[String: Any]] = []
            for number in 1...6 {
                try await process.preview("p\(number)", [("state", "'reaped'")])
                images.append([
                    "Id": "sha256:\(number)", "RepoTags": ["p:\(number)"], "Created": 1_600_000_000, "Size": 100,
                    "Labels": try await process.imageLabels("p\(number)", name: "p:\(number)"),
                ])
            }
            try docker.write(["images": images, "fault": "html", "fault_at": "/system/df"])
            let blind = try await reclaim(process)
            #expect([1, 2].contains(blind.status) && blind.standardOutput.contains("engine local"), "\(blind)")
            #expect(try docker.ids("images").count == 6)
            try docker.write(["images": images])
            let stopped = try await reclaim(process)
            #expect(stopped.status == 1 && stopped.standardOutput.contains("6 of 6 things of ours"), "\(stopped)")
            #expect(try docker.ids("images").count == 6)
            let hash = try #require(
                stopped.standardOutput.firstMatch(of: #/cygni reclaim --approve ([0-9a-f]{64})/#)?.1
            )
            let killed = try await reclaim(process, ["--approve", String(hash)], crashAt: "reclaim.deleted:3")
            #expect(killed.exit == .signal(SIGKILL), "\(killed)")
            #expect(try docker.ids("images").count == 3)
            let rest = try await reclaim(process, ["--approve", String(hash)])
            #expect(rest.status == 0, "\(rest)")
            #expect(try docker.ids("images").isEmpty)
            // What went before the kill is on record too.
            #expect(
                try await process.text(
                    "SELECT count(DISTINCT details ->> 'ref') FROM cygni.audit_log WHERE action = 'engine.reclaiming'"
                ) == "6"
            )
        }
    }
}
