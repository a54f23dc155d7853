import CygniJobs
import CygniPostgres
import CygniTestSupport
import Synchronization
import Testing

@testable import SchemaMigration

@Suite struct MigratorUpTests {
    private let two = [
        "1_a.sql": "-- migrate:up\nCREATE TABLE a (x int);\n-- migrate:down\nDROP TABLE a;",
        "2_b.sql": "-- migrate:up\nCREATE TABLE b (x int);\n-- migrate:down\nDROP TABLE b;",
    ]

    @Test func appliesWhatIsPendingOnce() async throws {
        try await withDatabase { database in
            let migrator = try migrator(database, two)
            #expect(try await migrator.up().map(\.name) == ["1_a.sql", "2_b.sql"])
            #expect(try await migrator.up().isEmpty)
            #expect(try await database.applied() == ["1_a.sql", "2_b.sql"])
            #expect(try await database.tables() == ["public.a", "public.b"])
        }
    }

    /// From dbmate's own manual, in the spellings that it takes.
    @Test func dbmatesExamplesRun() async throws {
        try await withDatabase { database in
            let files = [
                "20151127184807_create_users_table.sql": """
                -- migrate:up
                create table users (
                  id integer,
                  name varchar(255),
                  email varchar(255) not null
                );

                -- migrate:down
                drop table users;
                """,
                "20200101000000_colors.sql":
                    "--migrate:up\nCREATE TYPE colors AS ENUM ('red');\n\n--  migrate:down  \nDROP TYPE colors;\n",
                "20200102000000.sql":
                    "-- migrate:up transaction:false\nALTER TYPE colors ADD VALUE 'orange' AFTER 'red';\n-- migrate:down\n",
            ]
            #expect(try await migrator(database, files).up().count == 3)
            let noticed = Mutex<[String]>([])
            var dropping = try migrator(
                database,
                files.merging(["20200103000000_x.sql": "-- migrate:up\nDROP TABLE IF EXISTS t;"]) { $1 }
            )
            dropping.events.noticed = { severity, message, file in
                noticed.withLock { $0.append("\(severity) \(file.version): \(message)") }
            }
            try await dropping.up()
            #expect(noticed.withLock { $0 } == ["NOTICE 20200103000000: table \"t\" does not exist, skipping"])
        }
    }

    @Test func lookingChangesNothing() async throws {
        try await withDatabase { database in
            let inspection = try await migrator(database, two).inspect()
            #expect(inspection.plan.pending.map(\.name) == ["1_a.sql", "2_b.sql"])
            #expect(try await database.texts("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'cygni%'").isEmpty)
        }
    }

    @Test func limitStopsAfterSoMany() async throws {
        try await withDatabase { database in
            var one = try migrator(database, two)
            one.limit = 1
            #expect(try await one.up().map(\.name) == ["1_a.sql"])
            #expect(try await one.up().map(\.name) == ["2_b.sql"])
        }
    }

    @Test func eightAtOnceApplyEachFileOnce() async throws {
        try await withDatabase { database in
            let files = Dictionary(
                uniqueKeysWithValues: (1...12).map { ("\($0)_t.sql", "-- migrate:up\nCREATE TABLE t\($0) (x int);") }
            )
            let counts = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 { group.addTask { try await migrator(database, files).up().count } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(counts.reduce(0, +) == 12)
            #expect(try await database.applied().count == 12)
        }
    }

    @Test func eightFirstRunsOfThePlatformAtOnce() async throws {
        try await withDatabase { database in
            let set = try PlatformMigrations.load()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 { group.addTask { try await PlatformMigrations.apply(to: database.options()) } }
                try await group.waitForAll()
            }
            #expect(try await database.applied() == set.files.map(\.name))
        }
    }

    @Test func concurrentIndexesAndWaitersDoNotBlockEachOther() async throws {
        try await withDatabase { database in
            let files = [
                "1_t.sql": "-- migrate:up\nCREATE TABLE t AS SELECT g AS x FROM generate_series(1, 200000) AS g;",
                "2_i.sql": "-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY i ON t (x);",
            ]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 { group.addTask { _ = try await migrator(database, files).up() } }
                try await group.waitForAll()
            }
            #expect(
                try await database.texts("SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass") == ["true"]
            )
        }
    }

    @Test func aMemberOfTheOwnerMayMigrate() async throws {
        try await withDatabase(.migrated) { database in
            let role = "\(database.name)_deployer"
            try await database.execute("CREATE ROLE \(role) LOGIN IN ROLE cygni_owner")
            let set = try PlatformMigrations.load()
            let migrator = Migrator(set: set, options: database.options(role: role), toolVersion: "test")
            #expect(try await migrator.down(1).count == 1)
            #expect(try await migrator.up().count == 1)
            #expect(
                try await database.texts("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'cygni'") == [
                    "cygni_owner"
                ]
            )
            try await database.execute("DROP ROLE \(role)")
        }
    }

    @Test func waitingEndsWithTheHoldersName() async throws {
        try await withDatabase { database in
            var options = database.options()
            options.applicationName = "cygni-migrate other-host 4711"
            let other = try await Connection.open(options)
            #expect(try await other.access(MigrationLedger.tryLock))
            var waiting = try migrator(database, two)
            waiting.wait = .milliseconds(200)
            let busy = await #expect(throws: MigrationLockBusy.self) { try await waiting.up() }
            #expect(busy?.description.contains("'cygni-migrate other-host 4711' (role postgres") == true)
            await other.close()
            #expect(try await waiting.up().count == 2)
        }
    }

    @Test func whatAFileSetsEndsWithIt() async throws {
        try await withDatabase { database in
            let files = [
                "1_a.sql": """
                -- migrate:up
                SELECT set_config('search_path', '', false);
                SET lock_timeout = '1h';
                CREATE ROLE \(database.name)_r;
                SET SESSION AUTHORIZATION \(database.name)_r;
                CREATE TEMP TABLE scratch (x int);
                """,
                "2_b.sql": """
                -- migrate:up
                CREATE TABLE b AS SELECT current_setting('lock_timeout') AS lock, session_user::text AS who,
                    current_user::text AS role, to_regclass('scratch')::text AS scratch;
                """,
            ]
            try await migrator(database, files).up()
            #expect(
                try await database.texts("SELECT concat_ws(' ', lock, who, role, scratch) FROM public.b")
                    == ["500ms postgres postgres"]
            )
            try await database.execute("DROP ROLE \(database.name)_r")
        }
    }

    @Test func aStopLetsTheFileInHandEnd() async throws {
        try await withDatabase { database in
            struct Stop: Error {}
            let asked = Mutex(0)
            var stopping = try migrator(database, two)
            stopping.events.checkpoint = {
                let count = asked.withLock { count in
                    count += 1
                    return count
                }
                if count > 1 { throw Stop() }
            }
            await #expect(throws: Stop.self) { try await stopping.up() }
            #expect(try await database.applied() == ["1_a.sql"])
        }
    }
}
