import CygniJobs
import CygniModel
import CygniPostgres
import CygniTestSupport
import Testing

@testable import SchemaMigration

/// What pending files do to a clone of the schema.
@Suite struct RehearsalTests {
    private static let base = """
        -- migrate:up
        CREATE TABLE "Shop".orders (id bigint PRIMARY KEY, total int, note varchar(40));
        CREATE TABLE "Shop".lines (order_id bigint);
        INSERT INTO "Shop".orders SELECT n, n, repeat('x', 30) FROM generate_series(1, 20000) AS n;
        CREATE TABLE "Shop".parts (at int) PARTITION BY RANGE (at);
        CREATE TABLE "Shop".part PARTITION OF "Shop".parts FOR VALUES FROM (1) TO (2);
        CREATE PROCEDURE "Shop".work() LANGUAGE plpgsql AS 'BEGIN COMMIT; END';
        CREATE MATERIALIZED VIEW "Shop".totals AS SELECT sum(total) FROM "Shop".orders;
        """

    private func rehearse(_ database: TestDatabase, _ text: String) async throws -> [RehearsedStatement] {
        try await database.execute("CREATE SCHEMA IF NOT EXISTS \"Shop\"")
        try await migrator(database, ["1_base.sql": Self.base]).up()
        try await database.execute("ANALYZE")
        let rehearsed = try await migrator(database, ["1_base.sql": Self.base, "2_new.sql": text]).rehearse()
        #expect(rehearsed.map(\.file.name) == ["2_new.sql"])
        try await #expect(database.applied() == ["1_base.sql"])
        return rehearsed[0].statements
    }

    private func words(_ locks: [RehearsedLock]) -> [String] {
        locks.map { "\($0.mode.name) \($0.relation) \($0.work)" }
    }

