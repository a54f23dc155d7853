import CygniTestSupport
import Glibc
import Testing

/// `kill -9` at each crash point, then a clean run: the same end state as without the crash.
@Suite struct MigrateCrashTests {
    private static let files = [
        "0001_a.sql": """
        -- migrate:up
        CREATE TABLE a (x int PRIMARY KEY);
        INSERT INTO a SELECT generate_series(1, 1000);
        -- migrate:down
        DROP TABLE a;
        """,
        "0002_b.sql": """
        -- migrate:up transaction:false
        SET work_mem = '8MB';
        CREATE TABLE b (x int);
        CREATE INDEX CONCURRENTLY a_x ON a (x);
        INSERT INTO b SELECT * FROM a;
        CREATE UNIQUE INDEX CONCURRENTLY b_x ON b (x);
        VACUUM ANALYZE b;
        -- migrate:down transaction:false
        DROP INDEX CONCURRENTLY b_x;
        DROP INDEX CONCURRENTLY a_x;
        DROP TABLE b;
        """,
        "0003_c.sql": """
        -- migrate:up
        CREATE TABLE c AS SELECT count(*) AS n FROM b;
        -- migrate:down
        DROP TABLE c;
        """,
    ]

    private static let points =
        ["migrate.locked", "migrate.after-bootstrap", "migrate.prepared"]
        + ["before-file", "after-sql", "before-ledger", "after-ledger", "after-file"].flatMap { point in
            (1...3).map { "migrate.\(point):\($0)" }
        }
        + ["before-statement", "after-statement"].flatMap { point in (1...6).map { "migrate.\(point):\($0)" } }
        + ["migrate.before-note:1", "migrate.before-note:2", "migrate.before-note:3"]

    /// What an undisturbed run leaves.
    private static let expected = Task {
        try await withDatabase { database in
            let clean = try await MigrateFolder(files).run(["up"], database)
            try clean.succeeded("cygni-migrate up")
            return try await database.fingerprint()
        }
    }

    @Test(arguments: points) func upThenUpAgain(point: String) async throws {
        let folder = try MigrateFolder(Self.files)
        let expected = try await Self.expected.value
        try await withDatabase { database in
            let killed = try await folder.run(["up"], database, environment: ["CYGNI_CRASH_AT": point])
            #expect(killed.exit == .signal(SIGKILL), "\(killed)")
            let again = try await folder.run(["up"], database)
            #expect(again.status == 0, "\(again)")
            #expect(try await database.fingerprint() == expected)
        }
    }

    @Test(arguments: [
        "migrate.after-sql:2", "migrate.before-note:1", "migrate.before-note:2", "migrate.after-ledger:1",
    ])
    func downThenDownAgain(point: String) async throws {
        let folder = try MigrateFolder(Self.files)
        try await withDatabase { database in
            _ = try await folder.run(["up"], database)
            let killed = try await folder.run(["down", "3"], database, environment: ["CYGNI_CRASH_AT": point])
            #expect(killed.exit == .signal(SIGKILL), "\(killed)")
            let again = try await folder.run(["down", "3"], database)
            #expect(again.status == 0, "\(again)")
            let left = try await database.fingerprint()
            #expect(!left.contains { $0.hasPrefix("ledger") || $0.hasPrefix("step") || $0.hasPrefix("r a ") })
        }
    }

    @Test func thePlatformsOwn() async throws {
        let executable = try BuiltExecutable("cygni-migrate")
        try await withDatabase { database in
            let arguments = ["up", "--database-url", database.url()]
            for point in [
                "migrate.after-bootstrap", "migrate.prepared", "migrate.after-sql:2", "migrate.after-ledger:3",
            ] {
                let killed = try await executable.run(arguments, environment: ["CYGNI_CRASH_AT": point])
                #expect(killed.exit == .signal(SIGKILL), "\(killed)")
            }
            let again = try await executable.run(arguments)
            #expect(again.status == 0, "\(again)")
            let check = try await executable.run(["status", "--check", "--database-url", database.url()])
            #expect(check.status == 0, "\(check)")
        }
    }
}
