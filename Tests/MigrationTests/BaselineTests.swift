import CygniTestSupport
import Testing

@testable import SchemaMigration

/// Databases that had their schema before they had a ledger.
@Suite struct BaselineTests {
    private static let files = [
        "1_a.sql": "-- migrate:up\nCREATE TABLE a ();", "2_b.sql": "-- migrate:up\nCREATE TABLE b ();",
        "10_c.sql": "-- migrate:up\nCREATE TABLE c ();",
    ]

    private func version(_ text: String) throws -> MigrationVersion { try #require(MigrationVersion(text)) }

    @Test func notesWithoutRunningAndUpGoesOn() async throws {
        try await withDatabase { database in
            try await database.execute("CREATE TABLE a (); CREATE TABLE b ()")
            let migrator = try migrator(database, Self.files)
            try await #expect(migrator.baselinePlan(version("0002")).map(\.name) == ["1_a.sql", "2_b.sql"])
            try await #expect(database.tables() == ["public.a", "public.b"])
            try await #expect(migrator.baseline(version("2")).map(\.name) == ["1_a.sql", "2_b.sql"])
            try await #expect(migrator.baseline(version("2")).isEmpty)
            try await #expect(migrator.up().map(\.name) == ["10_c.sql"])
            let tools = try await database.texts("SELECT tool_version FROM cygni_migrate.applied ORDER BY version::int")
            #expect(tools == ["test, baseline", "test, baseline", "test"])
            try await #expect(migrator.schemaDrift().isEmpty)
        }
    }

    @Test func comesBeforeTheFirstUp() async throws {
        try await withDatabase { database in
            let migrator = try migrator(database, Self.files)
            try await migrator.up()
            let refused = await #expect(throws: BaselineRefused.self) { try await migrator.baseline(version("2")) }
            #expect(
                refused?.description
                    == "'10_c.sql' is applied already: a baseline comes before the first 'up'; nothing was noted"
            )
        }
    }

    @Test func aVersionWithoutAFileAndThePlatformAreRefused() async throws {
        try await withDatabase { database in
            let migrator = try migrator(database, Self.files)
            await #expect(throws: BaselineRefused.self) { try await migrator.baseline(version("3")) }
            let platform = Migrator(
                set: try PlatformMigrations.load(),
                options: database.options(),
                toolVersion: "test"
            )
            await #expect(throws: BaselineRefused.self) { try await platform.baseline(version("1")) }
            try await #expect(database.texts("SELECT to_regclass('cygni_migrate.applied') IS NULL") == ["true"])
        }
    }

    @Test func twoAtOnceNoteOnce() async throws {
        try await withDatabase { database in
            let migrator = try migrator(database, Self.files)
            async let one = migrator.baseline(version("10"))
            async let other = migrator.baseline(version("10"))
            try await #expect([one.count, other.count].sorted() == [0, 3])
        }
    }
}
