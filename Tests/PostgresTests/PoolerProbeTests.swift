import CygniPostgres
import CygniTestSupport
import Testing

/// Real pgbouncers in front of the server.
@Suite struct PoolerProbeTests {
    private static let sessionMode = ["pool_mode": "session", "ignore_startup_parameters": "options"]

    private func refusal(_ options: ConnectionOptions) async throws -> PostgresError? {
        do {
            try await PoolerProbe.refuseTransactionPooler(options)
            return nil
        } catch let error as PostgresError {
            return error
        }
    }

    @Test func theServerItselfIsAccepted() async throws {
        try await withDatabase { database in
            let error = try await refusal(database.options())
            #expect(error == nil)
        }
    }

    /// What is prepared on a connection stays with it only where nothing stands in between.
    @Test func whetherSomethingStandsInBetween() async throws {
        try await withDatabase { database in
            #expect(try await database.connect().access { try PoolerProbe.isDirect($0) })
            for mode in ["transaction", "session"] {
                let pooler = try await PgBouncer(database, ["pool_mode": mode, "ignore_startup_parameters": "options"])
                let connection = try await Connection.open(pooler.options())
                #expect(try await !connection.access { try PoolerProbe.isDirect($0) })
            }
        }
    }

    @Test("A transaction pool is refused", arguments: [1, 2, 5], [0, 1])
    func transactionPool(size: Int, roundRobin: Int) async throws {
        try await withDatabase { database in
            let pooler = try await PgBouncer(
                database,
                [
                    "pool_mode": "transaction", "ignore_startup_parameters": "options", "default_pool_size": "\(size)",
                    "server_round_robin": "\(roundRobin)",
                ]
            )
            let error = try #require(try await refusal(pooler.options()))
            #expect(error.kind == .pooler && error.description.contains("transaction pooler"), "\(error)")
            #expect(error.description.contains("database.url"))
            #expect(!error.isTransient)
        }
    }

    @Test func transactionPoolUnderTrafficIsRefused() async throws {
        try await withDatabase { database in
            let pooler = try await PgBouncer(
                database,
                ["pool_mode": "transaction", "ignore_startup_parameters": "options", "default_pool_size": "5"]
            )
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        let connection = try await Connection.open(pooler.options())
                        while !Task.isCancelled {
                            try await connection.access { try $0.script("SELECT pg_sleep(0.002)", name: "traffic") }
                        }
                    }
                }
                try await Task.sleep(for: .milliseconds(100))
                for _ in 0..<5 {
                    let error = try await refusal(pooler.options())
                    #expect(error?.kind == .pooler)
                }
                group.cancelAll()
                while let end = await group.nextResult() {
                    if case .failure(let error) = end, !(error is CancellationError) { throw error }
                }
            }
        }
    }

    @Test func sessionPoolThatDropsOptionsIsRefused() async throws {
        try await withDatabase { database in
            let pooler = try await PgBouncer(database, Self.sessionMode)
            var options = pooler.options()
            options.lockTimeout = .seconds(5)
            let error = try #require(try await refusal(options))
            #expect(error.kind == .pooler && error.description.contains("drops start-up options"), "\(error)")
        }
    }

    @Test func sessionPoolWhoseSettingsHoldIsAccepted() async throws {
        try await withDatabase { database in
            try await database.execute(
                """
                ALTER DATABASE \(database.name) SET lock_timeout = '5s';
                ALTER DATABASE \(database.name) SET idle_in_transaction_session_timeout = '60s';
                ALTER DATABASE \(database.name) SET client_connection_check_interval = '1s';
                """
            )
            let pooler = try await PgBouncer(database, Self.sessionMode)
            var options = pooler.options()
            options.lockTimeout = .seconds(5)
            #expect(try await refusal(options) == nil)
        }
    }

    @Test func sessionPoolOfOneIsRefusedInTime() async throws {
        try await withDatabase { database in
            let pooler = try await PgBouncer(
                database,
                ["pool_mode": "session", "ignore_startup_parameters": "options", "default_pool_size": "1"]
            )
            let error = try #require(try await refusal(pooler.options()))
            #expect(error.kind == .pooler && error.description.contains("no backend"), "\(error)")
        }
    }

    @Test func refusedStartUpParametersNameTheWayOut() async throws {
        try await withDatabase { database in
            let pooler = try await PgBouncer(database, ["pool_mode": "transaction"])
            let error = try #require(try await refusal(pooler.options()))
            #expect(error.kind == .pooler && error.description.contains("database.url"), "\(error)")
        }
    }
}
