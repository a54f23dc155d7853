import CygniPostgres
import CygniTestSupport
import Testing

@testable import SchemaMigration

@Suite struct MigratorDownTests {
    private let files = [
        "1_a.sql": "-- migrate:up\nCREATE TABLE a (x int);\n-- migrate:down\nDROP TABLE a;",
        "2_b.sql": "-- migrate:up\nCREATE TABLE b (x int);\n-- migrate:down transaction:false\nDROP TABLE b;",
        "3_c.sql": "-- migrate:up\nCREATE TABLE c (x int);\n-- migrate:down\nDROP TABLE c;",
    ]

    @Test func revertsTheLastOnesAndUpBringsThemBack() async throws {
        try await withDatabase { database in
            let migrator = try migrator(database, files)
            try await migrator.up()
            #expect(try await migrator.down(2).map(\.name) == ["3_c.sql", "2_b.sql"])
            #expect(try await database.tables() == ["public.a"])
            #expect(try await migrator.up().map(\.name) == ["2_b.sql", "3_c.sql"])
        }
    }

    @Test func aFailedReverseLeavesTheFileApplied() async throws {
        try await withDatabase { database in
            let migrator = try migrator(database, files)
            try await migrator.up()
            try await database.execute("CREATE VIEW v AS SELECT * FROM c")
            let failure = await #expect(throws: MigrationFailure.self) { try await migrator.down(1) }
            #expect(failure?.description.hasPrefix("failed to revert '3_c.sql': db/3_c.sql:4:") == true)
            #expect(try await database.applied().count == 3)
        }
    }

    @Test func everyPlatformMigrationCanBeRevertedAndAppliedAgain() async throws {
        try await withDatabase(.migrated) { database in
            let set = try PlatformMigrations.load()
            let migrator = Migrator(set: set, options: database.options(), toolVersion: "test")
            #expect(try await migrator.down(set.files.count).count == set.files.count)
            #expect(try await database.tables() == [])
            #expect(try await migrator.up().count == set.files.count)
        }
    }
}
