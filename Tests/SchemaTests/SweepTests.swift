import CygniTestSupport
import Testing

/// Rules that hold for every object there is and every one to come, asked from the server's catalogue.
@Suite("Rules of the whole schema")
struct SweepTests {
    @Test("No object breaks a rule", arguments: Rule.all)
    func rule(_ rule: Rule) async throws {
        try await withDatabase(TwoTenants.template) { database in
            let faults = try await Catalogue.faults(database, rule.faults)
            #expect(faults == [])
        }
    }

    @Test("A rule that is broken says so", arguments: Rule.all)
    func brokenRule(_ rule: Rule) async throws {
        try await withDatabase(TwoTenants.template) { database in
            try await database.execute(rule.breach)
            #expect(try await Catalogue.faults(database, rule.faults) != [])
        }
    }
}

/// A query whose column `fault` names what breaks a rule, and an act that breaks it.
struct Rule: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let faults: String
    let breach: String

    init(_ description: String, breach: String, faults: String) {
        testDescription = description
        self.breach = breach
        self.faults = faults
    }

    static let all = [
        Rule(
            "Every table with tenant_id has row-level security, forced, with a policy",
            breach: "CREATE TABLE cygni.t (tenant_id uuid)",
            faults: """
                SELECT c.oid::regclass::text AS fault FROM pg_class AS c
                WHERE c.relnamespace::regnamespace::text LIKE 'cygni%' AND c.relkind IN ('r', 'p')
                    AND (c.oid = 'cygni.tenants'::regclass
                        OR EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'tenant_id'))
                    AND NOT (c.relrowsecurity AND c.relforcerowsecurity
                        AND EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid))
                """
        ),
        Rule(
            "No policy but platform_all of the owner and the jobs lets everything through",
            breach: "CREATE POLICY p ON cygni.projects TO cygni_app USING (true)",
            faults: """
                SELECT polrelid::regclass || ' ' || polname AS fault FROM pg_policy
                WHERE CASE polname
                    WHEN 'platform_all' THEN polroles <> ARRAY(
                        SELECT oid FROM pg_roles WHERE rolname IN ('cygni_owner', 'cygni_jobs') ORDER BY rolname DESC)
                        AND polroles <> ARRAY(
                        SELECT oid FROM pg_roles WHERE rolname IN ('cygni_owner', 'cygni_jobs') ORDER BY rolname)
                    ELSE pg_get_expr(coalesce(polqual, polwithcheck), polrelid) NOT LIKE '%id = ( SELECT %current_tenant(%'
                        OR pg_get_expr(coalesce(polwithcheck, polqual), polrelid) NOT LIKE '%id = ( SELECT %current_tenant(%'
                    END
                """
        ),
        Rule(
            "tenant_id leads every unique key of a tenant's table",
            breach: "CREATE UNIQUE INDEX ON cygni.projects (id)",
            faults: """
                SELECT i.indexrelid::regclass::text AS fault FROM pg_index AS i
                JOIN pg_class AS c ON c.oid = i.indrelid AND c.relnamespace::regnamespace::text LIKE 'cygni%'
                JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
                WHERE i.indisunique AND i.indkey[0] <> a.attnum
                    -- Of these a trigger lets a tenant write neither column nor state, so that nobody learns by a refusal.
                    AND i.indexrelid <> ALL (ARRAY['cygni.domains_holder', 'cygni.domains_token']::regclass[])
                """
        ),
        Rule(
            "A foreign key between tenants' tables is a pair with tenant_id",
            breach: """
                CREATE UNIQUE INDEX i ON cygni.projects (id);
                ALTER TABLE cygni.projects ADD UNIQUE USING INDEX i;
                ALTER TABLE cygni.domains ADD FOREIGN KEY (project_id) REFERENCES cygni.projects (id)
                """,
            faults: """
                SELECT k.conrelid::regclass || ' ' || k.conname AS fault FROM pg_constraint AS k
                JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attname = 'tenant_id'
                JOIN pg_attribute AS b ON b.attrelid = k.confrelid AND b.attname = 'tenant_id'
                WHERE k.contype = 'f' AND k.connamespace::regnamespace::text LIKE 'cygni%'
                    AND (k.conkey[1] <> a.attnum OR k.confkey[1] <> b.attnum)
                """
        ),
        Rule(
            "A view reads with the rights of who asks",
            breach: "CREATE VIEW cygni.v AS SELECT 1",
            faults: """
                SELECT oid::regclass::text AS fault FROM pg_class
                WHERE relnamespace::regnamespace::text LIKE 'cygni%' AND relkind = 'v'
                    AND NOT coalesce(reloptions, '{}') && ARRAY['security_invoker=true', 'security_invoker=on']
                """
        ),
        Rule(
            "What has no policies, a view or a materialized view, lies where cygni_app cannot name it",
            breach: "CREATE MATERIALIZED VIEW cygni.m AS SELECT 1; GRANT SELECT ON cygni.m TO cygni_app",
            faults: """
                SELECT oid::regclass::text AS fault FROM pg_class
                WHERE relnamespace::regnamespace::text LIKE 'cygni%' AND relkind IN ('m', 'f')
                    AND has_schema_privilege('cygni_app', relnamespace, 'USAGE')
                """
        ),
        Rule(
            "PUBLIC may execute nothing, read nothing, enter nowhere",
            breach: "GRANT SELECT ON cygni.projects TO PUBLIC",
            faults: """
                SELECT p.oid::regprocedure::text AS fault
                FROM pg_proc AS p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS acl
                WHERE p.pronamespace::regnamespace::text LIKE 'cygni%' AND acl.grantee = 0
                UNION ALL
                SELECT c.oid::regclass::text FROM pg_class AS c, aclexplode(c.relacl) AS acl
                WHERE c.relnamespace::regnamespace::text LIKE 'cygni%' AND acl.grantee = 0
                UNION ALL
                SELECT n.nspname::text FROM pg_namespace AS n, aclexplode(n.nspacl) AS acl
                WHERE n.nspname LIKE 'cygni%' AND acl.grantee = 0
                """
        ),
        Rule(
            "A function is executable by PUBLIC only where somebody says so",
            breach: "SET ROLE cygni_owner; CREATE FUNCTION cygni_private.f() RETURNS int LANGUAGE sql RETURN 1;"
                + "GRANT EXECUTE ON FUNCTION cygni_private.f() TO PUBLIC",
            faults: """
                SELECT oid::regprocedure::text AS fault FROM pg_proc
                WHERE pronamespace::regnamespace::text LIKE 'cygni%' AND has_function_privilege('public', oid, 'EXECUTE')
                """
        ),
        Rule(
            "A function that runs with its owner's rights pins its search_path, pg_temp last",
            breach: """
                SET ROLE cygni_owner;
                CREATE FUNCTION cygni.f() RETURNS int LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN RETURN 1; END'
                """,
            faults: """
                SELECT oid::regprocedure::text AS fault FROM pg_proc
                WHERE pronamespace::regnamespace::text LIKE 'cygni%' AND prosecdef
                    AND NOT EXISTS (SELECT FROM unnest(proconfig) AS setting
                        WHERE setting LIKE 'search_path=%pg\\_temp')
                """
        ),
        Rule(
            "The roles cannot step around policies, and cygni_app and cygni_jobs are members of nothing",
            // A role belongs to the whole cluster, so the breach must not outlive its transaction's database: a view.
            breach: """
                CREATE SCHEMA shadow;
                CREATE VIEW shadow.pg_roles AS
                    SELECT 'cygni_app' AS rolname, true AS rolsuper, false AS rolbypassrls, false AS rolcreatedb,
                        false AS rolcreaterole, false AS rolreplication;
                DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = shadow, pg_catalog', current_database()); END $$
                """,
            faults: """
                SELECT rolname::text AS fault FROM pg_roles
                WHERE rolname LIKE 'cygni%'
                    AND (rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole OR rolreplication)
                UNION ALL
                SELECT member::regrole::text FROM pg_auth_members
                WHERE member::regrole::text IN ('cygni_app', 'cygni_jobs')
                """
        ),
        Rule(
            "cygni_app has no right on a partition, nor TRUNCATE, REFERENCES or TRIGGER anywhere",
            breach: "GRANT SELECT ON cygni.log_lines_p20261122 TO cygni_app",
            faults: """
                SELECT c.oid::regclass || ' ' || acl.privilege_type AS fault
                FROM pg_class AS c, aclexplode(c.relacl) AS acl
                WHERE acl.grantee = 'cygni_app'::regrole
                    AND (c.relispartition OR acl.privilege_type IN ('TRUNCATE', 'REFERENCES', 'TRIGGER'))
                """
        ),
        Rule(
            "cygni_app enters schema cygni alone, and makes nothing anywhere",
            breach: "GRANT USAGE ON SCHEMA cygni_rollup TO cygni_app",
            faults: """
                SELECT nspname::text AS fault FROM pg_namespace
                WHERE has_schema_privilege('cygni_app', oid, 'CREATE') AND nspname NOT LIKE 'pg_temp%'
                    OR nspname LIKE 'cygni\\__%' AND has_schema_privilege('cygni_app', oid, 'USAGE')
                """
        ),
        Rule(
            "Nobody but the owner may change the audit log",
            breach: "GRANT INSERT ON cygni.audit_log TO cygni_jobs",
            faults: """
                SELECT acl.grantee::regrole || ' ' || acl.privilege_type AS fault
                FROM pg_class AS c, aclexplode(c.relacl) AS acl
                WHERE c.oid IN ('cygni.audit_log'::regclass, 'cygni_private.audit_heads'::regclass)
                    AND acl.grantee <> c.relowner AND acl.privilege_type <> 'SELECT'
                """
        ),
        Rule(
            "No table has a DEFAULT partition, but for the days of one",
            breach: "CREATE TABLE cygni.d PARTITION OF cygni.log_lines DEFAULT",
            faults:
                "SELECT partrelid::regclass::text AS fault FROM pg_partitioned_table JOIN pg_class ON oid = partrelid WHERE partdefid <> 0 AND NOT relispartition"
        ),
        Rule(
            "Everything in schema cygni belongs to cygni_owner",
            breach: "CREATE TABLE cygni.t ()",
            faults: """
                SELECT oid::regclass::text AS fault FROM pg_class
                WHERE relnamespace = 'cygni'::regnamespace AND relowner <> 'cygni_owner'::regrole
                UNION ALL
                SELECT oid::regprocedure::text FROM pg_proc
                WHERE pronamespace = 'cygni'::regnamespace AND proowner <> 'cygni_owner'::regrole
                """
        ),
        Rule(
            "Every table, column and function of schema cygni is described",
            breach: "ALTER TABLE cygni.projects ADD COLUMN undescribed int",
            faults: """
                SELECT c.oid::regclass || '.' || a.attname AS fault
                FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                WHERE c.relnamespace = 'cygni'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
                    AND col_description(c.oid, a.attnum) IS NULL
                UNION ALL
                SELECT oid::regclass::text FROM pg_class
                WHERE relnamespace = 'cygni'::regnamespace AND relkind IN ('r', 'p', 'v') AND NOT relispartition
                    AND obj_description(oid, 'pg_class') IS NULL
                UNION ALL
                SELECT oid::regprocedure::text FROM pg_proc
                WHERE pronamespace = 'cygni'::regnamespace AND obj_description(oid, 'pg_proc') IS NULL
                """
        ),
    ]
}
