import CygniPostgres
import CygniTestSupport
import Testing

@testable import SchemaMigration

/// Files with `transaction:false`.
@Suite struct MigratorStepsTests {
    private let table = "-- migrate:up\nCREATE TABLE t (x int);\nINSERT INTO t VALUES (1), (1);"

    @Test func runsWhatRefusesATransaction() async throws {
        try await withDatabase { database in
            let text = """
                -- migrate:up transaction:false
                CREATE INDEX CONCURRENTLY i ON t (x);
                VACUUM ANALYZE t;
                REINDEX TABLE CONCURRENTLY t;
                ALTER TABLE t ADD y int;
                DROP INDEX CONCURRENTLY i;
                """
            try await migrator(database, ["1_t.sql": table, "2_i.sql": text]).up()
            #expect(try await database.applied() == ["1_t.sql", "2_i.sql"])
            #expect(try await database.texts("SELECT count(*) FROM cygni_migrate.steps") == ["0"])
        }
    }

    @Test func saysWhatStandsAndGoesOnFromThere() async throws {
        try await withDatabase { database in
            func file(_ third: String) -> [String: String] {
                let text = """
                    -- migrate:up transaction:false
                    SET search_path = later, public;
                    CREATE SCHEMA later;
                    \(third);
                    CREATE TABLE b (x int);
                    """
                return ["1_t.sql": table, "2_i.sql": text]
            }
            let failure = await #expect(throws: MigrationFailure.self) {
                try await migrator(database, file("CREATE TABLE a (x nonsense)")).up()
            }
            #expect(
                failure?.aftermath == [
                    "statements 1 to 2 of 4 stand; mend statement 3 and run it again: it goes on from there"
                ]
            )
            #expect(failure?.line == 4)
            let begun = try await migrator(database, file("")).inspect().facts.begun
            #expect(begun.map(\.done) == [2] && begun.map(\.direction) == [.up])
            try await migrator(database, file("CREATE TABLE a (x int)")).up()
            #expect(try await database.tables() == ["later.a", "later.b", "public.t"])
        }
    }

    @Test func anInvalidIndexIsBuiltAnew() async throws {
        try await withDatabase { database in
            let files = [
                "1_t.sql": table,
                "2_i.sql": "-- migrate:up transaction:false\nCREATE UNIQUE INDEX CONCURRENTLY \"I x\" ON public.t (x);",
            ]
            await #expect(throws: MigrationFailure.self) { try await migrator(database, files).up() }
            #expect(
                try await database.texts("SELECT indisvalid FROM pg_index WHERE indrelid = 't'::regclass") == ["false"]
            )
            try await database.execute("DELETE FROM t; INSERT INTO t VALUES (1), (2)")
            try await migrator(database, files).up()
            #expect(
                try await database.texts("SELECT indisvalid FROM pg_index WHERE indrelid = 't'::regclass") == ["true"]
            )
        }
    }

    @Test func whatStandsMustNotBeChangedInTheFile() async throws {
        try await withDatabase { database in
            let broken = "-- migrate:up transaction:false\nCREATE TABLE a (x int);\nSELECT nothing;"
            await #expect(throws: MigrationFailure.self) { try await migrator(database, ["1_a.sql": broken]).up() }
            let changed = "-- migrate:up transaction:false\nCREATE TABLE a (x bigint);\nSELECT 1;"
            let error = await #expect(throws: StepsChanged.self) {
                try await migrator(database, ["1_a.sql": changed]).up()
            }
            #expect(error?.description.contains("it was: CREATE TABLE a (x int)") == true)
        }
    }

    @Test(arguments: [(RepairChoice.statementDone, "1"), (.statementUndone, "3")])
    func aCallIsLeftToAPersonWhenInDoubt(choice: RepairChoice, rows: String) async throws {
        try await withDatabase { database in
            let files = [
                "1_a.sql": """
                -- migrate:up
                CREATE TABLE a (x int);
                CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN
                    INSERT INTO a VALUES (1); COMMIT; INSERT INTO a VALUES (1 / (SELECT count(*) - 1 FROM a)); END $$;
                """,
                "2_b.sql": "-- migrate:up transaction:false\nCALL p();",
            ]
            let migrator = try migrator(database, files)
            await #expect(throws: MigrationFailure.self) { try await migrator.up() }
            let doubt = await #expect(throws: StatementInDoubt.self) { try await migrator.up() }
            #expect(doubt?.description.contains("db/2_b.sql:2 was under way") == true)
            let count = try await database.texts("SELECT count(*) FROM a")
            #expect(count == ["1"])
            #expect(try await migrator.repair().map(\.kind) == [.undecided])
            let version = try #require(MigrationVersion("2"))
            await #expect(throws: RepairRefused.self) { try await migrator.repair(version, .acceptEdit) }
            #expect(try await migrator.repair(version, choice).kind == .settled)
            #expect(try await migrator.up().map(\.name) == ["2_b.sql"])
            #expect(try await database.texts("SELECT count(*) FROM a") == [rows])
        }
    }

    /// An index that an earlier run left invalid goes with the repair, and the next run builds it.
    @Test func repairClearsAnInvalidIndexAway() async throws {
        try await withDatabase { database in
            let files = [
                "1_t.sql": table,
                "2_i.sql": "-- migrate:up transaction:false\nCREATE UNIQUE INDEX CONCURRENTLY i ON t (x);",
            ]
            let migrator = try migrator(database, files)
            await #expect(throws: MigrationFailure.self) { try await migrator.up() }
            #expect(try await migrator.halfWay().map(\.isInDoubt) == [true])
            let outcome = try #require(try await migrator.repair().first)
            #expect(outcome.kind == .settled && outcome.words.contains("next is db/2_i.sql:2: CREATE UNIQUE INDEX"))
            #expect(try await database.texts("SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass") == ["0"])
            #expect(try await migrator.halfWay().isEmpty)
            #expect(try await migrator.repair().isEmpty)
        }
    }
}
