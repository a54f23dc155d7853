import CygniPostgres
import CygniTestSupport
import Testing

/// Without these, a schema that shows nobody anything would pass for a safe one.
@Suite("A tenant's own rows are there for it")
struct OwnTenantTests {
    @Test(
        "cygni_app reads its own rows",
        arguments: [
            "tenants", "projects", "deployments", "domains", "certificates", "metric_samples", "log_lines", "audit_log",
            "metrics_1m", "metrics_1h", "metrics_1d",
        ],
        [TwoTenants.other, TwoTenants.other.uppercased()]
    )
    func reads(table: String, setting: String) async throws {
        try await withDatabase(TwoTenants.template) { database in
            try await Visitor.run(database, tenant: setting) { visitor throws in
                let sql = "SELECT to_jsonb(x)::text AS row FROM cygni.\(table) AS x"
                #expect(try visitor.sees([TwoTenants.otherMark], in: sql))
            }
        }
    }

    @Test(
        "cygni_app writes its own rows",
        arguments: [
            "INSERT INTO cygni.projects (tenant_id, slug) VALUES (cygni.current_tenant(), 'new')",
            "UPDATE cygni.projects SET slug = 'new'",
            "UPDATE cygni.deployments SET pinned = true",
            "DELETE FROM cygni.domains",
            "INSERT INTO cygni.metric_samples VALUES ('\(TwoTenants.day)', cygni.current_tenant(), gen_random_uuid(), 'm', 'NaN')",
            "INSERT INTO cygni.log_lines (ts, tenant_id, project_id) VALUES ('\(TwoTenants.day)', cygni.current_tenant(), gen_random_uuid())",
            "SELECT cygni.audit_append(cygni.current_tenant(), 'user:b', 'did')",
        ]
    )
    func writes(sql: String) async throws {
        try await withDatabase(TwoTenants.template) { database in
            try await Visitor.run(database, tenant: TwoTenants.other) { visitor throws in
                #expect(try visitor.refusal(sql) == nil)
            }
        }
    }

    @Test("A setting made for one transaction ends with it")
    func settingEndsWithItsTransaction() async throws {
        try await withDatabase(TwoTenants.template) { database in
            try await Visitor.run(database, tenant: nil) { visitor throws in
                let sql = "SELECT to_jsonb(x)::text AS row FROM cygni.projects AS x"
                try visitor.session.script(
                    "BEGIN; SET LOCAL cygni.tenant_id = '\(TwoTenants.other)'; COMMIT",
                    name: "set"
                )
                #expect(try !visitor.sees([TwoTenants.otherMark], in: sql))
            }
        }
    }

    @Test("The owner's connection runs the jobs, and both see all tenants", arguments: ["cygni_owner", "cygni_jobs"])
    func platformSeesAll(role: String) async throws {
        try await withDatabase(TwoTenants.template) { database in
            var options = database.options(role: "cygni_owner")
            options.role = role
            let counts: [Int] = try await Connection.open(options).access { session in
                try ["projects", "metric_samples_p20261122", "certificates", "audit_log", "legal_holds"].map { table in
                    let sql = "SELECT count(*) FROM cygni.\(table)"
                    return try session.query(Statement("count", sql))[0].get("count")
                }
            }
            #expect(counts == [2, 400, 3, 3, 2])
        }
    }
}
