import CygniTestSupport
import Foundation
import Testing
import Yams

/// Every command line of docs/ci.md, run one after the other as the two services would, over a small repository.
@Suite struct ContinuousIntegrationTests {
    /// The code block behind a heading of the page.
    private func pipeline(_ heading: String) throws -> [String: Any] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "docs/ci.md"), encoding: .utf8)
        let section = try #require(page.components(separatedBy: "\n## \(heading)\n").dropFirst().first)
        let block = try #require(
            section.components(separatedBy: "```yaml\n").dropFirst().first?.components(separatedBy: "\n```").first
        )
        return try #require(try Yams.load(yaml: block) as? [String: Any])
    }

    private func git(_ arguments: [String], in folder: String) async throws {
        let identity = ["-c", "user.name=ci", "-c", "user.email=ci@example.com", "-c", "init.defaultBranch=main"]
        let result = try await BuiltExecutable(path: "/usr/bin/git").run(identity + arguments, folder: folder)
        try #require(result.status == 0, "git \(arguments): \(result)")
    }

    /// A clone whose branch adds a migration, with the schema it makes.
    private func repository(_ database: TestDatabase) async throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.file("origin"), withIntermediateDirectories: true)
        try await git(["init", "-q"], in: folder.file("origin"))
        try folder.write(
            "-- migrate:up\nCREATE TABLE a (id bigint PRIMARY KEY);\n-- migrate:down\nDROP TABLE a;\n",
            to: "origin/db/migrations/1_a.sql"
        )
        try await git(["add", "."], in: folder.file("origin"))
        try await git(["commit", "-qm", "Begin"], in: folder.file("origin"))
        try await git(["clone", "-q", folder.file("origin"), folder.file("clone")], in: folder.path)
        try folder.write(
            "-- migrate:up\nALTER TABLE a ADD note text;\n-- migrate:down\nALTER TABLE a DROP note;\n",
            to: "clone/db/migrations/2_b.sql"
        )
        let migrate = try BuiltExecutable("cygni-migrate")
        for arguments in [["up"], ["dump", "--to", folder.file("clone/db/schema.sql")], ["down", "2"]] {
            let all = arguments + ["--dir", folder.file("clone/db/migrations"), "--database-url", database.url()]
            let result = try await migrate.run(all)
            try #require(result.status == 0, "\(result)")
        }
        return folder
    }

    private func run(_ lines: [String], _ database: TestDatabase, _ environment: [String: String]) async throws {
        try #require(lines.count > 1)
        let folder = try await repository(database)
        let tools = try BuiltExecutable("cygni-migrate").path.split(separator: "/").dropLast().joined(separator: "/")
        let path = "/\(tools):/usr/local/bin:/usr/bin:/bin"
        for line in lines {
            let result = try await BuiltExecutable(path: "/bin/bash").run(
                ["-eo", "pipefail", "-c", line],
                environment: environment.merging(["PATH": path]) { $1 },
                folder: folder.file("clone")
            )
            #expect(result.status == 0, "\(line): \(result)")
        }
    }

    @Test func gitHubActions() async throws {
        let jobs = try #require(try pipeline("GitHub Actions")["jobs"] as? [String: [String: Any]])
        try #require(Set(jobs.keys) == ["check", "deploy"])
        try await withDatabase { database in
            for job in ["check", "deploy"] {
                let steps = try #require(jobs[job]?["steps"] as? [[String: Any]])
                // What is no command of ours is an action of GitHub's.
                #expect(steps.allSatisfy { $0["run"] != nil || $0["uses"] as? String == "actions/checkout@v5" })
                let lines = steps.compactMap { $0["run"] as? String }
                try await run(lines, database, ["DATABASE_URL": database.url(), "BASE": "main"])
                try await database.execute("DROP SCHEMA cygni_migrate CASCADE; DROP TABLE a")
            }
        }
    }

    @Test func gitLab() async throws {
        let pipeline = try pipeline("GitLab CI")
        try await withDatabase { database in
            for job in ["migrations", "migrate"] {
                let lines = try #require((pipeline[job] as? [String: Any])?["script"] as? [String])
                var environment = database.cluster.environment(database: database.name)
                environment["CI_MERGE_REQUEST_TARGET_BRANCH_NAME"] = "main"
                try await run(lines, database, environment)
                try await database.execute("DROP SCHEMA cygni_migrate CASCADE; DROP TABLE a")
            }
        }
    }
}
