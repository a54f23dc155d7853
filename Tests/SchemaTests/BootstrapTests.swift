import CygniPostgres
import CygniTestSupport
import Testing

@testable import SchemaMigration

/// Roles belong to a whole cluster, so these tests have one of their own.
@Suite("Bootstrap: roles, schemas, default privileges")
struct BootstrapTests {
    private static func bootstrap(_ database: TestDatabase, as role: String) async throws {
        let sql = PlatformMigrations.bootstrap
        try await database.connect(role: role).access { session in try session.script(sql, name: "bootstrap") }
    }

    private static func refusal(_ database: TestDatabase, as role: String) async throws -> PostgresError? {
        await #expect(throws: PostgresError.self) { try await bootstrap(database, as: role) }
    }

    @Test("Every kind of login: what it may, what it is told")
    func logins() async throws {
        let cluster = try await TestCluster.start()
        let own = try await cluster.makeDatabase()
        let foreign = try await cluster.makeDatabase()
        try await cluster.administer("CREATE ROLE plain LOGIN")
        try await cluster.administer("CREATE ROLE maker LOGIN CREATEROLE")
        try await cluster.administer("ALTER DATABASE \(own.name) OWNER TO maker")

        // Nothing stands: a plain login is told what a superuser has to run, and that is enough for it then.
        let told = try await Self.refusal(own, as: "plain")
        #expect(told?.sqlState == "42501" && told?.hint?.contains("CREATE ROLE cygni_owner LOGIN") == true)
        // A login with CREATEROLE that owns the database makes all of it, also again.
        try await Self.bootstrap(own, as: "maker")
        try await Self.bootstrap(own, as: "maker")
        // Roles and schemas stand: the owner and its members may.
        try await Self.bootstrap(own, as: "cygni_owner")
        #expect(try await Self.refusal(own, as: "plain")?.hint?.contains("GRANT cygni_owner TO plain;") == true)
        try await cluster.administer("GRANT cygni_owner TO plain")
        try await Self.bootstrap(own, as: "plain")
        // The roles that are to be kept in check do not get that advice.
        #expect(try await Self.refusal(own, as: "cygni_app")?.hint?.contains("GRANT") == false)
        // In a database where it may not make a schema, it says so, and following the advice works.
        let advice = try await Self.refusal(foreign, as: "cygni_owner")?.hint ?? ""
        #expect(advice == "A superuser runs once: GRANT CREATE ON DATABASE \(foreign.name) TO cygni_owner;")
        try await foreign.execute("GRANT CREATE ON DATABASE \(foreign.name) TO cygni_owner")
        try await Self.bootstrap(foreign, as: "cygni_owner")
        try await cluster.stop()
    }

    @Test("The commands that a plain login is told to pass on are all that is missing")
    func adviceWorks() async throws {
        let cluster = try await TestCluster.start()
        let database = try await cluster.makeDatabase()
        try await cluster.administer("CREATE ROLE plain LOGIN")
        let hint = try await Self.refusal(database, as: "plain")?.hint ?? ""
        try await database.execute(hint.split(separator: "\n").dropFirst().joined(separator: "\n"))
        try await Self.bootstrap(database, as: "plain")
        try await cluster.stop()
    }

    @Test("A role with powers past row-level security is refused, not repaired in silence")
    func powerfulRole() async throws {
        let cluster = try await TestCluster.start()
        let database = try await cluster.makeDatabase()
        try await Self.bootstrap(database, as: TestCluster.superuser)
        for breach in ["ALTER ROLE cygni_app BYPASSRLS", "GRANT pg_read_all_data TO cygni_app"] {
            try await cluster.administer(breach)
            let hint = try await Self.refusal(database, as: TestCluster.superuser)?.hint ?? ""
            try await database.execute(hint.split(separator: "\n").dropFirst().joined(separator: "\n"))
            try await Self.bootstrap(database, as: TestCluster.superuser)
        }
        try await cluster.stop()
    }

    @Test("Eight at once, in two databases of a new cluster, all succeed")
    func concurrent() async throws {
        let cluster = try await TestCluster.start()
        let databases = [try await cluster.makeDatabase(), try await cluster.makeDatabase()]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<8 {
                group.addTask { try await Self.bootstrap(databases[number % 2], as: TestCluster.superuser) }
            }
            try await group.waitForAll()
        }
        try await cluster.stop()
    }

    @Test("Migrations go down to nothing and up again to the same")
    func downAndUp() async throws {
        try await withDatabase(.migrated) { database in
            let before = try await Catalogue(database).relations.map(\.name)
            let set = try PlatformMigrations.load()
            let migrator = Migrator(set: set, options: database.options(), toolVersion: "test")
            _ = try await migrator.down(set.files.count)
            // The migrator's own ledger stays, to tell what was undone.
            let left = """
                SELECT oid::regclass::text AS fault FROM pg_class
                WHERE relnamespace::regnamespace::text LIKE 'cygni%' AND relkind IN ('r', 'p', 'v', 'm', 'S')
                    AND relnamespace::regnamespace::text <> 'cygni_migrate'
                UNION ALL
                SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace::regnamespace::text LIKE 'cygni%'
                UNION ALL
                SELECT oid::regtype::text FROM pg_type
                WHERE typnamespace::regnamespace::text LIKE 'cygni%' AND typrelid = 0 AND typelem = 0
                """
            let faults = try await Catalogue.faults(database, left)
            #expect(faults == [])
            _ = try await migrator.up()
            let after = try await Catalogue(database).relations.map(\.name)
            #expect(after == before)
        }
    }
}
