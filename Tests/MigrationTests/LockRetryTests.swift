import CygniModel
import CygniPostgres
import CygniTestSupport
import Synchronization
import Testing

@testable import SchemaMigration

/// A migration that cannot have a table in time lets those behind it pass, and tries again.
@Suite struct LockRetryTests {
    private static let files = [
        "1_t.sql": "-- migrate:up\nCREATE TABLE t (x int);", "2_y.sql": "-- migrate:up\nALTER TABLE t ADD y int;",
    ]

    /// A session that has read `t` in a transaction it keeps open.
    private func reader(_ database: TestDatabase) async throws -> Connection {
        var options = database.options()
        options.applicationName = "keeper"
        let connection = try await Connection.open(options)
        try await connection.access { try $0.script("BEGIN; SELECT * FROM t", name: "read") }
        return connection
    }

    private func migrator(_ database: TestDatabase, _ timeout: Duration, retry: Duration) throws -> Migrator {
        var migrator = try MigrationTests.migrator(database, Self.files)
        migrator.patience = LockPatience(timeout: timeout, retry: retry)
        return migrator
    }

    /// The old reader stays until the others have read again and again behind the migration, so a migration that waited
    /// for it without end would hang them, and the test.
    @Test func nobodyWaitsBehindTheMigrationForLong() async throws {
        try await withDatabase { database in
            var first = try migrator(database, .milliseconds(200), retry: .minutes(2))
            first.limit = 1
            try await first.up()
            let keeper = try await reader(database)
            let attempts = Mutex(0)
            var second = try migrator(database, .milliseconds(200), retry: .minutes(2))
            second.events.isOutOfLuck = { _, _, _ in attempts.withLock { $0 += 1 } }
            async let applied = second.up()
            var options = database.options()
            options.lockTimeout = .seconds(20)
            let other = try await Connection.open(options)
            while attempts.withLock({ $0 }) < 3 {
                try await other.access { try $0.script("SELECT * FROM t", name: "read") }
            }
            await keeper.close()
            #expect(try await applied.map(\.name) == ["2_y.sql"])
            await other.close()
        }
    }

    @Test func theFailureNamesWhoWasInTheWay() async throws {
        try await withDatabase { database in
            var first = try migrator(database, .milliseconds(100), retry: .zero)
            first.limit = 1
            try await first.up()
            let keeper = try await reader(database)
            let failure = await #expect(throws: MigrationFailure.self) {
                // Long enough that whoever watches has its look on a loaded machine too.
                try await migrator(database, .seconds(2), retry: .seconds(6)).up()
            }
            let text = failure?.description ?? ""
            #expect(text.contains("in the way: ACCESS EXCLUSIVE on t is kept by 'keeper' (role"), "\(text)")
            #expect(text.contains("idle in transaction since"), "\(text)")
            #expect(text.contains("nothing of this file stands"), "\(text)")
            await #expect(throws: MigrationFailure.self) {
                try await migrator(database, .milliseconds(100), retry: .zero).up()
            }
            await keeper.close()
            #expect(try await migrator(database, .milliseconds(300), retry: .zero).up().map(\.name) == ["2_y.sql"])
        }
    }

    /// Without a transaction only the statement that could not have the lock runs again.
    @Test func aStepIsTriedAgainByItself() async throws {
        try await withDatabase { database in
            try await MigrationTests.migrator(database, ["1_t.sql": "-- migrate:up\nCREATE TABLE t (x int);"]).up()
            let keeper = try await reader(database)
            let text =
                "-- migrate:up transaction:false\nCREATE TABLE u (x int);\nVACUUM FULL t;\nALTER TABLE t ADD y int;"
            var migrator = try MigrationTests.migrator(
                database,
                ["1_t.sql": Self.files["1_t.sql", default: ""], "2_u.sql": text]
            )
            migrator.patience = LockPatience(timeout: .milliseconds(100), retry: .minutes(2))
            let attempts = Mutex(0)
            migrator.events.isOutOfLuck = { _, _, _ in
                if attempts.withLock({
                    $0 += 1; return $0
                }) == 2 {
                    Task { await keeper.close() }
                }
            }
            #expect(try await migrator.up().map(\.name) == ["2_u.sql"])
            #expect(attempts.withLock { $0 } >= 2)
        }
    }

    @Test func pausesGrowToFiveSeconds() {
        let patience = LockPatience.standard
        #expect(patience.pause(after: 1, chance: 0.5) == .milliseconds(300))
        #expect(patience.pause(after: 2, chance: 0.5) == .milliseconds(450))
        #expect(patience.pause(after: 100, chance: 1) == .milliseconds(6250))
    }

    /// Table 13.2 of the manual is symmetrical.
    @Test func conflictsGoBothWays() {
        for one in LockMode.allCases {
            #expect(LockMode(one.catalogName) == one && LockMode(one.name.lowercased()) == one)
            for other in LockMode.allCases {
                #expect(one.conflicts.contains(other) == other.conflicts.contains(one), "\(one), \(other)")
            }
        }
        #expect(LockMode.allCases.map(\.conflicts.count) == [1, 2, 4, 5, 5, 6, 7, 8])
        #expect(LockMode("nonsense") == nil)
    }
}
