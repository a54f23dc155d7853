package import CygniPostgres
import Synchronization

/// A database of one test's own.
package struct TestDatabase: Sendable {
    package let name: String
    package let cluster: TestCluster

    /// A libpq URL; `role` is whom to log in as, the superuser unless said otherwise.
    package func url(role: String = TestCluster.superuser) -> String {
        cluster.url(database: name, role: role)
    }

    package func options(role: String = TestCluster.superuser) -> ConnectionOptions {
        cluster.options(database: name, role: role)
    }

    package func connect(role: String = TestCluster.superuser) async throws -> Connection {
        try await Connection.open(options(role: role))
    }

    /// Runs SQL of any number of statements as superuser.
    package func execute(_ sql: String) async throws {
        try await connect().access { session in try session.script(sql, name: "execute") }
    }

    /// Ends the connections to it and removes it.
    package func drop() async throws {
        try await cluster.administer("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
    }
}

/// How to fill a database that others are then copied from; built once per process and cluster, by the first who asks.
///
/// Declare one per kind, next to the tests that share it:
/// `extension DatabaseTemplate { static let migrated = DatabaseTemplate("migrated") { database in … } }`.
/// Roles belong to the whole cluster: a template that creates them does so in an idempotent way.
package struct DatabaseTemplate: Sendable {
    let name: String
    let build: @Sendable (TestDatabase) async throws -> Void

    package init(_ name: String, build: @escaping @Sendable (TestDatabase) async throws -> Void) {
        self.name = name
        self.build = build
    }
}

private let databaseCount = Atomic(0)

extension TestCluster {
    /// A fresh database, empty or copied from a template.
    ///
    /// The caller drops it; ``withDatabase(_:_:)`` does by itself.
    package nonisolated func makeDatabase(_ template: DatabaseTemplate? = nil) async throws -> TestDatabase {
        let number = databaseCount.add(1, ordering: .relaxed).newValue
        var source = "template0"
        if let template { source = try await database(of: template) }
        try await administer("CREATE DATABASE test_\(number) TEMPLATE \(source)")
        return TestDatabase(name: "test_\(number)", cluster: self)
    }

    /// Runs a test's body with a fresh database and drops it after.
    @discardableResult
    package nonisolated func withDatabase<Value>(
        _ template: DatabaseTemplate? = nil,
        _ body: (TestDatabase) async throws -> Value
    ) async throws -> Value {
        let database = try await makeDatabase(template)
        do {
            let value = try await body(database)
            try await database.drop()
            return value
        } catch {
            try? await database.drop()
            throw error
        }
    }
}

/// Runs a test's body with a fresh database of the shared cluster and drops it after.
@discardableResult
package func withDatabase<Value>(
    _ template: DatabaseTemplate? = nil,
    _ body: (TestDatabase) async throws -> Value
) async throws -> Value {
    try await databaseGate.pass { try await TestCluster.shared().withDatabase(template, body) }
}

private let databaseGate = Gate(8)
