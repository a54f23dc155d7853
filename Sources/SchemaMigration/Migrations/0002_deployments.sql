-- What runs for a tenant and how it is reached: deployments, domains, certificates.
--
-- lint:ignore table-without-primary-key: a certificate of the platform has no tenant, and a primary key takes no NULL

-- migrate:up
CREATE TABLE cygni.deployments (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    tenant_id uuid NOT NULL,
    project_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('production', 'preview')),
    branch text CHECK (branch <> ''),
    pull_request integer CHECK (pull_request > 0),
    commit_sha text CHECK (commit_sha ~ '^[0-9A-Za-z._-]{1,64}$'),
    state text NOT NULL DEFAULT 'queued'
        CHECK (state IN ('queued', 'building', 'ready', 'failed', 'cancelled', 'reaping', 'reaped')),
    pinned boolean NOT NULL DEFAULT false,
    expires_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    ready_at timestamptz,
    last_active_at timestamptz,
    runtime_ref text CHECK (runtime_ref <> ''),
    -- An empty prefix would name the whole store, and a leading slash or a dot segment another tenant's corner of it.
    artifact_prefix text CHECK (artifact_prefix <> '' AND artifact_prefix !~ '(^/|//|(^|/)[.][.]?(/|$))'),
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, project_id) REFERENCES cygni.projects (tenant_id, id)
);
CREATE INDEX deployments_id ON cygni.deployments (id);
CREATE INDEX deployments_project ON cygni.deployments (tenant_id, project_id, created_at);
COMMENT ON TABLE cygni.deployments IS 'One build of a project and what became of it.';
COMMENT ON COLUMN cygni.deployments.id IS 'Random; the key is (tenant_id, id).';
COMMENT ON COLUMN cygni.deployments.tenant_id IS 'Whose deployment it is.';
COMMENT ON COLUMN cygni.deployments.project_id IS 'A project of the same tenant.';
COMMENT ON COLUMN cygni.deployments.kind IS
    'production or preview. Without a default: a preview may be removed by a job, so the writer says what it makes.';
COMMENT ON COLUMN cygni.deployments.branch IS 'Branch it was built from.';
COMMENT ON COLUMN cygni.deployments.pull_request IS 'Number of the pull request it previews; NULL: none.';
COMMENT ON COLUMN cygni.deployments.commit_sha IS 'Commit it was built from.';
COMMENT ON COLUMN cygni.deployments.state IS
    'queued, building, ready, failed, cancelled, reaping (being removed), reaped.';
COMMENT ON COLUMN cygni.deployments.pinned IS 'Kept by hand: no job removes it.';
COMMENT ON COLUMN cygni.deployments.expires_at IS 'When a preview may go; NULL: the settings decide.';
COMMENT ON COLUMN cygni.deployments.created_at IS 'When it was asked for.';
COMMENT ON COLUMN cygni.deployments.ready_at IS 'When it first served.';
COMMENT ON COLUMN cygni.deployments.last_active_at IS 'When it last served a request.';
COMMENT ON COLUMN cygni.deployments.runtime_ref IS 'What the container engine calls it.';
COMMENT ON COLUMN cygni.deployments.artifact_prefix IS 'Where its artifacts lie in the object store.';

CREATE TABLE cygni.domains (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    tenant_id uuid NOT NULL,
    project_id uuid NOT NULL,
    name text NOT NULL CHECK (name = lower(name) AND name ~ '^[^[:space:]/:@]{1,253}$' AND name !~ '[.]$'),
    state text NOT NULL DEFAULT 'pending'
        CHECK (state IN ('pending', 'verified', 'failing', 'quarantined', 'removed')),
    verification_token text NOT NULL DEFAULT replace(gen_random_uuid()::text, '-', '') CHECK (verification_token <> ''),
    verified_at timestamptz,
    next_check_at timestamptz DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, project_id) REFERENCES cygni.projects (tenant_id, id)
);
CREATE INDEX domains_id ON cygni.domains (id);
CREATE INDEX domains_project ON cygni.domains (tenant_id, project_id);
-- A name is unique within its tenant, not over the platform: anyone may claim a name, and a claim must neither block
-- its true holder nor tell that somebody else made it. Who holds it is what verification finds out. A removed claim
-- stays as history beside a new one.
CREATE UNIQUE INDEX domains_name ON cygni.domains (tenant_id, name) WHERE state <> 'removed';
CREATE INDEX domains_by_name ON cygni.domains (name);
COMMENT ON TABLE cygni.domains IS 'Names that tenants claim for their projects.';
COMMENT ON COLUMN cygni.domains.id IS 'Random; the key is (tenant_id, id).';
COMMENT ON COLUMN cygni.domains.tenant_id IS 'Who claims the name.';
COMMENT ON COLUMN cygni.domains.project_id IS 'The project it leads to, of the same tenant.';
COMMENT ON COLUMN cygni.domains.name IS 'Lower case, without the final dot; an international name as punycode.';
COMMENT ON COLUMN cygni.domains.state IS
    'pending, verified, failing (was verified), quarantined (taken out of service), removed.';
