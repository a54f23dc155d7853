import CygniPostgres
import CygniTestSupport
import Testing

@Suite struct ConnectionPoolTests {
    private func backend(_ connection: Connection) async throws -> Int {
        try await connection.access { $0.announcedBackend }
    }

    /// Comes back once `count` tasks stand in the queue.
    private func until(_ pool: ConnectionPool, waits count: Int) async throws {
        while pool.counts.waiting < count { try await Task.sleep(for: .milliseconds(1)) }
    }

    @Test func limitHoldsAndConnectionsAreReused() async throws {
        try await withDatabase { database in
            let pool = ConnectionPool(database.options(), limit: 3)
            let seen = Monitor<Set<Int>>([])
            let inside = Monitor(0)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<30 {
                    group.addTask {
                        try await pool.withConnection { connection in
                            inside.update { $0 += 1 }
                            #expect(inside.value <= 3)
                            let backend = try await backend(connection)
                            seen.update { $0.insert(backend) }
                            try await connection.access { try $0.script("SELECT pg_sleep(0.01)", name: "sleep") }
                            inside.update { $0 -= 1 }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(seen.value.count == 3)
            #expect(pool.counts == .init(idle: 3, inUse: 0, waiting: 0))
            await pool.close()
        }
    }

    @Test func waitersAreServedInOrder() async throws {
        try await withDatabase { database in
            let pool = ConnectionPool(database.options(), limit: 1)
            let order = Monitor<[Int]>([])
            try await withThrowingTaskGroup(of: Void.self) { group in
                try await pool.withConnection { _ in
                    for number in 0..<20 {
                        group.addTask { try await pool.withConnection { _ in order.update { $0.append(number) } } }
                        try await until(pool, waits: number + 1)
                    }
                }
                // Comes while the queue is being served, and must not get ahead of it.
                try await pool.withConnection { _ in order.update { $0.append(20) } }
                try await group.waitForAll()
            }
            #expect(order.value == Array(0...20))
        }
    }

    @Test func cancelledWaiterLeavesTheQueue() async throws {
        try await withDatabase { database in
            let pool = ConnectionPool(database.options(), limit: 1)
            try await pool.withConnection { _ in
                let waiter = Task { try await pool.withConnection { _ in } }
                try await until(pool, waits: 1)
                waiter.cancel()
                await #expect(throws: CancellationError.self) { try await waiter.value }
                #expect(pool.counts == .init(idle: 0, inUse: 1, waiting: 0))
            }
            try await pool.withConnection { connection in _ = try await backend(connection) }
        }
    }

    /// The grant and the cancellation meet; whoever wins, no place may get lost.
    @Test func cancellationRacingWithTheGrantLosesNoPlace() async throws {
        try await withDatabase { database in
            let pool = ConnectionPool(database.options(), limit: 1)
            for _ in 0..<200 {
                let holder = Task { try await pool.withConnection { _ in await Task.yield() } }
                let waiter = Task { try await pool.withConnection { _ in } }
                await Task.yield()
                waiter.cancel()
                _ = await waiter.result
                try await holder.value
            }
            try await pool.withConnection { _ in }
            #expect(pool.counts == .init(idle: 1, inUse: 0, waiting: 0))
        }
    }

    @Test func brokenAndHalfDoneConnectionsAreReplaced() async throws {
        try await withDatabase { database in
            let pool = ConnectionPool(database.options(), limit: 1)
            let first = try await pool.withConnection { try await backend($0) }
            #expect(try await pool.withConnection { try await backend($0) } == first)
            let second = try await pool.withConnection { connection in
                try await connection.access { try $0.script("BEGIN", name: "left open") }
                return try await backend(connection)
            }
            #expect(second == first)
            let third = try await pool.withConnection { connection in
                let backend = try await backend(connection)
                await #expect(throws: PostgresError.self) {
                    try await connection.access { session in
                        try session.script("SELECT pg_terminate_backend(\(backend))", name: "end")
                    }
                }
                return backend
            }
            #expect(third != second)
            #expect(try await pool.withConnection { try await backend($0) } != third)
        }
    }

    @Test func idleConnectionIsCheckedBeforeUse() async throws {
        try await withDatabase { database in
            let pool = ConnectionPool(database.options(), limit: 1, idleLimit: .zero)
            let first = try await pool.withConnection { try await backend($0) }
            #expect(try await pool.withConnection { try await backend($0) } == first)
            // libpq does not know yet that the server ended it.
            try await database.execute("SELECT pg_terminate_backend(\(first), 5000)")
            #expect(try await pool.withConnection { try await backend($0) } != first)
        }
    }

    @Test func failedOpeningGivesThePlaceBack() async throws {
        try await withDatabase { database in
            var options = database.options()
            options.url = database.url(role: "nobody")
            let pool = ConnectionPool(options, limit: 1)
            for _ in 0..<3 {
                await #expect(throws: PostgresError.self) { try await pool.withConnection { _ in } }
            }
            #expect(pool.counts == .init(idle: 0, inUse: 0, waiting: 0))
        }
    }

    @Test func closeRefusesEveryone() async throws {
        try await withDatabase { database in
            let pool = ConnectionPool(database.options(), limit: 1)
            try await pool.withConnection { _ in
                let waiter = Task { try await pool.withConnection { _ in } }
                try await until(pool, waits: 1)
                await pool.close()
                await #expect(throws: PostgresError.self) { try await waiter.value }
            }
            await #expect(throws: PostgresError.self) { try await pool.withConnection { _ in } }
            #expect(pool.counts == .init(idle: 0, inUse: 0, waiting: 0))
        }
    }
}
