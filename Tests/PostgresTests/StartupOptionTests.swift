import CygniPostgres
import CygniTestSupport
import Testing

@Suite struct StartupOptionTests {
    private func show(_ options: ConnectionOptions, _ name: String) async throws -> String {
        try await Connection.open(options).access { session in
            try session.query(Statement("show", "SELECT current_setting($1) AS value"), name)[0].get("value")
        }
    }

    @Test func allAreHonoured() async throws {
        try await withDatabase { database in
            var options = database.options()
            options.applicationName = "cygni metrics-rollup"
            options.statementTimeout = .seconds(70)
            options.lockTimeout = .microseconds(1)
            options.idleInTransactionSessionTimeout = .milliseconds(1500)
            options.clientConnectionCheckInterval = .seconds(2)
            options.isReadOnly = true
            options.role = "pg_monitor"
            options.settings = ["work_mem": "5MB", "cygni.note": #"a b, c\d"#]
            let expected = [
                "application_name": "cygni metrics-rollup", "statement_timeout": "70s", "lock_timeout": "1ms",
                "idle_in_transaction_session_timeout": "1500ms", "client_connection_check_interval": "2s",
                "default_transaction_read_only": "on", "role": "pg_monitor", "work_mem": "5MB",
                "cygni.note": #"a b, c\d"#, "TimeZone": "UTC", "client_encoding": "UTF8",
            ]
            for (name, value) in expected {
                let actual = try await show(options, name)
                #expect(actual == value, "\(name)")
            }
            // The operator's own come last.
            options.url += "&options=-c%20work_mem%3D6MB"
            let memory = try await show(options, "work_mem")
            #expect(memory == "6MB")
        }
    }

    @Test func timeoutsEndStatements() async throws {
        try await withDatabase { database in
            try await database.execute("CREATE TABLE t (a int)")
            var options = database.options()
            options.statementTimeout = .milliseconds(100)
            options.lockTimeout = .milliseconds(50)
            let impatient = try await Connection.open(options)
            let slow = await #expect(throws: PostgresError.self) {
                try await impatient.access { try $0.script("SELECT pg_sleep(20)", name: "sleep") }
            }
            #expect(slow?.sqlState == "57014" && slow?.isTransient == false)
            let locked = await #expect(throws: PostgresError.self) {
                try await withLockedTable(database) {
                    try await impatient.access { try $0.script("TABLE t", name: "read") }
                }
            }
            #expect(locked?.sqlState == "55P03" && locked?.isTransient == true)
            #expect(impatient.isUsable)
        }
    }

    private func withLockedTable(_ database: TestDatabase, _ body: () async throws -> Void) async throws {
        let holder = try await database.connect()
        try await holder.access { try $0.script("BEGIN; LOCK TABLE t", name: "lock") }
        do {
            try await body()
            await holder.close()
        } catch {
            await holder.close()
            throw error
        }
    }

    @Test func idleTransactionIsEnded() async throws {
        try await withDatabase { database in
            var options = database.options()
            options.idleInTransactionSessionTimeout = .milliseconds(50)
            let connection = try await Connection.open(options)
            let error = await #expect(throws: PostgresError.self) {
                try await connection.transaction { session in
                    try session.script("SELECT 1", name: "one")
                    try pause(milliseconds: 400)
                    try session.script("SELECT 1", name: "two")
                }
            }
            #expect(error?.kind == .connectionLost && error?.isTransient == true)
            #expect(!connection.isUsable)
        }
    }

    @Test func readOnlyRefusesWrites() async throws {
        try await withDatabase { database in
            try await database.execute("CREATE TABLE t (a int)")
            var options = database.options()
            options.isReadOnly = true
            let connection = try await Connection.open(options)
            let error = await #expect(throws: PostgresError.self) {
                try await connection.transaction { try $0.script("INSERT INTO t VALUES (1)", name: "write") }
            }
            #expect(error?.sqlState == "25006")
        }
    }
}
