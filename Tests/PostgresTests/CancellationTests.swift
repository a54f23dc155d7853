import CygniPostgres
import CygniTestSupport
import Glibc
import Testing

/// Blocks the connection's own thread, as a job's computation would.
func pause(milliseconds: UInt32) throws {
    usleep(milliseconds * 1000)
}

@Suite struct CancellationTests {
    private let sleep = Statement("sleep", "SELECT pg_sleep(60)")
    private let one = Statement("one", "SELECT 1 AS n")

    @Test func interruptsTheServerQuickly() async throws {
        try await withDatabase { database in
            let connection = try await database.connect()
            let task = Task { try await connection.access { _ = try $0.query(sleep) } }
            try await Task.sleep(for: .milliseconds(100))
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(try await connection.access { try $0.query(one)[0].get("n", as: Int32.self) } == 1)
        }
    }

    @Test func beforeTheStartNothingRuns() async throws {
        try await withDatabase { database in
            let connection = try await database.connect()
            try await database.execute("CREATE TABLE t (a int)")
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                try await connection.transaction { try $0.script("INSERT INTO t VALUES (1)", name: "insert") }
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            let rows = try await connection.access { try $0.query(Statement("all", "TABLE t")).count }
            #expect(rows == 0)
        }
    }

    @Test func rollsATransactionBack() async throws {
        try await withDatabase { database in
            try await database.execute("CREATE TABLE t (a int)")
            let connection = try await database.connect()
            let task = Task {
                try await connection.transaction { session in
                    try session.script("INSERT INTO t VALUES (1)", name: "insert")
                    // Cancelled while nothing runs on the server: the commit must not happen either.
                    try pause(milliseconds: 300)
                }
            }
            try await Task.sleep(for: .milliseconds(100))
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(connection.isUsable)
            #expect(try await connection.access { try $0.query(Statement("all", "TABLE t")).count } == 0)
        }
    }

    /// Wherever the interrupt meets a statement, it never hits the one after it.
    @Test func racingWithTheEndHarmsNothing() async throws {
        try await withDatabase { database in
            let connection = try await database.connect()
            for round in 0..<150 {
                let task = Task {
                    try await connection.transaction { session in
                        for _ in 0..<3 { try session.query(one) }
                    }
                }
                try await Task.sleep(for: .microseconds(round * 20))
                task.cancel()
                do { try await task.value } catch is CancellationError {}
                #expect(connection.isUsable)
                #expect(try await connection.access { try $0.query(one)[0].get("n", as: Int32.self) } == 1)
            }
        }
    }

    @Test func connectingCanBeCancelled() async throws {
        // A listener that never answers.
        let port = try OneTimePort()
        let silent = try BuiltExecutable(path: "/usr/bin/python3").start(
            [
                "-c",
                "import socket,time;s=socket.create_server(('127.0.0.1',\(port.number)));print('up',flush=True);time.sleep(900)",
            ]
        )
        try await silent.output(contains: "up")
        var options = ConnectionOptions(
            url: "postgresql://127.0.0.1:\(port.number)/x?sslmode=disable",
            applicationName: "cygni-tests"
        )
        let task = Task { [options] in _ = try await Connection.open(options) }
        try await Task.sleep(for: .milliseconds(100))
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }

        options.connectTimeout = .seconds(2)
        let error = await #expect(throws: PostgresError.self) { _ = try await Connection.open(options) }
        #expect(error?.kind == .connect && error?.isTransient == true)
        try await silent.killHard()
    }

    /// The server cannot take the request when it has stopped altogether; the caller goes on nevertheless.
    @Test func serverThatDoesNotAnswerCostsTheConnection() async throws {
        let cluster = try await TestCluster.start()
        let database = try await cluster.makeDatabase()
        let connection = try await database.connect()
        let backend = try await connection.access { $0.announcedBackend }
        let task = Task { try await connection.access { _ = try $0.query(sleep) } }
        try await Task.sleep(for: .milliseconds(200))
        kill(pid_t(backend), SIGSTOP)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(!connection.isUsable)
        kill(pid_t(backend), SIGKILL)
        try await cluster.stop(immediate: true)
    }
}
