import CygniPostgres
import CygniTestSupport
import Testing

@Suite struct TransactionTests {
    private static func sum(_ session: Session) throws -> Int {
        try session.query(Statement("sum", "SELECT coalesce(sum(a), 0)::int8 AS n FROM t"))[0].get("n")
    }

    private func withTable(_ body: @escaping @Sendable (TestDatabase) async throws -> Void) async throws {
        try await withDatabase { database in
            try await database.execute(
                "CREATE TABLE t (id int PRIMARY KEY, a int8); INSERT INTO t VALUES (1, 0), (2, 0)"
            )
            try await body(database)
        }
    }

    /// Both read before either writes, so one of them must fail at first and then see what the other wrote.
    @Test func serializationConflictIsRetried() async throws {
        try await withTable { database in
            let meeting = Meeting(2)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for id in 1...2 {
                    group.addTask {
                        let connection = try await database.connect()
                        try await connection.transaction(.serializable, attempts: 5) { session in
                            let sum = try Self.sum(session)
                            try meeting.arrive()
                            try session.query(Statement("add", "UPDATE t SET a = $1 WHERE id = $2"), sum + 1, Int32(id))
                        }
                    }
                }
                try await group.waitForAll()
            }
            // One after the other: 1, then 1 + 1.
            #expect(try await database.connect().access { try Self.sum($0) } == 3)
            #expect(meeting.arrivals > 2)
        }
    }

    @Test func deadlockIsRetried() async throws {
        try await withTable { database in
            let meeting = Meeting(2)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for order in [[1, 2], [2, 1]] {
                    group.addTask {
                        var options = database.options()
                        options.settings["deadlock_timeout"] = "50ms"
                        let connection = try await Connection.open(options)
                        try await connection.transaction(attempts: 5) { session in
                            let add = Statement("add", "UPDATE t SET a = a + 1 WHERE id = $1")
                            try session.query(add, Int32(order[0]))
                            try meeting.arrive()
                            try session.query(add, Int32(order[1]))
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await database.connect().access { try Self.sum($0) } == 4)
            #expect(meeting.arrivals > 2)
        }
    }

    @Test func attemptsHaveAnEnd() async throws {
        try await withTable { database in
            let tries = Monitor(0)
            let connection = try await database.connect()
            let error = await #expect(throws: PostgresError.self) {
                try await connection.transaction(attempts: 3) { session in
                    tries.update { $0 += 1 }
                    try session.script(
                        "DO $$ BEGIN RAISE EXCEPTION 'conflict' USING ERRCODE = '40001'; END $$",
                        name: "conflict"
                    )
                }
            }
            #expect(error?.sqlState == "40001" && tries.value == 3)
            #expect(connection.isUsable)
        }
    }

    /// The server answers such a COMMIT with success.
    @Test func swallowedErrorIsNotACommit() async throws {
        try await withTable { database in
            let connection = try await database.connect()
            let error = await #expect(throws: PostgresError.self) {
                try await connection.transaction { session in
                    try session.script("UPDATE t SET a = 1", name: "update")
                    try? session.script("SELECT 1 / 0", name: "fails")
                }
            }
            #expect(error?.kind == .client && error?.statement == "commit")
            #expect(try await connection.access { try Self.sum($0) } == 0)
        }
    }

    @Test func savepointUndoesItsPart() async throws {
        try await withTable { database in
            let connection = try await database.connect()
            try await connection.transaction { session in
                try session.savepoint {
                    try session.script("UPDATE t SET a = 1 WHERE id = 1", name: "outer")
                    #expect(throws: PostgresError.self) {
                        try session.savepoint {
                            try session.script("UPDATE t SET a = 10 WHERE id = 2", name: "inner")
                            try session.script("SELECT 1 / 0", name: "fails")
                        }
                    }
                }
            }
            #expect(try await connection.access { try Self.sum($0) } == 1)
        }
    }

    @Test func modesAreWhatTheySay() async throws {
        try await withTable { database in
            let connection = try await database.connect()
            let snapshot = await #expect(throws: PostgresError.self) {
                try await connection.transaction(.snapshot) { try $0.script("UPDATE t SET a = 1", name: "update") }
            }
            #expect(snapshot?.sqlState == "25006")
            for (mode, name) in [
                (TransactionMode.readCommitted, "read committed"), (.repeatableRead, "repeatable read"),
                (.serializable, "serializable"),
            ] {
                let actual = try await connection.transaction(mode) { session in
                    try session.query(
                        Statement("mode", "SELECT current_setting('transaction_isolation') AS v")
                    )[0].get("v", as: String.self)
                }
                #expect(actual == name)
            }
        }
    }

    @Test func preparedStatementsSurviveRollbackAndNulls() async throws {
        try await withTable { database in
            let set = Statement("set", "UPDATE t SET a = $1 WHERE id = $2")
            let connection = try await database.connect()
            await #expect(throws: PostgresError.self) {
                try await connection.transaction { session in
                    try session.queryPrepared(set, nil, Int32(1))
                    try session.script("SELECT 1 / 0", name: "fails")
                }
            }
            try await connection.access { session in
                try session.queryPrepared(set, nil, Int32(1))
                try session.queryPrepared(set, 5, Int32(1))
                try session.queryPrepared(set, Int32(6), 2)
                #expect(try Self.sum(session) == 11)
                try session.checkStatement(set)
                #expect(throws: PostgresError.self) { try session.checkStatement(Statement("bad", "SELECT nothing")) }
            }
        }
    }
}

/// Lets threads of the first round wait for each other, so that their transactions surely overlap; later rounds pass.
final class Meeting: Sendable {
    private let size: Int
    private let count = Monitor(0)

    init(_ size: Int) { self.size = size }

    var arrivals: Int { count.value }

    func arrive() throws {
        count.update { $0 += 1 }
        for _ in 0..<5000 where count.value < size { try pause(milliseconds: 2) }
    }
}
