import CygniPostgres
import CygniTestSupport
import SchemaMigration

/// A platform with two tenants who have a row in every table of theirs, the one to be protected and the one who asks.
enum TwoTenants {
    /// Whose rows nobody else may see or touch. Both its names stand in every row of its own.
    static let victim = "aaaaaaaa-1111-4111-8111-111111111111"
    static let victimMark = "victim-mark"
    static let other = "bbbbbbbb-2222-4222-8222-222222222222"
    static let otherMark = "other-mark"
    static let day = "2026-11-22"

    /// Built once; each test works on a copy.
    static let template = DatabaseTemplate("two tenants") { database in
        try await PlatformMigrations.apply(to: database.options())
        let jobs = try await database.connect(role: "cygni_jobs")
        try await jobs.access { session in
            try session.script(
                """
                SELECT cygni.ensure_partitions('metric_samples', '\(day)', '\(day)');
                SELECT cygni.ensure_partitions('log_lines', '\(day)', '\(day)');
                """,
                name: "partitions"
            )
            for (tenant, mark) in [(victim, victimMark), (other, otherMark)] {
                try session.script(rows(of: tenant, mark), name: "rows of \(mark)")
            }
            try session.script(platformRows, name: "rows of the platform")
            // Roll-ups of both, for the views and what lies behind them.
            try session.script(
                "SELECT cygni_rollup.build_day('\(day)', '{}', 1000); SELECT cygni_rollup.publish() FROM generate_series(1, 3)",
                name: "roll-ups"
            )
        }
        // Statistics hold values too; pg_stats must not give them away.
        try await database.execute("ANALYZE")
    }

    private static func rows(of tenant: String, _ mark: String) -> String {
        """
        INSERT INTO cygni.tenants (id, slug, plan) VALUES ('\(tenant)', '\(mark)', 'pro');
        INSERT INTO cygni.projects (id, tenant_id, slug, repository)
            VALUES ('\(tenant)', '\(tenant)', '\(mark)', 'github:x/\(mark)');
        INSERT INTO cygni.deployments
            (id, tenant_id, project_id, kind, branch, pull_request, commit_sha, state, runtime_ref, artifact_prefix)
            VALUES ('\(tenant)', '\(tenant)', '\(tenant)', 'preview', '\(mark)', 7, 'c0ffee', 'ready', '\(mark)', '\(mark)');
        INSERT INTO cygni.preview_ends (tenant_id, deployment_id, rule) VALUES ('\(tenant)', '\(tenant)', 'ttl');
        INSERT INTO cygni.preview_belongings (tenant_id, deployment_id, class, name)
            VALUES ('\(tenant)', '\(tenant)', 'route', '\(mark)');
        INSERT INTO cygni.domains (id, tenant_id, project_id, name)
            VALUES ('\(tenant)', '\(tenant)', '\(tenant)', '\(mark).example.test');
        INSERT INTO cygni.certificates (id, tenant_id, domain_names) VALUES ('\(tenant)', '\(tenant)', '{\(mark)}');
        INSERT INTO cygni.metric_samples
            SELECT '\(day) 12:00+00', '\(tenant)', '\(tenant)', '\(mark)', n FROM generate_series(1, 200) AS n;
        INSERT INTO cygni.log_lines
            SELECT '\(day) 12:00+00', '\(tenant)', '\(tenant)', '\(tenant)', 'info', '\(mark)', '{}'
            FROM generate_series(1, 200);
        INSERT INTO cygni.api_roles (tenant_id, name, permissions) VALUES ('\(tenant)', '\(mark)', '{deployments:read}');
        INSERT INTO cygni.api_keys (tenant_id, name, hint, hash, role, created_by)
            VALUES ('\(tenant)', '\(mark)', 'cyg_', sha256('key \(mark)'), 'viewer', '\(mark)');
        INSERT INTO cygni.refresh_tokens (id, family, tenant_id, subject, role, hash, expires_at)
            VALUES ('\(tenant)', '\(tenant)', '\(tenant)', '\(mark)', 'viewer', sha256('refresh \(mark)'), 'infinity');
        INSERT INTO cygni.sign_in_links (hash, tenant_id, subject, role, created_by, expires_at)
            VALUES (sha256('link \(mark)'), '\(tenant)', '\(mark)', 'viewer', '\(mark)', 'infinity');
        INSERT INTO cygni.idempotent_requests (tenant_id, key, fingerprint, status, body)
            VALUES ('\(tenant)', '\(mark)', sha256('\(mark)'), 200, '\(mark)');
        INSERT INTO cygni.legal_holds (id, tenant_id, reason) VALUES ('\(tenant)', '\(tenant)', '\(mark)');
        SELECT cygni.audit_append('\(tenant)', 'user:\(mark)', '\(mark)', '\(mark)');
        """
    }

    private static let platformRows = """
        INSERT INTO cygni.certificates (domain_names) VALUES ('{platform-mark}');
        INSERT INTO cygni.archives (source, object_key) VALUES ('platform-mark', 'platform-mark');
        INSERT INTO cygni.job_runs (job, error) VALUES ('log-archive', 'platform-mark');
        INSERT INTO cygni.job_fences (job) VALUES ('platform-mark');
        SELECT cygni.audit_append(NULL, 'platform-mark', 'platform-mark');
        """
}