COMMENT ON COLUMN cygni.domains.verification_token IS
    'What the claimant puts into DNS to prove the claim; 122 random bits by default.';
COMMENT ON COLUMN cygni.domains.verified_at IS 'When the claim last held.';
COMMENT ON COLUMN cygni.domains.next_check_at IS 'When it is due to be checked; NULL: never by itself.';
COMMENT ON COLUMN cygni.domains.created_at IS 'When the claim was made.';

-- tenant_id is nullable: NULL is a certificate of the platform itself (its API, its wildcard for previews). Such rows
-- are shown to the owner and the jobs only, as NULL equals no tenant. A primary key cannot hold a NULL; a unique
-- constraint that treats NULLs as equal does the same work with the tenant in front.
CREATE TABLE cygni.certificates (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    tenant_id uuid REFERENCES cygni.tenants (id),
    domain_names text[] NOT NULL
        CHECK (cardinality(domain_names) > 0 AND array_position(domain_names, NULL) IS NULL),
    -- The states belong to the job that issues and renews, which comes later and may narrow this.
    state text NOT NULL DEFAULT 'pending' CHECK (state ~ '^[a-z][a-z_]{0,62}$'),
    not_before timestamptz,
    not_after timestamptz,
    chain_pem text CHECK (chain_pem !~ 'PRIVATE KEY'),
    issuer text,
    next_attempt_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE NULLS NOT DISTINCT (tenant_id, id),
    CHECK (not_after > not_before)
);
CREATE INDEX certificates_id ON cygni.certificates (id);
COMMENT ON TABLE cygni.certificates IS 'Certificates, wanted and issued. Chains only: private keys never come here.';
COMMENT ON COLUMN cygni.certificates.id IS 'Random; the key is (tenant_id, id).';
COMMENT ON COLUMN cygni.certificates.tenant_id IS
    'Whose names it covers; NULL: the platform''s own, hidden from cygni_app.';
COMMENT ON COLUMN cygni.certificates.domain_names IS 'The names it is for, the first one leading.';
COMMENT ON COLUMN cygni.certificates.state IS 'Where issuing or renewing stands.';
COMMENT ON COLUMN cygni.certificates.not_before IS 'From when it is valid; NULL: not issued yet.';
COMMENT ON COLUMN cygni.certificates.not_after IS 'Until when it is valid; NULL: not issued yet.';
COMMENT ON COLUMN cygni.certificates.chain_pem IS 'The certificate and its intermediates, PEM, leaf first.';
COMMENT ON COLUMN cygni.certificates.issuer IS 'Who signed it.';
COMMENT ON COLUMN cygni.certificates.next_attempt_at IS 'When the next order may be tried; NULL: the settings decide.';
COMMENT ON COLUMN cygni.certificates.created_at IS 'When the row was made.';

ALTER TABLE cygni.deployments ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON cygni.deployments TO cygni_app
    USING (tenant_id = (SELECT cygni.current_tenant())) WITH CHECK (tenant_id = (SELECT cygni.current_tenant()));
CREATE POLICY platform_all ON cygni.deployments TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON cygni.deployments TO cygni_app, cygni_jobs;

ALTER TABLE cygni.domains ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON cygni.domains TO cygni_app
    USING (tenant_id = (SELECT cygni.current_tenant())) WITH CHECK (tenant_id = (SELECT cygni.current_tenant()));
CREATE POLICY platform_all ON cygni.domains TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON cygni.domains TO cygni_app, cygni_jobs;

ALTER TABLE cygni.certificates ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON cygni.certificates TO cygni_app
    USING (tenant_id = (SELECT cygni.current_tenant())) WITH CHECK (tenant_id = (SELECT cygni.current_tenant()));
CREATE POLICY platform_all ON cygni.certificates TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true);
-- Only the jobs issue certificates; the API shows them.
GRANT SELECT ON cygni.certificates TO cygni_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON cygni.certificates TO cygni_jobs;

-- migrate:down
DROP TABLE cygni.certificates;
DROP TABLE cygni.domains;
DROP TABLE cygni.deployments;
