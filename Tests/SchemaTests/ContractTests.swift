import CygniPostgres
import CygniTestSupport
import Testing

@Suite("What other tools read and write")
struct ContractTests {
    /// The columns that are promised, each with a value; no other column is needed for an insert.
    static let promised: [String: [(column: String, value: String)]] = [
        "tenants": [("id", id), ("slug", "'acme'"), ("plan", "'pro'")],
        "projects": [("id", id), ("tenant_id", tenant), ("slug", "'shop'"), ("repository", "'github:acme/shop'")],
        "deployments": [
            ("id", id), ("tenant_id", tenant), ("project_id", tenant), ("kind", "'preview'"), ("branch", "'feature/x'"),
            ("pull_request", "12"), ("commit_sha", "'0123456789abcdef0123456789abcdef01234567'"), ("state", "'ready'"),
            ("pinned", "false"), ("expires_at", "now()"), ("created_at", "now()"), ("ready_at", "now()"),
            ("last_active_at", "now()"), ("runtime_ref", "'container-1'"), ("artifact_prefix", "'acme/shop/1/'"),
        ],
        "domains": [
            ("id", id), ("tenant_id", tenant), ("project_id", tenant), ("name", "'*.shop.example.test'"),
            ("state", "'verified'"), ("verification_token", "'abc'"), ("verified_at", "now()"),
            ("next_check_at", "now()"),
        ],
        "certificates": [
            ("id", id), ("domain_names", "'{a.test,b.test}'"), ("state", "'valid'"), ("not_before", "now()"),
            ("not_after", "now() + interval '90 days'"), ("chain_pem", "'-----BEGIN CERTIFICATE-----'"),
            ("issuer", "'CN=CA'"), ("next_attempt_at", "now()"),
        ],
        "metric_samples": [
            ("ts", day), ("tenant_id", tenant), ("project_id", tenant), ("metric", "'http.requests'"), ("value", "1.5"),
        ],
        "log_lines": [
            ("ts", day), ("tenant_id", tenant), ("project_id", tenant), ("deployment_id", tenant), ("level", "'warn'"),
            ("message", "''"), ("fields", "NULL"),
        ],
        "archives": [
            ("id", id), ("source", "'log_lines_p20261122'"), ("object_key", "'a/b'"), ("manifest_key", "'a/b.json'"),
            ("rows", "1"), ("bytes", "2"), ("sha256", "repeat('0f', 32)"), ("verified_at", "now()"),
            ("created_at", "now()"),
        ],
        "legal_holds": [
            ("id", id), ("tenant_id", "NULL"), ("source", "NULL"), ("starts_at", "now()"), ("ends_at", "NULL"),
            ("reason", "'case 7'"), ("released_at", "NULL"),
        ],
        "job_runs": [
            ("id", id), ("job", "'log-archive'"), ("slot", day), ("trigger", "'cron'"), ("host", "'a'"),
            ("state", "'succeeded'"), ("fence", "1"), ("started_at", "now()"), ("finished_at", "now()"),
            ("exit_status", "0"), ("counts", "'{\"rows\": 1}'"), ("error", "NULL"),
        ],
        "audit_log": [
            ("id", "1000"), ("tenant_id", "NULL"), ("at", "now()"), ("actor", "'a'"), ("action", "'b'"),
            ("subject", "'c'"), ("details", "'{}'"), ("prev_hash", "sha256('a')"), ("hash", "sha256('b')"),
        ],
    ]
    private static let id = "gen_random_uuid()"
    private static let tenant = "'\(TwoTenants.other)'"
    private static let day = "'\(TwoTenants.day) 00:00+00'"

    @Test("An insert of just the promised columns works", arguments: promised.keys.sorted())
    func insert(table: String) async throws {
        try await withDatabase(TwoTenants.template) { database in
            let columns = try #require(Self.promised[table])
            // The log takes rows by hand from its owner alone.
            let role = table == "audit_log" ? "cygni_owner" : "cygni_jobs"
            try await database.connect(role: role).access { session in
                let names = columns.map(\.column).joined(separator: ", ")
                let values = columns.map(\.value).joined(separator: ", ")
                try session.script("INSERT INTO cygni.\(table) (\(names)) VALUES (\(values))", name: table)
            }
        }
    }

    @Test(
        "What cannot be is refused",
        arguments: [
            "UPDATE cygni.tenants SET slug = 'A B'", "UPDATE cygni.deployments SET state = 'gone'",
            "UPDATE cygni.deployments SET kind = 'staging'", "UPDATE cygni.deployments SET artifact_prefix = ''",
            "UPDATE cygni.deployments SET artifact_prefix = 'a/../b'",
            "UPDATE cygni.deployments SET artifact_prefix = '/a'",
            "UPDATE cygni.domains SET name = 'Example.test'", "UPDATE cygni.domains SET name = 'a.test.'",
            "UPDATE cygni.domains SET state = 'x'", "UPDATE cygni.certificates SET domain_names = '{}'",
            "UPDATE cygni.certificates SET chain_pem = '-----BEGIN PRIVATE KEY-----'",
            "UPDATE cygni.archives SET verified_at = now()", "UPDATE cygni.archives SET sha256 = 'x'",
            "INSERT INTO cygni.legal_holds (reason) VALUES (' ')", "UPDATE cygni.job_runs SET state = 'succeeded'",
            "UPDATE cygni.job_runs SET finished_at = now()", "UPDATE cygni.projects SET repository = 'acme'",
            "INSERT INTO cygni.log_lines (ts, tenant_id, project_id, fields) SELECT ts, tenant_id, project_id, '[]' FROM cygni.log_lines",
            "INSERT INTO cygni.metric_samples SELECT ts, tenant_id, project_id, '', 1 FROM cygni.metric_samples",
        ]
    )
    func constraint(sql: String) async throws {
        try await withDatabase(TwoTenants.template) { database in
            let jobs = try await database.connect(role: "cygni_jobs")
            let error = await #expect(throws: PostgresError.self) {
                try await jobs.access { session in try session.script(sql, name: "update") }
            }
            #expect(error?.sqlState == "23514")
        }
    }

    @Test("A slot is run once")
    func slots() async throws {
        try await withDatabase(TwoTenants.template) { database in
            let jobs = try await database.connect(role: "cygni_jobs")
            let sql = "INSERT INTO cygni.job_runs (job, slot) VALUES ('a', '2026-11-22'), ('a', NULL)"
            try await jobs.access { session in try session.script(sql, name: "slot") }
            let error = await #expect(throws: PostgresError.self) {
                try await jobs.access { session in try session.script(sql, name: "slot") }
            }
            #expect(error?.sqlState == "23505" && error?.constraint == "job_runs_slot")
        }
    }
}
