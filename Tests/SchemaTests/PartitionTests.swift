import CygniPostgres
import CygniTestSupport
import Testing

@Suite("Day partitions")
struct PartitionTests {
    private static func ensure(_ connection: Connection, _ arguments: String) async throws -> Int {
        try await connection.access { session in
            let sql = "SELECT cygni.ensure_partitions(\(arguments)) AS made"
            return try session.query(Statement("ensure", sql))[0].get("made")
        }
    }

    @Test("They are made once, both ends included, back to 2005, whatever the session's time zone")
    func made() async throws {
        try await withDatabase(.migrated) { database in
            let jobs = try await database.connect(role: "cygni_jobs")
            try await jobs.access { session in try session.script("SET TimeZone = 'Asia/Tokyo'", name: "zone") }
            #expect(try await Self.ensure(jobs, "'metric_samples', '2005-02-27', '2005-03-01'") == 3)
            #expect(try await Self.ensure(jobs, "'metric_samples', '2005-02-27', '2005-03-02'") == 1)
            #expect(try await Self.ensure(jobs, "'metric_samples', '2005-02-27', '2005-03-02'") == 0)
            #expect(try await Self.ensure(jobs, "'log_lines', '2005-02-27', '2005-02-27'") == 1)
            let place: String = try await jobs.access { session in
                try session.query(
                    Statement(
                        "insert",
                        """
                        INSERT INTO cygni.metric_samples VALUES
                            ('2005-03-01 23:59:59.999999+00', gen_random_uuid(), gen_random_uuid(), 'm', 1)
                        RETURNING tableoid::regclass::text AS place
                        """
                    )
                )[0].get("place")
            }
            #expect(place == "cygni.metric_samples_p20050301")
        }
    }

    @Test("A row whose day is missing is refused")
    func missingDay() async throws {
        try await withDatabase(.migrated) { database in
            let jobs = try await database.connect(role: "cygni_jobs")
            let error = await #expect(throws: PostgresError.self) {
                try await jobs.access { session in
                    try session.script(
                        "INSERT INTO cygni.log_lines (ts, tenant_id, project_id) SELECT now(), id, id FROM gen_random_uuid() AS id",
                        name: "insert"
                    )
                }
            }
            #expect(error?.sqlState == "23514")
        }
    }

    @Test(
        "What makes no sense is refused",
        arguments: [
            ("'tenants', '2026-01-01', '2026-01-01'", "42P01"), ("'nope', '2026-01-01', '2026-01-01'", "42P01"),
            ("NULL, '2026-01-01', '2026-01-01'", "42P01"),
            ("'log_lines\"; DROP TABLE x; --', '2026-01-01', '2026-01-01'", "42P01"),
            ("'log_lines', '2026-01-02', '2026-01-01'", "22023"), ("'log_lines', NULL, '2026-01-01'", "22023"),
            ("'log_lines', '2026-01-01', 'infinity'", "22023"), ("'log_lines', '1969-12-31', '1970-01-01'", "22023"),
            ("'log_lines', '2005-01-01', '2015-12-15'", "22023"), ("'log_lines', '9999-01-01', '9999-01-01'", "22023"),
        ]
    )
    func refused(arguments: String, state: String) async throws {
        try await withDatabase(.migrated) { database in
            let jobs = try await database.connect(role: "cygni_jobs")
            let error = await #expect(throws: PostgresError.self) { try await Self.ensure(jobs, arguments) }
            #expect(error?.sqlState == state)
        }
    }

    @Test("Eight at once, while a reader holds the table, make each day once and wait for nobody")
    func concurrent() async throws {
        try await withDatabase(.migrated) { database in
            let reader = try await database.connect(role: "cygni_jobs")
            try await reader.access { session in
                try session.script("BEGIN; SELECT count(*) FROM cygni.metric_samples", name: "read")
            }
            let made = try await withThrowingTaskGroup(of: Int.self) { group in
                for first in 1...8 {
                    group.addTask {
                        var options = database.options(role: "cygni_jobs")
                        options.lockTimeout = .seconds(20)
                        let connection = try await Connection.open(options)
                        return try await connection.transaction(.repeatableRead) { session in
                            // The snapshot is older than what the others are about to commit.
                            try session.query(Statement("snapshot", "SELECT 1 FROM cygni.tenants"))
                            let sql =
                                "SELECT cygni.ensure_partitions('metric_samples', '2026-01-0\(first)', '2026-01-20') AS n"
                            return try session.query(Statement("ensure", sql))[0].get("n")
                        }
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(made == 20)
            try await reader.access { session in try session.script("COMMIT", name: "commit") }
        }
    }

    @Test("A table that stands in the way is named, not adopted")
    func obstacle() async throws {
        try await withDatabase(.migrated) { database in
            try await database.execute("CREATE TABLE cygni.log_lines_p20260101 ()")
            let jobs = try await database.connect(role: "cygni_jobs")
            let error = await #expect(throws: PostgresError.self) {
                try await Self.ensure(jobs, "'log_lines', '2026-01-01', '2026-01-01'")
            }
            #expect(error?.sqlState == "42P07" && error?.serverMessage.contains("log_lines_p20260101") == true)
        }
    }
}