    @Test func tellsTheStrongestLockAndTheWorkOfEachStatement() async throws {
        try await withDatabase { database in
            let statements = try await rehearse(
                database,
                """
                -- migrate:up
                ALTER TABLE "Shop".orders ADD paid boolean;
                ALTER TABLE "Shop".orders ALTER id TYPE int;
                ALTER TABLE "Shop".lines ADD CONSTRAINT f FOREIGN KEY (order_id) REFERENCES "Shop".orders (id);
                CREATE INDEX i ON "Shop".lines (order_id);
                CREATE TABLE fresh (x int);
                ALTER TABLE fresh ADD y int;
                """
            )
            #expect(
                statements.map { words($0.locks) } == [
                    // The rewrite comes later in the same transaction, with the table still out of reach.
                    ["ACCESS EXCLUSIVE \"Shop\".orders rewrite"],
                    [],
                    ["SHARE ROW EXCLUSIVE \"Shop\".lines scan"],
                    [], [], [],
                ]
            )
            let lock = try #require(statements[0].locks.first)
            let live = try #require(lock.live)
            #expect(live.rows == 20_000 && live.heapBytes > 1_000_000 && live.totalBytes > live.heapBytes)
            // 40 MB a second over the bytes of the real table.
            #expect(lock.expected - lock.held == .microseconds(Int64(Double(live.totalBytes) / 40)))
        }
    }

    @Test func eachStatementCountsByItselfWithoutATransaction() async throws {
        try await withDatabase { database in
            let statements = try await rehearse(
                database,
                """
                -- migrate:up transaction:false
                CREATE INDEX CONCURRENTLY i ON "Shop".orders (total);
                ALTER TABLE "Shop".orders ALTER note SET NOT NULL;
                ALTER TABLE "Shop".orders ALTER note TYPE text;
                VACUUM "Shop".lines;
                ALTER TABLE "Shop".parts DETACH PARTITION "Shop".part CONCURRENTLY;
                CALL "Shop".work();
                """
            )
            #expect(
                statements.map { words($0.locks) } == [
                    ["SHARE UPDATE EXCLUSIVE \"Shop\".orders scan"], ["ACCESS EXCLUSIVE \"Shop\".orders scan"],
                    ["ACCESS EXCLUSIVE \"Shop\".orders none"], [], [], [],
                ]
            )
            #expect(statements.map(\.isWatched) == [true, true, true, false, false, false])
        }
    }

    @Test func namesWhoWouldBeInTheWayRightNow() async throws {
        try await withDatabase { database in
            try await database.execute("CREATE SCHEMA \"Shop\"")
            try await migrator(database, ["1_base.sql": Self.base]).up()
            var options = database.options()
            options.applicationName = "report"
            let reader = try await Connection.open(options)
            try await reader.access { try $0.script("BEGIN; SELECT FROM \"Shop\".orders LIMIT 1", name: "read") }
            let statements = try await rehearse(
                database,
                "-- migrate:up\nALTER TABLE \"Shop\".orders ADD y int;\nCREATE INDEX i ON \"Shop\".lines (order_id);"
            )
            let users = try #require(statements[0].locks.first?.live?.users)
            #expect(users.map(\.session.holder.application) == ["report"] && users.map(\.mode) == [.accessShare])
            #expect(statements[1].locks.first?.live?.users.isEmpty == true)
            await reader.close()
        }
    }

    @Test func aStatementThatFailsIsToldAndNothingStays() async throws {
        try await withDatabase { database in
            let failure = await #expect(throws: MigrationFailure.self) {
                _ = try await rehearse(database, "-- migrate:up\nSELECT 1;\nALTER TABLE \"Shop\".nothing ADD y int;")
            }
            #expect(failure?.line == 3)
            #expect(failure?.description.contains("it failed on a clone without rows; nothing was changed") == true)
        }
    }

    @Test(arguments: [
        "CREATE ROLE rehearsed", "GRANT pg_monitor TO rehearsed", "ALTER DATABASE postgres SET work_mem = '8MB'",
        "DO $$ BEGIN CREATE ROLE rehearsed; END $$",
    ])
    func whatTheServerSharesIsLeftAlone(statement: String) async throws {
        try await withDatabase { database in
            let failure = await #expect(throws: JobFailure.self) {
                _ = try await rehearse(database, "-- migrate:up\nSELECT 1;\n\(statement);")
            }
            #expect(failure?.status == .configuration)
            #expect(failure?.description.contains("db/2_new.sql:3 changes what all databases") == true)
            try await #expect(database.texts("SELECT rolname FROM pg_roles WHERE rolname = 'rehearsed'").isEmpty)
        }
    }

    @Test func aServerOfItsOwnMayBeChanged() async throws {
        let cluster = try await TestCluster.start()
        try await cluster.withDatabase { scratch in
            try await withDatabase { database in
                let text = "-- migrate:up\nCREATE ROLE rehearsed_elsewhere;"
                let rehearsed = try await migrator(database, ["1_role.sql": text]).rehearse(scratch: scratch.options())
                #expect(rehearsed.count == 1)
                try await #expect(
                    database.texts("SELECT rolname FROM pg_roles WHERE rolname = 'rehearsed_elsewhere'").isEmpty
                )
            }
        }
        try await cluster.stop()
    }

    /// Partitions, policies, functions, materialized views, roles' rights: the platform's own schema is cloned whole.
    @Test func thePlatformsOwnSchemaIsCloned() async throws {
        try await withDatabase { database in
            let set = try PlatformMigrations.load()
            var migrator = Migrator(set: set, options: database.options(), toolVersion: "test")
            migrator.limit = set.files.count - 1
            try await migrator.up()
            migrator.limit = 0
            try await #expect(migrator.rehearse().map(\.file.name) == [set.files[set.files.count - 1].name])
        }
    }

    @Test func budgets() throws {
        let budgets = try ["access exclusive=200ms", "ShareLock = 1s"].map { try #require(LockBudget($0)) }
        #expect(
            LockBudget("ACCESS EXCLUSIVE") == nil && LockBudget("EXCLUDED=1s") == nil && LockBudget("SHARE=x") == nil
        )
        func lock(_ mode: LockMode, _ milliseconds: Int) -> RehearsedLock {
            RehearsedLock(relation: "t", mode: mode, held: .milliseconds(milliseconds), work: .none)
        }
        #expect(lock(.accessExclusive, 201).excess(over: budgets) == .milliseconds(1))
        #expect(lock(.accessExclusive, 200).excess(over: budgets) == nil)
        // Between the two, the weaker one's limit holds.
        #expect(lock(.exclusive, 1500).excess(over: budgets) == .milliseconds(500))
        #expect(lock(.rowExclusive, 9000).excess(over: budgets) == nil)
    }
}
