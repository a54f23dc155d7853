import CygniPostgres
import CygniTestSupport
import Glibc
import Testing

/// The ground the other tests stand on.
@Suite struct SupportTests {
    @Test func databasesAreFreshAndApart() async throws {
        try await withDatabase { first in
            try await first.execute("CREATE TABLE here (a int)")
            try await withDatabase { second in
                await #expect(throws: PostgresError.self) { try await second.execute("TABLE here") }
            }
        }
    }

    @Test func templateIsBuiltOnce() async throws {
        let template = DatabaseTemplate("support") { database in
            try await database.execute(
                "CREATE TABLE built (at timestamptz DEFAULT now()); INSERT INTO built DEFAULT VALUES"
            )
        }
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    try await withDatabase(template) { database in
                        try await database.connect().access { session in
                            try session.query(Statement("at", "SELECT at::text FROM built"))[0].get("at")
                        }
                    }
                }
            }
            let times = try await group.reduce(into: Set<String>()) { $0.insert($1) }
            #expect(times.count == 1)
        }
    }

    @Test func ownClusterRestarts() async throws {
        let cluster = try await TestCluster.start(isDurable: true)
        let database = try await cluster.makeDatabase()
        try await database.execute("CREATE TABLE kept (a int)")
        try await cluster.restart(immediate: true)
        try await database.execute("TABLE kept")
        try await cluster.stop()
    }

    @Test func childProcess() async throws {
        let shell = BuiltExecutable(path: "/bin/sh")
        let done = try await shell.run(["-c", "cat; echo $A >&2; exit 3"], environment: ["A": "b"], input: "in")
        #expect(done.status == 3 && done.standardOutput == "in" && done.standardError == "b\n")

        let sleeping = try shell.start(["-c", "echo up; exec sleep 60"])
        try await sleeping.output(contains: "up")
        sleeping.signal(SIGTERM)
        #expect(try await sleeping.result().exit == .signal(SIGTERM))
        await #expect(throws: TestSupportError.self) {
            try await shell.run(["-c", "exec sleep 60"], timeLimit: .milliseconds(100))
        }
    }
}
