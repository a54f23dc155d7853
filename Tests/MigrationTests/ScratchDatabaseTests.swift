import CygniJobs
import CygniModel
import CygniPostgres
import CygniTestSupport
import Testing

@testable import SchemaMigration

/// Throw-away databases are gone afterwards, whatever happened. The tests share a cluster with others that make some, so
/// each looks for its own by name.
@Suite struct ScratchDatabaseTests {
    private struct Fault: Error {}

    private func exists(_ name: String, _ database: TestDatabase) async throws -> Bool {
        try await database.texts("SELECT datname FROM pg_database WHERE datname = '\(name)'") == [name]
    }

    private func name(_ options: ConnectionOptions) async throws -> String {
        let connection = try await Connection.open(options)
        let name = try await connection.access { session in
            try session.query(Statement("name", "SELECT current_database()::text AS v"))[0].get("v", as: String.self)
        }
        await connection.close()
        return name
    }

    @Test func isGoneAfterSuccess() async throws {
        try await withDatabase { database in
            let made = try await ScratchDatabase.with(database.options()) { options in
                let made = try await name(options)
                #expect(made.hasPrefix(ScratchDatabase.prefix))
                try await #expect(exists(made, database))
                return made
            }
            try await #expect(!exists(made, database))
        }
    }

    @Test func isGoneAfterAFailureWithSessionsLeftOpen() async throws {
        try await withDatabase { database in
            let made = Names()
            await #expect(throws: Fault.self) {
                try await ScratchDatabase.with(database.options()) { options in
                    await made.add(try await name(options))
                    await made.keep(try await Connection.open(options))
                    throw Fault()
                }
            }
            try await #expect(!exists(made.names[0], database))
        }
    }

    @Test func isGoneWhenTheTaskIsCancelled() async throws {
        try await withDatabase { database in
            let made = Names()
            let task = Task {
                try await ScratchDatabase.with(database.options()) { options in
                    await made.add(try await name(options))
                    try await Task.sleep(for: .seconds(60))
                }
            }
            while await made.names.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            try await #expect(!exists(made.names[0], database))
        }
    }

    /// What a killed run left goes with the next one; what a living run works in stays.
    @Test func leftOversGoAndLivingOnesStay() async throws {
        try await withDatabase { database in
            let leftOver = "\(ScratchDatabase.prefix)\(Int32.random(in: 1...Int32.max))"
            try await database.execute("CREATE DATABASE \(leftOver)")
            try await ScratchDatabase.with(database.options()) { first in
                let living = try await name(first)
                // From another database of the server, whose locks are apart from the first's.
                try await ScratchDatabase.with(first) { _ in
                    try await #expect(!exists(leftOver, database))
                    try await #expect(exists(living, database))
                }
            }
        }
    }

    @Test func aRoleThatMayNotIsToldWhatToDo() async throws {
        try await withDatabase { database in
            let role = "poor_\(database.name)"
            try await database.execute("CREATE ROLE \(role) LOGIN")
            let failure = await #expect(throws: JobFailure.self) {
                try await ScratchDatabase.with(database.options(role: role)) { _ in }
            }
            #expect(failure?.status == .configuration)
            #expect(failure?.description.contains("CREATEDB, or name") == true, "\(String(describing: failure))")
            try await database.execute("DROP ROLE \(role)")
        }
    }
}

/// What a test's closures leave for it.
private actor Names {
    private(set) var names: [String] = []
    private var connections: [Connection] = []

    func add(_ name: String) { names.append(name) }
    func keep(_ connection: Connection) { connections.append(connection) }
}
