import CygniPostgres
import CygniTestSupport
import Foundation
import Glibc
import Testing

@Suite struct MigrateProcessTests {
    private static let files = [
        "1_a.sql": "-- migrate:up\nCREATE TABLE a (x int);\n-- migrate:down\nDROP TABLE a;\n",
        "2_b.sql": "-- migrate:up\nCREATE TABLE b (x int);\n-- migrate:down\nDROP TABLE b;\n",
    ]

    private func report(_ result: ProcessResult) throws -> [String: Any] {
        let lines = result.standardOutput.split(separator: "\n")
        #expect(lines.count == 1)
        return try #require(try JSONSerialization.jsonObject(with: Data(result.standardOutput.utf8)) as? [String: Any])
    }

    private func items(_ report: [String: Any]) throws -> [String] {
        let items = try #require(report["items"] as? [[String: Any]])
        return items.map { "\($0["id"] ?? "") \($0["action"] ?? "") \($0["result"] ?? "")" }
    }

    @Test(arguments: [
        ["--help"], ["--version"], ["up", "--help"], ["status", "--help"], ["down", "--help"], ["new", "--help"],
        ["verify", "--help"], ["lint", "--help"], ["lint", "--rules"], ["up", "--version"],
    ])
    func helpNeedsNothing(arguments: [String]) async throws {
        let result = try await BuiltExecutable("cygni-migrate").run(arguments)
        #expect(result.status == 0 && !result.standardOutput.isEmpty && result.standardError.isEmpty, "\(result)")
    }

    @Test(arguments: [
        ["sideways"], ["up", "--nonsense"], ["down"], ["down", "0"], ["down", "many"], ["new", "a"],
        ["up", "--wait", "5"],
        ["up", "--set", "x"], ["up", "--dir", ".", "--set", "platform"], ["new", "!!!", "--dir", "/nowhere"],
        ["up", "--limit", "-1"], ["lint", "--output", "xml"],
    ])
    func wrongUsageIs64(arguments: [String]) async throws {
        let result = try await BuiltExecutable("cygni-migrate").run(arguments)
        #expect(result.status == 64 && result.standardOutput.isEmpty, "\(result)")
    }

