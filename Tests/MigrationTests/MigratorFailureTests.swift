import CygniPostgres
import CygniTestSupport
import Testing

@testable import SchemaMigration

@Suite struct MigratorFailureTests {
    private func failure(_ database: TestDatabase, _ files: [String: String]) async throws -> MigrationFailure {
        try #require(await #expect(throws: MigrationFailure.self) { try await migrator(database, files).up() })
    }

    @Test func aFailedFileLeavesNothing() async throws {
        try await withDatabase { database in
            let files = [
                "1_a.sql": "-- migrate:up\nCREATE TABLE a (x int);",
                "2_b.sql": "-- migrate:up\nCREATE TABLE b (x int);\n\nALTER TABLE b\n  ADD COLUMN y nonsense;",
            ]
            let failure = try await failure(database, files)
            #expect(
                failure.description == """
                    failed to apply '2_b.sql': db/2_b.sql:5: type "nonsense" does not exist (SQLSTATE 42704)
                        in: ALTER TABLE b
                        nothing of this file stands; the files before it are applied
                    """
            )
            #expect(try await database.applied() == ["1_a.sql"])
            #expect(try await database.tables() == ["public.a"])
        }
    }

    /// What the server answers is of the whole message; the line must be the file's all the same.
    @Test(arguments: [
        // With a position, behind characters of several bytes.
        ("-- migrate:up\n-- äöü €\nSELECT 'ä';\nSELECT\n  nothing;", 5),
        ("-- migrate:up\r\nSELECT 1;\r\nSELECT nothing;\r\n", 3),
        // Without one: the line is that of the statement.
        ("-- migrate:up\nSELECT 1;\n\nSELECT\n 1 / 0;", 4),
        ("-- migrate:up\nCREATE TABLE a (x int UNIQUE);\nINSERT INTO a VALUES (1);\nINSERT INTO a VALUES (1);", 4),
        ("-- migrate:up\nSELECT 1;\nDO $$ BEGIN\n RAISE 'no'; END $$;", 3),
        ("-- migrate:up transaction:false\nSELECT 1;\n\nSELECT\n  nothing;", 5),
        ("-- migrate:up transaction:false\nSELECT 1;\n\nSELECT\n 1 / 0;", 4),
        ("-- migrate:up transaction:false\nVACUUM\n  nothing;", 2),
    ])
    func theLineIsTheFiles(text: String, line: Int) async throws {
        try await withDatabase { database in
            let failure = try await failure(database, ["1_a.sql": text])
            #expect(failure.line == line)
        }
    }

    @Test func whatRefusesATransactionIsToldHowToGetOutOfIt() async throws {
        try await withDatabase { database in
            let failure = try await failure(database, ["1_a.sql": "-- migrate:up\nVACUUM;"])
            #expect(failure.aftermath.last?.contains("'-- migrate:up transaction:false'") == true)
        }
    }

    @Test func aDeferredConstraintFailsTheFile() async throws {
        try await withDatabase { database in
            let text = """
                -- migrate:up
                CREATE TABLE a (x int PRIMARY KEY, y int REFERENCES a DEFERRABLE INITIALLY DEFERRED);
                INSERT INTO a VALUES (1, 2);
                """
            let failure = try await failure(database, ["1_a.sql": text])
            #expect(failure.cause.sqlState == "23503")
            #expect(try await database.tables() == [])
        }
    }

    @Test func theHintIsShown() async throws {
        try await withDatabase { database in
            let text = "-- migrate:up\nDO $$ BEGIN RAISE 'no' USING HINT = 'turn left'; END $$;"
            let failure = try await failure(database, ["1_a.sql": text])
            #expect(failure.description.contains("\n    hint: turn left\n"))
        }
    }

    @Test func driftIsRefusedBeforeAnything() async throws {
        try await withDatabase { database in
            var files = ["1_a.sql": "-- migrate:up\nCREATE TABLE a (x int);"]
            try await migrator(database, files).up()
            files["1_a.sql"] = "-- migrate:up\nCREATE TABLE a (x bigint);"
            files["2_b.sql"] = "-- migrate:up\nCREATE TABLE b (x int);"
            await #expect(throws: DriftError.self) { try await migrator(database, files).up() }
            #expect(try await database.tables() == ["public.a"])
        }
    }

    @Test func theLedgersWayOutWorks() async throws {
        try await withDatabase { database in
            try await migrator(database, ["1_a.sql": "-- migrate:up\nCREATE TABLE a (x int);"]).up()
            let version = try #require(MigrationVersion("1"))
            for (files, choice) in [
                (["1_a.sql": "-- migrate:up\nCREATE TABLE a (y int);"], RepairChoice.acceptEdit), ([:], .forget),
            ] {
                let migrator = try migrator(database, files)
                let drifts = try await migrator.inspect().plan.drifts
                let command = try #require(drifts.first?.wayOut.last)
                #expect(command.hasSuffix("cygni-migrate repair 1 --\(choice.rawValue) --dir 'db'"))
                #expect(try await migrator.repair(version, choice).kind == .settled)
                #expect(try await migrator.inspect().plan.drifts.isEmpty)
                await #expect(throws: RepairRefused.self) { try await migrator.repair(version, choice) }
            }
        }
    }
}
