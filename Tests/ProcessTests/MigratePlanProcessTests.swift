import CygniPostgres
import CygniTestSupport
import Foundation
import Glibc
import Testing

/// `plan`, `dump`, `verify --drift`, `baseline` and `repair` as a pipeline runs them.
@Suite struct MigratePlanProcessTests {
    private static let base = "-- migrate:up\nCREATE TABLE a (x int);\nINSERT INTO a SELECT generate_series(1, 1000);\n"
    private static let rewrite = "-- migrate:up\nALTER TABLE a ALTER x TYPE bigint;\n"

    private func items(_ result: ProcessResult) throws -> [String] {
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(result.standardOutput.utf8)) as? [String: Any]
        )
        let items = try #require(report["items"] as? [[String: Any]])
        return items.map { "\($0["id"] ?? "") \($0["action"] ?? "") \($0["result"] ?? "")" }
    }

    @Test(arguments: [
        ["plan", "--max-lock", "SHARE=1s"], ["plan", "--rehearse", "--max-lock", "SHARE"], ["verify", "--ignore", "x"],
        ["plan", "--scratch-url", "postgresql:///x"], ["baseline", "1"], ["baseline", "x", "--dir", "."],
        ["dump", "--to", "a", "--check", "b"], ["repair", "1"], ["repair", "--forget"],
    ])
    func wrongUsageIs64(arguments: [String]) async throws {
        let result = try await BuiltExecutable("cygni-migrate").run(arguments)
        #expect(result.status == 64 && result.standardOutput.isEmpty, "\(result)")
    }

    @Test func rehearsalFailsOverBudget() async throws {
        let folder = try MigrateFolder(["1_a.sql": Self.base])
        try await withDatabase { database in
            _ = try await folder.run(["up"], database)
            let nothing = try await folder.run(["plan", "--rehearse"], database)
            #expect(nothing.status == 0 && nothing.standardOutput == "nothing is pending\n", "\(nothing)")
            try folder.folder.write(Self.rewrite, to: "db/2_b.sql")
            let list = try await folder.run(["plan"], database)
            #expect(list.status == 0)
            #expect(
                list.standardOutput == """
                    pending   2_b.sql  1 statement, in one transaction
                        :2  ALTER TABLE a ALTER x TYPE bigint
                    1 file pending

                    """
            )
            let within = try await folder.run(["plan", "--rehearse", "--max-lock", "ACCESS EXCLUSIVE=1h"], database)
            #expect(within.status == 0, "\(within)")
            #expect(
                within.standardOutput.contains(
                    /lock {3}ACCESS EXCLUSIVE on public\.a\n +held for about .*: reads and writes wait, the table is written anew/
                ),
                "\(within)"
            )
            let over = ["plan", "--rehearse", "--max-lock", "ACCESS EXCLUSIVE=0s"]
            let text = try await folder.run(over, database)
            #expect(text.status == 3 && text.standardOutput.contains("over the budget of 0s"), "\(text)")
            let json = try await folder.run(over + ["--output", "json"], database)
            #expect(json.status == 3)
            try #expect(items(json) == ["2_b.sql:2 ACCESS EXCLUSIVE public.a failed"])
            let check = try await folder.run(["status"], database)
            #expect(check.standardOutput.contains("1 applied, 1 pending"))
        }
    }

    @Test func aSignalEndsARehearsalAndItsClone() async throws {
        let folder = try MigrateFolder(["1_a.sql": "-- migrate:up\nSELECT pg_sleep(600);"])
        try await withDatabase { database in
            let process = try folder.start(["plan", "--rehearse"], database)
            let clone =
                "SELECT datname::text AS v FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND datname LIKE 'cygni_scratch%'"
            func clones() async throws -> [String] {
                try await database.connect().access { session in
                    try session.query(Statement("clones", clone)).map { try $0.get("v") }
                }
            }
            var names: [String] = []
            while names.isEmpty {
                try await Task.sleep(for: .milliseconds(20))
                names = try await clones()
            }
            process.signal(SIGTERM)
            let result = try await process.result()
            #expect(result.status == 143, "\(result)")
            let left = try await database.connect().access { [name = names[0]] session in
                let query = "SELECT datname::text AS v FROM pg_database WHERE datname = '\(name)'"
                return try session.query(Statement("left", query)).count
            }
            #expect(left == 0)
        }
    }

    @Test func theCommittedSchemaIsChecked() async throws {
        let folder = try MigrateFolder(["1_a.sql": Self.base])
        let file = folder.folder.file("schema.sql")
        try await withDatabase { database in
            _ = try await folder.run(["up"], database)
            let missing = try await folder.run(["dump", "--check", file], database)
            #expect(missing.status == 1 && missing.standardError.contains("write it first, with --to"), "\(missing)")
            try await #expect(folder.run(["dump", "--to", file], database).status == 0)
            let printed = try await folder.run(["dump"], database)
            try #expect(printed.standardOutput == folder.folder.read("schema.sql"))
            try await #expect(folder.run(["dump", "--check", file], database).status == 0)
            try await database.execute("ALTER TABLE a ADD y int")
            let changed = try await folder.run(["dump", "--check", file], database)
            #expect(changed.status == 3 && changed.standardOutput.contains("\n+    y integer\n"), "\(changed)")
        }
    }

    @Test func driftIs3() async throws {
        let folder = try MigrateFolder(["1_a.sql": Self.base])
        try await withDatabase { database in
            _ = try await folder.run(["up"], database)
            let sound = try await folder.run(["verify", "--drift"], database)
            #expect(sound.status == 0)
            #expect(sound.standardOutput == "1 file as applied\nthe schema is what the files make\n", "\(sound)")
            try await database.execute("ALTER TABLE a ALTER x SET DEFAULT 5")
            let drift = try await folder.run(["verify", "--drift"], database)
            #expect(drift.status == 3)
            #expect(
                drift.standardOutput.contains(
                    "differs   column public.a.x\n    files:    integer\n    database: integer default 5\n"
                ),
                "\(drift)"
            )
            let json = try await folder.run(["verify", "--drift", "--output", "json"], database)
            try #expect(items(json) == ["1_a.sql verify done", "column public.a.x compare failed"])
            try await #expect(folder.run(["verify", "--drift", "--ignore", "public.a*"], database).status == 0)
            try await #expect(folder.run(["verify"], database).status == 0)
        }
    }

    @Test func baselineNotesAndUpGoesOn() async throws {
        let folder = try MigrateFolder(["1_a.sql": Self.base, "2_b.sql": Self.rewrite])
        try await withDatabase { database in
            try await database.execute("CREATE TABLE a (x int)")
            let dry = try await folder.run(["baseline", "1", "--dry-run"], database)
            #expect(dry.standardOutput == "would note 1_a.sql\n1 file to note, none was run\n", "\(dry)")
            let done = try await folder.run(["baseline", "1"], database)
            #expect(done.standardOutput == "noted     1_a.sql\n1 file noted as applied, none was run\n", "\(done)")
            let up = try await folder.run(["up"], database)
            #expect(up.standardOutput.contains("applied   2_b.sql"), "\(up)")
            let late = try await folder.run(["baseline", "1"], database)
            #expect(late.status == 1 && late.standardError.contains("'2_b.sql' is applied already"), "\(late)")
        }
    }

    @Test func repairSettlesWhatAFailedRunLeft() async throws {
        let folder = try MigrateFolder([
            "1_a.sql": "-- migrate:up\nCREATE TABLE a (x int);\nINSERT INTO a VALUES (1), (1);",
            "2_i.sql": "-- migrate:up transaction:false\nSELECT 1;\nCREATE UNIQUE INDEX CONCURRENTLY i ON a (x);",
        ])
        try await withDatabase { database in
            let failed = try await folder.run(["up"], database)
            #expect(failed.status == 1 && failed.standardError.contains("statements 1 to 1 of 2 stand"), "\(failed)")
            let dry = try await folder.run(["repair", "--dry-run"], database)
            #expect(dry.status == 0 && dry.standardOutput.contains("half-way  2_i.sql"), "\(dry)")
            let done = try await folder.run(["repair"], database)
            #expect(done.status == 0 && done.standardOutput.contains("settled   2_i.sql"), "\(done)")
            let again = try await folder.run(["repair"], database)
            #expect(again.standardOutput == done.standardOutput, "\(again)")
            try await database.execute("DELETE FROM a")
            try await #expect(folder.run(["up"], database).status == 0)
        }
    }

    /// Killed in the middle of a build that waits for an old transaction: the index stays behind, invalid.
    @Test func anIndexOfAKilledRunIsBuiltAnew() async throws {
        let folder = try MigrateFolder([
            "1_a.sql": Self.base, "2_i.sql": "-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY a_x ON a (x);",
        ])
        try await withDatabase { database in
            try await #expect(folder.run(["up", "--limit", "1"], database).status == 0)
            let writer = try await database.connect()
            try await writer.access { try $0.script("BEGIN; INSERT INTO a VALUES (0)", name: "write") }
            let process = try folder.start(["up"], database)
            func facts(_ query: String) async throws -> [Bool] {
                try await database.connect().access { session in
                    try session.query(Statement("facts", query)).map { try $0.get("v") }
                }
            }
            func validity() async throws -> [Bool] {
                try await facts("SELECT indisvalid AS v FROM pg_index WHERE indrelid = 'a'::regclass")
            }
            while try await validity().isEmpty { try await Task.sleep(for: .milliseconds(20)) }
            try await process.killHard()
            let build =
                "SELECT true AS v FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX%' AND datname = current_database()"
            while try await !facts(build).isEmpty { try await Task.sleep(for: .milliseconds(20)) }
            await writer.close()
            try await #expect(validity() == [false])
            let status = try await folder.run(["status"], database)
            #expect(status.standardOutput.contains("half applied: 0 of 1 statement done"), "\(status)")
            let again = try await folder.run(["up"], database)
            #expect(again.status == 0 && again.standardOutput.contains("applied   2_i.sql"), "\(again)")
            try await #expect(validity() == [true])
        }
    }

    /// As psql would find it, when nothing else names a database.
    @Test func libpqsEnvironmentNamesTheDatabase() async throws {
        let folder = try MigrateFolder(["1_a.sql": Self.base])
        try await withDatabase { database in
            let options = database.cluster.environment(database: database.name)
            let executable = try BuiltExecutable("cygni-migrate")
            let up = try await executable.run(["up", "--dir", folder.path], environment: options)
            #expect(up.status == 0 && up.standardOutput.contains("applied   1_a.sql"), "\(up)")
            let dump = try await executable.run(["dump", "--dir", folder.path], environment: options)
            #expect(dump.status == 0 && dump.standardOutput.contains("CREATE TABLE public.a"), "\(dump)")
            let other = options.merging(["DATABASE_URL": "postgresql:///x?host=\(folder.path)"]) { $1 }
            try await #expect(executable.run(["status", "--dir", folder.path], environment: other).status == 69)
        }
    }
}