    @Test func upStatusVerifyDown() async throws {
        let folder = try MigrateFolder(Self.files)
        try await withDatabase { database in
            let before = try await folder.run(["status", "--check", "--output", "json"], database)
            #expect(before.status == 3)
            #expect(try items(report(before)) == ["1_a.sql apply pending", "2_b.sql apply pending"])
            let dry = try await folder.run(["up", "--dry-run", "--output", "json"], database)
            #expect(try items(report(dry)) == ["1_a.sql apply planned", "2_b.sql apply planned"])
            let up = try await folder.run(["up"], database)
            #expect(up.status == 0 && up.standardError.isEmpty, "\(up)")
            #expect(
                up.standardOutput.contains(/applied   1_a\.sql  \d+ ms\napplied   2_b\.sql  \d+ ms\n2 files applied in/)
            )
            let again = try await folder.run(["up"], database)
            #expect(again.standardOutput == "nothing to do: 2 files, all applied\n")
            #expect(try await folder.run(["status", "--check"], database).status == 0)
            #expect(try await folder.run(["verify"], database).standardOutput == "2 files as applied\n")
            let down = try await folder.run(["down", "1", "--output", "json"], database)
            #expect(down.status == 0)
            #expect(try items(report(down)) == ["2_b.sql revert done"])
            #expect(try report(down)["counts"] as? [String: Int] == ["reverted": 1])
        }
    }

    @Test func aFailedFileIs1() async throws {
        let folder = try MigrateFolder(
            Self.files.merging(["3_c.sql": "-- migrate:up\nSELECT 1;\nCREATE TABLE a ();"]) { $1 }
        )
        try await withDatabase { database in
            let result = try await folder.run(["up", "--output", "json"], database)
            #expect(result.status == 1)
            let report = try report(result)
            #expect(report["outcome"] as? String == "failed")
            #expect(try items(report) == ["1_a.sql apply done", "2_b.sql apply done", "3_c.sql apply failed"])
            let error = try #require((report["errors"] as? [String])?.first)
            #expect(error.contains("/db/3_c.sql:3: relation \"a\" already exists"))
            let text = try await folder.run(["up"], database)
            #expect(text.standardError.hasPrefix("cygni-migrate: failed to apply '3_c.sql': "), "\(text)")
        }
    }

    @Test func driftIs1ForUpAnd3ForChecks() async throws {
        let folder = try MigrateFolder(Self.files)
        try await withDatabase { database in
            _ = try await folder.run(["up"], database)
            try folder.folder.write("-- migrate:up\nCREATE TABLE a (x bigint);\n", to: "db/1_a.sql")
            try await #expect(folder.run(["up"], database).status == 1)
            try await #expect(folder.run(["up", "--dry-run"], database).status == 1)
            try await #expect(folder.run(["status", "--check"], database).status == 3)
            try await #expect(folder.run(["status"], database).status == 0)
            try await #expect(folder.run(["verify"], database).status == 3)
        }
    }

    @Test func faultsOfAllFilesAreListed() async throws {
        let folder = try MigrateFolder(["1_a.sql": "SELECT 1;", "b.sql": "", "3_c.sql": "-- migrate:up x:y"])
        try await withDatabase { database in
            let result = try await folder.run(["up"], database)
            #expect(result.status == 1)
            #expect(result.standardError.split(separator: "\n").count == 3, "\(result)")
        }
    }

    @Test func noServerIs69() async throws {
        let folder = try MigrateFolder(Self.files)
        let result = try await BuiltExecutable("cygni-migrate")
            .run(["up", "--dir", folder.path], environment: ["DATABASE_URL": "postgresql:///x?host=\(folder.path)"])
        #expect(result.status == 69 && result.standardError.contains("failed to connect"), "\(result)")
    }

    @Test func wrongConfigurationIs78() async throws {
        let folder = try TemporaryFolder()
        try folder.write("database: {url: 5, speed: high}\n", to: "cygni.yaml")
        let result = try await BuiltExecutable("cygni-migrate").run(["up", "--config", folder.file("cygni.yaml")])
        #expect(result.status == 78 && result.standardError.contains("cygni.yaml:1:"), "\(result)")
    }

    @Test func theDeadlineIs124() async throws {
        let folder = try MigrateFolder(["1_a.sql": "-- migrate:up\nCREATE TABLE a ();\nSELECT pg_sleep(30);"])
        try await withDatabase { database in
            try folder.folder.write("database: {url: \"\(database.url())\"}\n", to: "cygni.yaml")
            try folder.folder.write("timeout: 1s\n", to: "jobs/migrate.yaml")
            let result = try await BuiltExecutable("cygni-migrate")
                .run(["up", "--dir", folder.path, "--config", folder.folder.file("cygni.yaml"), "--output", "json"])
            #expect(result.status == 124, "\(result)")
            #expect(try report(result)["outcome"] as? String == "timed_out")
            let check = try await folder.run(["status"], database)
            #expect(check.standardOutput.contains("0 applied, 1 pending"), "\(check)")
        }
    }

    @Test func configurationNamesTheDatabase() async throws {
        try await withDatabase { database in
            let folder = try TemporaryFolder()
            try folder.write("database: {url: \"\(database.url())\"}\n", to: "cygni.yaml")
            let environment = ["CYGNI_CONFIG": folder.file("cygni.yaml"), "DATABASE_URL": "postgresql:///elsewhere"]
            let result = try await BuiltExecutable("cygni-migrate").run(["status"], environment: environment)
            #expect(
                result.status == 0 && result.standardOutput.contains("(database \(database.name), platform)"),
                "\(result)"
            )
        }
    }

    @Test func eightProcessesAtOnce() async throws {
        let executable = try BuiltExecutable("cygni-migrate")
        try await withDatabase { database in
            let arguments = ["up", "--output", "json", "--database-url", database.url()]
            let results = try await withThrowingTaskGroup(of: ProcessResult.self) { group in
                for _ in 0..<8 { group.addTask { try await executable.run(arguments) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(results.map(\.status) == Array(repeating: 0, count: 8), "\(results)")
            let applied = try results.flatMap { try items(report($0)) }
            #expect(Set(applied).count == applied.count && applied.count >= 12)
        }
    }

    @Test(arguments: [(SIGTERM, Int32(143)), (SIGINT, Int32(130))])
    func aSignalLetsTheFileInHandEnd(signal: Int32, status: Int32) async throws {
        let folder = try MigrateFolder([
            "1_a.sql": "-- migrate:up\nCREATE TABLE a ();\nSELECT pg_sleep(2);",
            "2_b.sql": "-- migrate:up\nCREATE TABLE b ();",
        ])
        try await withDatabase { database in
            let process = try folder.start(["up"], database)
            try await waitUntil(
                database,
                "SELECT FROM pg_stat_activity WHERE query LIKE '%pg_sleep(2)%' AND datname = current_database() AND pid <> pg_backend_pid()"
            )
            process.signal(signal)
            let result = try await process.result()
            #expect(result.status == status, "\(result)")
            #expect(result.standardOutput.contains("applied   1_a.sql"))
            #expect(try await folder.run(["up"], database).standardOutput.contains("1 file applied"))
        }
    }

    @Test func aServerThatRestartsIsWaitedFor() async throws {
        let cluster = try await TestCluster.start(isDurable: true)
        let files = (1...20).map { ("\($0)_t.sql", "-- migrate:up\nCREATE TABLE t\($0) ();\nSELECT pg_sleep(0.1);") }
        let folder = try MigrateFolder(Dictionary(uniqueKeysWithValues: files))
        try await cluster.withDatabase { database in
            let process = try folder.start(["up"], database)
            try await process.output(contains: "3_t.sql")
            try await cluster.restart(immediate: true)
            let result = try await process.result()
            #expect(result.status == 0, "\(result)")
            let check = try await folder.run(["status", "--check"], database)
            #expect(check.status == 0 && check.standardOutput.contains("20 applied, 0 pending"), "\(check)")
        }
    }

    @Test func newWritesTheNextFileAndNeverOverOne() async throws {
        let folder = try TemporaryFolder()
        let executable = try BuiltExecutable("cygni-migrate")
        let first = try await executable.run(["new", "Add Domains!", "--dir", folder.file("db")])
        #expect(first.standardOutput == "\(folder.file("db"))/0001_add_domains.sql\n", "\(first)")
        let second = try await executable.run(["new", "Add Domains!", "--dir", folder.file("db")])
        #expect(second.standardOutput.hasSuffix("/0002_add_domains.sql\n"))
        #expect(try folder.read("db/0001_add_domains.sql").contains("-- migrate:down"))
    }

    /// Waits until a query gives a row.
    private func waitUntil(_ database: TestDatabase, _ query: String) async throws {
        let connection = try await database.connect()
        for _ in 0..<500 {
            if try await connection.access({ try !$0.query(Statement("wait", query)).isEmpty }) { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw TestSupportError("'\(query)' gave no row")
    }
}
