import CygniPostgres
import CygniTestSupport
import FoundationEssentials
import Testing

@testable import SchemaMigration

@Suite struct PlatformMigrationsTests {
    @Test func everyFileOfTheFolderIsEmbedded() throws {
        let folder = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let files = try FileManager.default.contentsOfDirectory(atPath: "/\(folder)/Sources/SchemaMigration/Migrations")
        #expect(PlatformMigrations.sources.map(\.path) == files.sorted())
    }

    @Test func everyFileParsesAndCanBeReverted() throws {
        let set = try PlatformMigrations.load()
        #expect(set.files.allSatisfy { $0.down?.statements.isEmpty == false })
    }

    @Test func objectsBelongToTheOwner() async throws {
        try await withDatabase(.migrated) { database in
            let strangers = try await database.connect().access { session in
                try session.query(
                    Statement(
                        "strangers",
                        """
                        SELECT c.relname::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                        WHERE n.nspname LIKE 'cygni%' AND pg_get_userbyid(c.relowner) NOT IN ('cygni_owner', 'cygni_jobs')
                        """
                    )
                ).map { try $0.get("name", as: String.self) }
            }
            #expect(strangers == [])
        }
    }

    @Test(arguments: ["postgres", "cygni_owner"])
    func aSecondRunFindsNothingToDo(role: String) async throws {
        try await withDatabase(.migrated) { database in
            let again = try await Migrator(
                set: PlatformMigrations.load(),
                options: database.options(role: role),
                toolVersion: "test"
            ).up()
            #expect(again.isEmpty)
        }
    }
}
