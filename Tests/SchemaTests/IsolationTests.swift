import CygniPostgres
import CygniTestSupport
import Testing

@Suite("cygni_app sees and touches one tenant at most")
struct IsolationTests {
    private static let foreignMarks = [TwoTenants.victim, TwoTenants.victimMark, "platform-mark"]

    @Test("No relation, by whatever verb, gives away a row of another", arguments: TenantSetting.allCases)
    func nothingIsSeen(setting: TenantSetting) async throws {
        try await withDatabase(TwoTenants.template) { database in
            let catalogue = try await Catalogue(database)
            try #require(catalogue.relations.count > 15)
            let anyMark = Self.foreignMarks.joined(separator: "|")
            try await Visitor.run(database, tenant: setting.value) { visitor throws in
                for relation in catalogue.relations {
                    let name = relation.name
                    let column = relation.columns.first ?? ""
                    var readings = ["SELECT \(column)::text AS row FROM \(name)"]
                    if relation.kind != "S" {
                        readings += [
                            "SELECT to_jsonb(x)::text AS row FROM \(name) AS x",
                            "SELECT to_jsonb(x)::text AS row FROM \(name) AS x FOR UPDATE",
                            "UPDATE \(name) AS x SET \(column) = \(column) RETURNING to_jsonb(x)::text AS row",
                            // Own rows are left alone: some are held by a foreign key.
                            "DELETE FROM \(name) AS x WHERE to_jsonb(x)::text ~ '\(anyMark)' RETURNING to_jsonb(x)::text AS row",
                            "SELECT query_to_xml('TABLE \(name)', true, true, '')::text AS row",
                        ]
                    }
                    for sql in readings { #expect(try !visitor.sees(Self.foreignMarks, in: sql), "\(sql)") }
                }
            }
        }
    }

    @Test("No row can be written for another, nor handed over", arguments: TenantSetting.allCases)
    func nothingIsWritten(setting: TenantSetting) async throws {
        try await withDatabase(TwoTenants.template) { database in
            let catalogue = try await Catalogue(database)
            try await Visitor.run(database, tenant: setting.value) { visitor throws in
                for relation in catalogue.relations where relation.kind != "S" {
                    let name = relation.name
                    let key = relation.columns.contains("tenant_id") ? "tenant_id" : relation.columns.first ?? ""
                    // A sample finds its partition before its policy.
                    let time = relation.columns.contains("ts") ? (", ts", ", '\(TwoTenants.day)'") : ("", "")
                    let value = ["tenant_id", "id"].contains(key) ? "'\(TwoTenants.victim)'" : "NULL"
                    let denied = [
                        "INSERT INTO \(name) (\(key)\(time.0)) VALUES (\(value)\(time.1))",
                        "INSERT INTO \(name) (\(key)\(time.0)) VALUES (NULL\(time.1))",
                        "COPY \(name) FROM PROGRAM 'true'",
                        "TRUNCATE \(name)",
                        "ALTER TABLE \(name) DISABLE ROW LEVEL SECURITY",
                        "ALTER TABLE \(name) NO FORCE ROW LEVEL SECURITY",
                        "CREATE POLICY mine ON \(name) USING (true)",
                        "DROP TABLE \(name)",
                    ]
                    for sql in denied {
                        let refusal = try visitor.refusal(sql)
                        #expect(Visitor.refusals.contains(refusal), "\(sql): \(refusal ?? "done")")
                    }
                    // Handing over: no own row may change hands. Without own rows nothing happens, so only foreign shows it.
                    if setting == .foreign, relation.columns.contains("tenant_id") {
                        let sql = "UPDATE \(name) SET tenant_id = '\(TwoTenants.victim)'"
                        #expect(Visitor.refusals.contains(try visitor.refusal(sql)), "\(sql)")
                    }
                }
            }
        }
    }

    @Test("An upsert onto the key of another's row does not reach it", arguments: TenantSetting.allCases)
    func upsert(setting: TenantSetting) async throws {
        try await withDatabase(TwoTenants.template) { database in
            try await Visitor.run(database, tenant: setting.value) { visitor throws in
                let sql = """
                    INSERT INTO cygni.projects (id, tenant_id, slug)
                    VALUES ('\(TwoTenants.victim)', '\(TwoTenants.victim)', 'mine')
                    ON CONFLICT (tenant_id, id) DO UPDATE SET slug = 'mine'
                    """
                #expect(try visitor.refusal(sql) == Visitor.noPrivilege)
            }
        }
    }

    @Test("A foreign key does not tell what others have")
    func foreignKeysDoNotTell() async throws {
        try await withDatabase(TwoTenants.template) { database in
            try await Visitor.run(database, tenant: TwoTenants.other) { visitor throws in
                let refusals = try [TwoTenants.victim, "cccccccc-3333-4333-8333-333333333333"].map { project in
                    try visitor.refusal(
                        """
                        INSERT INTO cygni.domains (tenant_id, project_id, name)
                        VALUES ('\(TwoTenants.other)', '\(project)', 'x.example.test')
                        """
                    )
                }
                #expect(refusals == ["23503", "23503"])
                // Nor does a unique key: the same id and name are free for this tenant.
                let same = """
                    INSERT INTO cygni.projects (id, tenant_id, slug)
                    VALUES ('\(TwoTenants.victim)', '\(TwoTenants.other)', '\(TwoTenants.victimMark)');
                    INSERT INTO cygni.domains (id, tenant_id, project_id, name) VALUES
                        ('\(TwoTenants.victim)', '\(TwoTenants.other)', '\(TwoTenants.other)',
                            '\(TwoTenants.victimMark).example.test')
                    """
                #expect(try visitor.refusal(same) == nil)
            }
        }
    }

    @Test("No function does for it what it may not do", arguments: TenantSetting.allCases)
    func functions(setting: TenantSetting) async throws {
        try await withDatabase(TwoTenants.template) { database in
            try await Visitor.run(database, tenant: setting.value) { visitor throws in
                for call in [
                    "cygni.audit_append('\(TwoTenants.victim)', 'a', 'b')", "cygni.audit_append(NULL, 'a', 'b')",
                    "cygni.ensure_partitions('log_lines', '2026-01-01', '2026-01-01')",
                    "cygni_private.partition_created('log_lines', 'pg_class')",
                    "cygni_private.audit_field('a')",
                ] {
                    #expect(try visitor.refusal("SELECT \(call)") == Visitor.noPrivilege, "\(call)")
                }
                let tenant = "SELECT coalesce(cygni.current_tenant()::text, 'none') AS row"
                let expected = setting == .foreign ? TwoTenants.other : "none"
                #expect(try visitor.sees([expected], in: tenant))
            }
        }
    }

    @Test("Statistics and other back doors are shut", arguments: TenantSetting.allCases)
    func backDoors(setting: TenantSetting) async throws {
        try await withDatabase(TwoTenants.template) { database in
            try await Visitor.run(database, tenant: setting.value) { visitor throws in
                for sql in [
                    "SELECT to_jsonb(s)::text AS row FROM pg_stats AS s",
                    "SELECT to_jsonb(s)::text AS row FROM pg_stats_ext AS s",
                    "SELECT stxdmcv::text AS row FROM pg_statistic_ext_data",
                    "SELECT schema_to_xml('cygni', true, true, '')::text AS row",
                ] {
                    #expect(try !visitor.sees(Self.foreignMarks, in: sql), "\(sql)")
                }
                for sql in [
                    "SET ROLE cygni_owner", "SET ROLE cygni_jobs", "SET SESSION AUTHORIZATION cygni_owner",
                    "SET row_security = off; TABLE cygni.projects", "CREATE TABLE cygni.mine ()",
                    "CREATE FUNCTION cygni.mine() RETURNS int LANGUAGE sql RETURN 1", "CREATE SCHEMA mine",
                    "SET session_replication_role = replica", "TABLE pg_statistic",
                    "CREATE OR REPLACE FUNCTION cygni.current_tenant() RETURNS uuid LANGUAGE sql RETURN NULL::uuid",
                ] {
                    #expect(try visitor.refusal(sql) == Visitor.noPrivilege, "\(sql)")
                }
            }
        }
    }

    @Test("A policy's function cannot be shadowed by a temporary one")
    func shadowing() async throws {
        try await withDatabase(TwoTenants.template) { database in
            try await Visitor.run(database, tenant: TwoTenants.other) { visitor throws in
                let sql = """
                    SELECT to_jsonb(x)::text AS row FROM cygni.projects AS x
                    """
                try visitor.session.script(
                    """
                    CREATE FUNCTION pg_temp.current_setting(text, boolean) RETURNS text
                        LANGUAGE sql RETURN '\(TwoTenants.victim)';
                    CREATE FUNCTION pg_temp.audit_hash() RETURNS int LANGUAGE sql RETURN 1;
                    SET search_path = pg_temp, cygni, pg_catalog;
                    """,
                    name: "shadow"
                )
                #expect(try !visitor.sees([TwoTenants.victim], in: sql))
                #expect(try visitor.sees([TwoTenants.otherMark], in: sql))
            }
        }
    }
}
