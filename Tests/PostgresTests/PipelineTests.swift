import CygniPostgres
import CygniTestSupport
import Testing

@Suite struct PipelineTests {
    private let insert = Statement("insert", "INSERT INTO t VALUES ($1, $2)")

    private func withTable(_ body: @escaping @Sendable (Connection) async throws -> Void) async throws {
        try await withDatabase { database in
            try await database.execute("CREATE TABLE t (a int8 PRIMARY KEY, b text)")
            try await body(try await database.connect())
        }
    }

    private static func count(_ session: Session) throws -> Int {
        try session.query(Statement("count", "SELECT count(*) AS n FROM t"))[0].get("n")
    }

    @Test func rowsComeInOrder() async throws {
        try await withTable { connection in
            try await connection.access { session in
                let results = try session.pipeline { batch in
                    batch.add(insert, 1, "one")
                    batch.add(Statement("look", "SELECT b FROM t WHERE a = $1"), 1)
                    batch.add(insert, 2, nil)
                    batch.add(Statement("all", "SELECT a FROM t ORDER BY a"))
                    batch.add(insert, 3, "three")
                }
                #expect(results.map(\.affected) == [1, 1, 1, 2, 1])
                #expect(try results[1][0].get("b", as: String.self) == "one")
                #expect(try results[3].map { try $0.get("a", as: Int.self) } == [1, 2])
                #expect(try session.pipeline { _ in }.isEmpty)
                #expect(try Self.count(session) == 3)
            }
        }
    }

    /// Far more than the buffers of both sockets hold, both ways: sending alone would come to a stand.
    @Test(.timeLimit(.minutes(15))) func largeBatchDoesNotBlock() async throws {
        try await withTable { connection in
            try await connection.access { session in
                let wide = String(repeating: "x", count: 20_000)
                var bytes = 0
                try session.pipeline { batch in
                    for number in 0..<2000 {
                        batch.add(insert, number, wide)
                        batch.add(Statement("echo", "SELECT repeat($1::text, 2) AS v"), wide)
                    }
                } take: { _, rows in
                    if let row = rows.first { bytes += try row.get("v", as: String.self).utf8.count }
                }
                #expect(bytes == 2000 * 40_000)
                #expect(try Self.count(session) == 2000)
            }
        }
    }

    @Test func errorNamesItsStatementAndNothingIsKept() async throws {
        try await withTable { connection in
            try await connection.access { session in
                let error = #expect(throws: PostgresError.self) {
                    try session.pipeline { batch in
                        batch.add(insert, 1, "one")
                        batch.add(insert, 2, "two")
                        batch.add(Statement("again", insert.text), 1, "hidden value")
                        batch.add(insert, 3, "three")
                        batch.add(insert, 4, "four")
                    }
                }
                #expect(error?.sqlState == "23505" && error?.statement == "again" && error?.constraint == "t_pkey")
                #expect(error?.batchPlace == .init(index: 2, aborted: 2))
                #expect(error.map { "\($0)" }?.contains("hidden value") == false)
                // The session goes on, and statements prepared on the way still work.
                #expect(try Self.count(session) == 0)
                try session.pipeline { batch in
                    for number in 0..<10 { batch.add(insert, number, "again") }
                }
                #expect(try Self.count(session) == 10)
            }
        }
    }

    @Test func failureBeforeSendingSendsNothing() async throws {
        struct Stop: Error {}
        try await withTable { connection in
            try await connection.access { session in
                #expect(throws: Stop.self) {
                    try session.pipeline { batch in
                        batch.add(insert, 1, "one")
                        throw Stop()
                    }
                }
                let error = #expect(throws: PostgresError.self) {
                    try session.pipeline { batch in batch.add(Statement("copy", "COPY t FROM STDIN")) }
                }
                #expect(error?.kind == .client)
                let count = try Self.count(session)
                #expect(count == 0)
            }
        }
    }

    @Test func errorOfTheReaderLeavesTheSessionUsable() async throws {
        struct Stop: Error {}
        try await withTable { connection in
            try await connection.access { session in
                #expect(throws: Stop.self) {
                    try session.pipeline { batch in
                        for number in 0..<100 { batch.add(insert, number, "x") }
                    } take: { index, _ in
                        if index == 5 { throw Stop() }
                    }
                }
                let count = try Self.count(session)
                #expect(count == 100)
            }
        }
    }

    @Test func insideATransaction() async throws {
        try await withTable { connection in
            await #expect(throws: PostgresError.self) {
                try await connection.transaction { session in
                    _ = try session.pipeline { batch in
                        batch.add(insert, 1, "x")
                        batch.add(insert, 1, "x")
                    }
                }
            }
            #expect(connection.isUsable)
            try await connection.transaction { session in
                _ = try session.pipeline { batch in batch.add(insert, 1, "x") }
            }
            let count = try await connection.access { try Self.count($0) }
            #expect(count == 1)
        }
    }

    @Test func cancellationEndsIt() async throws {
        try await withTable { connection in
            let task = Task {
                try await connection.access { session in
                    _ = try session.pipeline { batch in
                        for _ in 0..<100 { batch.add(Statement("sleep", "SELECT pg_sleep(1)")) }
                    }
                }
            }
            try await Task.sleep(for: .milliseconds(200))
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(try await connection.access { try Self.count($0) } == 0)
        }
    }

    @Test func lostConnectionIsReported() async throws {
        try await withTable { connection in
            let error = await #expect(throws: PostgresError.self) {
                try await connection.access { session in
                    _ = try session.pipeline { batch in
                        batch.add(Statement("end", "SELECT pg_terminate_backend(pg_backend_pid())"))
                        batch.add(insert, 1, "x")
                    }
                }
            }
            #expect(error?.kind == .connectionLost)
            #expect(!connection.isUsable)
        }
    }

    /// What is said to come often is prepared at its first use, once, and what comes twice in a batch at its second.
    @Test func whatIsPrepared() async throws {
        try await withTable { connection in
            try await connection.access { session in
                let prepared = Statement(
                    "prepared",
                    "SELECT string_agg(statement, ' ' ORDER BY prepare_time) AS t FROM pg_prepared_statements"
                )
                func texts() throws -> String? { try session.query(prepared)[0].get("t") }
                for number in 0..<3 {
                    try session.pipeline { batch in
                        batch.add(Statement("often", "SELECT $1 + 1"), binds: [number], isPrepared: true)
                        batch.add(Statement("once", "SELECT $1 + 2"), number)
                    }
                }
                #expect(try texts() == "SELECT $1 + 1")
                try session.pipeline { batch in
                    for number in 0..<2 { batch.add(Statement("twice", "SELECT $1 + 3"), number) }
                }
                #expect(try texts() == "SELECT $1 + 1 SELECT $1 + 3")
            }
        }
    }
}
