import CygniPostgres
import CygniTestSupport
import Testing

@Suite struct ErrorTests {
    private let secret = "hunter2-4711"

    /// Everything that may end up in a log, a report or a crash.
    private func prints(of error: PostgresError) -> String {
        var dumped = ""
        dump(error, to: &dumped)
        dump([error], to: &dumped)
        let wrapped: any Error = error
        return [
            "\(error)", error.description, String(reflecting: error), dumped, "\(wrapped)", String(describing: wrapped),
            "\([error])", "\(Result<Int, PostgresError>.failure(error))", error.harmlessMessage,
        ].joined(separator: "\n")
    }

    @Test func valuesNeverPrint() async throws {
        let secret = secret
        try await withDatabase { database in
            try await database.execute(
                """
                CREATE TABLE t (a text UNIQUE, b uuid, c int2 CHECK (c < 10), d text NOT NULL DEFAULT '', e varchar(3));
                CREATE TABLE parts (a text) PARTITION BY LIST (a);
                INSERT INTO t (a) VALUES ('\(secret)');
                """
            )
            let failing: [(String, Statement, [(any PostgresBindable)?])] = [
                ("23505", Statement("unique", "INSERT INTO t (a) VALUES ($1)"), [secret]),
                ("22P02", Statement("uuid", "INSERT INTO t (b) VALUES ($1)"), [secret]),
                ("22P02", Statement("cast", "SELECT $1::text::int"), [secret]),
                ("23514", Statement("check", "INSERT INTO t (a, c) VALUES ($1, 11)"), [secret + "x"]),
                ("23502", Statement("null", "INSERT INTO t (a, d) VALUES ($1, NULL)"), [secret + "x"]),
                ("23514", Statement("partition", "INSERT INTO parts VALUES ($1)"), [secret]),
                ("22003", Statement("overflow", "SELECT ($1::text || '0000')::int2"), ["4711"]),
                ("22001", Statement("long", "INSERT INTO t (a, e) VALUES ('x', $1)"), [secret]),
                ("22007", Statement("date", "SELECT $1::text::date"), [secret]),
                ("22P02", Statement("json", "SELECT $1::text::jsonb"), [secret]),
                ("42601", Statement("syntax", "SELECT 'a' '\(secret)' 'hunter2-4711'"), []),
                ("42601", Statement("unfinished", "SELECT '\(secret)"), []),
            ]
            let connection = try await database.connect()
            for (state, statement, binds) in failing {
                let error = await #expect(throws: PostgresError.self) {
                    try await connection.access { _ = try $0.query(statement, binds: binds) }
                }
                let printed = error.map(prints(of:)) ?? ""
                #expect(error?.sqlState == state, "\(statement.name): \(printed)")
                #expect(printed.contains(statement.name) && printed.contains(state))
                #expect(!printed.contains("hunter2") && !printed.contains("4711"), "\(statement.name)")
            }
        }
    }

    @Test func fieldsAreThere() async throws {
        try await withDatabase { database in
            try await database.execute(
                "CREATE SCHEMA s; CREATE TABLE s.t (a int CONSTRAINT small CHECK (a < 10), b int NOT NULL)"
            )
            let connection = try await database.connect()
            let check = await #expect(throws: PostgresError.self) {
                try await connection.access { try $0.script("INSERT INTO s.t VALUES (11, 1)", name: "insert") }
            }
            #expect(check?.constraint == "small" && check?.table == "t" && check?.schema == "s")
            #expect(check?.statement == "insert" && check?.kind == .server && check?.isTransient == false)
            let null = await #expect(throws: PostgresError.self) {
                try await connection.access { try $0.script("INSERT INTO s.t VALUES (1, NULL)", name: "insert") }
            }
            #expect(null?.column == "b" && null?.sqlState == "23502")
            let hinted = await #expect(throws: PostgresError.self) {
                try await connection.access { try $0.script("SELECT lenght('a')", name: "typo") }
            }
            #expect(hinted?.position == 8 && hinted?.hint?.isEmpty == false)
            let syntax = await #expect(throws: PostgresError.self) {
                try await connection.access { try $0.script("SELEC 1", name: "typo") }
            }
            #expect(
                syntax?.description == "syntax error at character 1 of the statement (SQLSTATE 42601, statement typo)"
            )
            #expect(syntax?.serverMessage == #"syntax error at or near "SELEC""#)
        }
    }

    @Test func failedConnectionHasItsSQLState() async throws {
        let cluster = try await TestCluster.shared()
        func error(_ options: ConnectionOptions) async -> PostgresError? {
            await #expect(throws: PostgresError.self) { _ = try await Connection.open(options) }
        }
        let role = await error(cluster.options(database: "postgres", role: "nobody"))
        #expect(role?.kind == .connect && role?.sqlState == "28000" && role?.isTransient == false)
        #expect(role?.description.contains(#"role "nobody" does not exist"#) == true)
        #expect(role?.description.contains("LOCATION") == false && role?.description.contains("28000:") == false)
        let database = await error(cluster.options(database: "nothing", role: TestCluster.superuser))
        #expect(database?.sqlState == "3D000" && database?.isTransient == false)
        let absent = await error(ConnectionOptions(url: "postgresql:///x?host=/nonexistent", applicationName: "x"))
        #expect(absent?.kind == .connect && absent?.sqlState == nil && absent?.isTransient == true)
        let unreadable = await error(ConnectionOptions(url: "host='secret", applicationName: "x"))
        #expect(unreadable?.isTransient == false && unreadable?.description.contains("secret") == false)
        var setting = cluster.options(database: "postgres", role: TestCluster.superuser)
        setting.settings = ["no_such_setting": "1"]
        #expect(await error(setting)?.isTransient == false)
    }

    @Test func noticesReachTheirReceiver() async throws {
        try await withDatabase { database in
            let notices = try await database.connect().access { session in
                var notices: [String] = []
                session.onNotice = { severity, message in notices.append("\(severity): \(message)") }
                try session.script("DO $$ BEGIN RAISE NOTICE 'hello'; RAISE WARNING 'careful'; END $$", name: "notices")
                session.onNotice = nil
                try session.script("DO $$ BEGIN RAISE NOTICE 'dropped'; END $$", name: "notices")
                return notices
            }
            #expect(notices == ["NOTICE: hello", "WARNING: careful"])
        }
    }
}
