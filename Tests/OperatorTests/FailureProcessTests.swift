import CygniTestSupport
import FoundationEssentials
import Testing

/// What scripts see of a command that fails.
@Suite struct FailureProcessTests {
    private struct Report: Decodable {
        var job: String?
        var outcome: String
        var exit_status: Int32
        var errors: [String]
    }

    private func expectReport(_ result: ProcessResult, _ status: Int32, _ words: String) throws {
        #expect(result.status == status, "\(result)")
        let report = try JSONDecoder().decode(Report.self, from: Data(result.standardOutput.utf8))
        #expect((report.outcome, report.exit_status) == ("failed", status))
        #expect(report.errors.joined(separator: "\n").contains(words), "\(result)")
        #expect(result.standardError.contains(words), "\(result)")
    }

    @Test(
        arguments: [
            (["import", "metrics", "/nowhere.csv"], 1, "failed to read '/nowhere.csv'"),
            (["import", "logs", "-"], 64, "--tenant SLUG --project SLUG"),
            (["audit", "verify", "--anchor", "/nowhere.anchor"], 1, "/nowhere.anchor"),
            (["sample", "summary", "--config", "/nowhere.yaml"], 78, "/nowhere.yaml"),
        ]
    ) func aFailureIsOneObjectToo(arguments: [String], status: Int32, words: String) async throws {
        try await ToolWorld.with { world in
            try expectReport(try await world.run(arguments + ["--output", "json"], input: "x\n"), status, words)
        }
    }

    @Test func anUnreachableServerIsOneObjectToo() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("database:\n  url: postgresql:///x?host=\(folder.path)\n", to: "c.yaml")
        let arguments = ["sample", "summary", "--output", "json", "--config", file]
        try expectReport(try await BuiltExecutable("cygni").run(arguments), 69, "failed to connect")
    }

    @Test func aMissingFlagIsToldBeforeTheBooksAreOpened() async throws {
        try await ToolWorld.with { world in
            let file = try world.folder.write("ts,value\n2026-11-22,1\n", to: "x.csv")
            let flags = ["--tenant", "a", "--project", "b", "--create", "--output", "json"]
            try expectReport(try await world.run(["import", "metrics", file] + flags), 64, "add --metric NAME")
            #expect(try await world.database.value("SELECT count(*) FROM cygni.job_runs") == 0)
        }
    }

    /// A statement that the database refuses in the middle of the work.
    @Test func theBooksHaveTheStatusThatIsReturned() async throws {
        try await ToolWorld.with { world in
            try await world.database.execute("DROP TABLE cygni.metric_samples CASCADE")
            let file = try world.folder.write("ts,value\n2026-11-22,1\n", to: "x.csv")
            let flags = ["--tenant", "a", "--project", "b", "--metric", "m", "--create"]
            let result = try await world.run(["import", "metrics", file] + flags)
            #expect(result.status != 0, "\(result)")
            #expect(try await world.database.value("SELECT exit_status FROM cygni.job_runs") == Int(result.status))
            #expect(
                try await world.database.value("SELECT counts ->> 'lines' FROM cygni.job_runs", as: String.self) == "0"
            )
        }
    }

    @Test(arguments: [["audit", "verify"], ["sample", "summary"], ["sample", "load"], ["import", "logs", "-"]])
    func aMissingSchemaIsToldAsTheJobsTellIt(arguments: [String]) async throws {
        // The server has the platform's roles, through another database.
        try await withDatabase(.migrated) { _ in }
        try await withDatabase { database in
            let folder = try TemporaryFolder()
            let file = try folder.write("database:\n  url: \"\(database.url())\"\n", to: "c.yaml")
            let place = arguments[0] == "import" ? ["--tenant", "a", "--project", "b"] : []
            let all = arguments + place + ["--config", file]
            let result = try await BuiltExecutable("cygni").run(all, input: "x\n")
            #expect(result.status == 78, "\(result)")
            #expect(result.standardError.contains("has no platform schema: run `cygni-migrate up`"), "\(result)")
        }
    }

    @Test func theVersionNamesTheTool() async throws {
        let result = try await BuiltExecutable("cygni").run(["--version"])
        #expect(result.standardOutput == "cygni 0.1.0\n", "\(result)")
    }
}
