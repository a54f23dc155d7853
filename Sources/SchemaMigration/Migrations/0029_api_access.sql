-- Who may use the API: roles of a tenant's own, keys of machines, refresh tokens, sign-in links; and the
-- requests whose effect must come only once.
--
-- What lets somebody in is kept as a SHA-256 of 256 random bits, never as itself. cygni_app sees none of these tables:
-- who asks is found out before the tenant is known.
--
-- lint:ignore table-without-primary-key: what belongs to the platform has no tenant, and a primary key takes no NULL

-- migrate:up
CREATE TABLE cygni.api_roles (
    tenant_id uuid NOT NULL REFERENCES cygni.tenants (id),
    name text NOT NULL CHECK (
        name ~ '^[a-z][a-z0-9-]{0,31}$' AND name NOT IN ('owner', 'admin', 'developer', 'viewer', 'operator')),
    permissions text[] NOT NULL CHECK (cardinality(permissions) <= 100 AND array_position(permissions, NULL) IS NULL),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, name)
);
COMMENT ON TABLE cygni.api_roles IS 'Roles that a tenant made of permissions, beside the built-in ones.';
COMMENT ON COLUMN cygni.api_roles.tenant_id IS 'Whose role it is.';
COMMENT ON COLUMN cygni.api_roles.name IS 'Its name, unique within the tenant, none of the built-in ones.';
COMMENT ON COLUMN cygni.api_roles.permissions IS 'As in deployments:read; what the server does not know allows nothing.';
COMMENT ON COLUMN cygni.api_roles.created_at IS 'When the row was made.';

CREATE TABLE cygni.api_keys (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    tenant_id uuid REFERENCES cygni.tenants (id),
    name text NOT NULL CHECK (name ~ '^[^[:cntrl:]]{1,100}$'),
    hint text NOT NULL,
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    role text NOT NULL CHECK (role ~ '^[a-z][a-z0-9-]{0,31}$'),
    scopes text[],
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL CHECK (created_by <> ''),
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz,
    revoked_by text,
    UNIQUE NULLS NOT DISTINCT (tenant_id, id),
    CONSTRAINT api_keys_revoked CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);
CREATE INDEX api_keys_hash ON cygni.api_keys (hash);
CREATE INDEX api_keys_id ON cygni.api_keys (id);
COMMENT ON TABLE cygni.api_keys IS 'Keys that machines send with each request.';
COMMENT ON COLUMN cygni.api_keys.id IS 'Its own; the audit log names the key by it.';
COMMENT ON COLUMN cygni.api_keys.tenant_id IS 'Whom it acts for; NULL: the platform itself.';
COMMENT ON COLUMN cygni.api_keys.name IS 'What its maker calls it.';
COMMENT ON COLUMN cygni.api_keys.hint IS 'How it begins, by which people tell keys apart.';
COMMENT ON COLUMN cygni.api_keys.hash IS 'SHA-256 of the key.';
COMMENT ON COLUMN cygni.api_keys.role IS 'What it may do at most.';
COMMENT ON COLUMN cygni.api_keys.scopes IS 'The permissions of the role that it has; NULL: all of them.';
COMMENT ON COLUMN cygni.api_keys.created_at IS 'When it was made.';
COMMENT ON COLUMN cygni.api_keys.created_by IS 'Who made it.';
COMMENT ON COLUMN cygni.api_keys.expires_at IS 'When it ends by itself; NULL: never.';
COMMENT ON COLUMN cygni.api_keys.last_used_at IS 'When it last let somebody in, to the minute or so.';
COMMENT ON COLUMN cygni.api_keys.revoked_at IS 'When it was taken back; NULL: it was not.';
COMMENT ON COLUMN cygni.api_keys.revoked_by IS 'Who took it back.';

CREATE TABLE cygni.refresh_tokens (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    family uuid NOT NULL,
    parent uuid,
    tenant_id uuid REFERENCES cygni.tenants (id),
    subject text NOT NULL CHECK (subject <> ''),
    role text NOT NULL CHECK (role ~ '^[a-z][a-z0-9-]{0,31}$'),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    rotated_at timestamptz,
    ended_at timestamptz,
    ended_because text,
    UNIQUE NULLS NOT DISTINCT (tenant_id, id),
    CONSTRAINT refresh_tokens_ended CHECK ((ended_at IS NULL) = (ended_because IS NULL))
);
CREATE INDEX refresh_tokens_family ON cygni.refresh_tokens (family);
CREATE INDEX refresh_tokens_hash ON cygni.refresh_tokens (hash);
COMMENT ON TABLE cygni.refresh_tokens IS 'What access tokens are renewed with; each is used once (RFC 9700, 4.14.2).';
COMMENT ON COLUMN cygni.refresh_tokens.id IS 'Its own.';
COMMENT ON COLUMN cygni.refresh_tokens.family IS 'The sign-in that it descends from; the whole of it ends at once.';
COMMENT ON COLUMN cygni.refresh_tokens.parent IS 'The token it came from; NULL: the first of its family.';
COMMENT ON COLUMN cygni.refresh_tokens.tenant_id IS 'Whom it acts for; NULL: the platform itself.';
COMMENT ON COLUMN cygni.refresh_tokens.subject IS 'Who signed in.';
COMMENT ON COLUMN cygni.refresh_tokens.role IS 'The role of its access tokens.';
COMMENT ON COLUMN cygni.refresh_tokens.hash IS 'SHA-256 of the token.';
COMMENT ON COLUMN cygni.refresh_tokens.created_at IS 'When it was given out.';
COMMENT ON COLUMN cygni.refresh_tokens.expires_at IS 'When the family ends, however often it is renewed.';
COMMENT ON COLUMN cygni.refresh_tokens.rotated_at IS 'When it was used; NULL: it is the live one of its family.';
COMMENT ON COLUMN cygni.refresh_tokens.ended_at IS 'When it stopped being of use before its time.';
COMMENT ON COLUMN cygni.refresh_tokens.ended_because IS 'signed out, or reused: somebody used a token twice.';

CREATE TABLE cygni.sign_in_links (
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    tenant_id uuid REFERENCES cygni.tenants (id),
    subject text NOT NULL CHECK (subject <> ''),
    role text NOT NULL CHECK (role ~ '^[a-z][a-z0-9-]{0,31}$'),
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL CHECK (created_by <> ''),
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    UNIQUE NULLS NOT DISTINCT (tenant_id, hash)
);
CREATE INDEX sign_in_links_hash ON cygni.sign_in_links (hash);
COMMENT ON TABLE cygni.sign_in_links IS 'Links that let their holder in, once.';
COMMENT ON COLUMN cygni.sign_in_links.hash IS 'SHA-256 of what the link carries.';
COMMENT ON COLUMN cygni.sign_in_links.tenant_id IS 'Whom it acts for; NULL: the platform itself.';
COMMENT ON COLUMN cygni.sign_in_links.subject IS 'Who it is for.';
COMMENT ON COLUMN cygni.sign_in_links.role IS 'The role of the tokens it is exchanged for.';
COMMENT ON COLUMN cygni.sign_in_links.created_at IS 'When it was made.';
COMMENT ON COLUMN cygni.sign_in_links.created_by IS 'Who made it.';
COMMENT ON COLUMN cygni.sign_in_links.expires_at IS 'Until when it may be used.';
COMMENT ON COLUMN cygni.sign_in_links.used_at IS 'When it was used; NULL: it was not.';

CREATE TABLE cygni.idempotent_requests (
    tenant_id uuid NOT NULL REFERENCES cygni.tenants (id),
    key text NOT NULL CHECK (key ~ '^[!-~]{1,255}$'),
    fingerprint bytea NOT NULL CHECK (octet_length(fingerprint) = 32),
    status integer NOT NULL CHECK (status BETWEEN 200 AND 499),
    headers jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(headers) = 'object'),
    body text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, key)
);
CREATE INDEX idempotent_requests_age ON cygni.idempotent_requests (created_at);
COMMENT ON TABLE cygni.idempotent_requests IS
    'Answers to requests with an Idempotency-Key, written with their effect: a second request gets the same answer.';
COMMENT ON COLUMN cygni.idempotent_requests.tenant_id IS 'Whose request it was.';
COMMENT ON COLUMN cygni.idempotent_requests.key IS 'The key that the client chose.';
COMMENT ON COLUMN cygni.idempotent_requests.fingerprint IS 'SHA-256 of method, path and body: the same key means the same request.';
COMMENT ON COLUMN cygni.idempotent_requests.status IS 'The status that was answered.';
COMMENT ON COLUMN cygni.idempotent_requests.headers IS 'The headers that belong to the answer.';
COMMENT ON COLUMN cygni.idempotent_requests.body IS 'The body that was answered.';
COMMENT ON COLUMN cygni.idempotent_requests.created_at IS 'When it was answered.';

ALTER TABLE cygni.api_roles ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY platform_all ON cygni.api_roles TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON cygni.api_roles TO cygni_jobs;

ALTER TABLE cygni.api_keys ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY platform_all ON cygni.api_keys TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON cygni.api_keys TO cygni_jobs;

ALTER TABLE cygni.refresh_tokens ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY platform_all ON cygni.refresh_tokens TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON cygni.refresh_tokens TO cygni_jobs;

ALTER TABLE cygni.sign_in_links ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY platform_all ON cygni.sign_in_links TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON cygni.sign_in_links TO cygni_jobs;

ALTER TABLE cygni.idempotent_requests ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON cygni.idempotent_requests TO cygni_app
    USING (tenant_id = (SELECT cygni.current_tenant())) WITH CHECK (tenant_id = (SELECT cygni.current_tenant()));
CREATE POLICY platform_all ON cygni.idempotent_requests TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON cygni.idempotent_requests TO cygni_app;
GRANT SELECT, INSERT, DELETE ON cygni.idempotent_requests TO cygni_jobs;

-- The API restores previews.
GRANT DELETE ON cygni.preview_ends TO cygni_app;

-- What a list of deployments is paged by.
-- lint:ignore create-index-blocking: deployments grow by one a push; without a transaction this could be left invalid
CREATE INDEX deployments_listed ON cygni.deployments (tenant_id, created_at DESC, id DESC);

-- What a list of runs is paged by.
-- lint:ignore create-index-blocking: job_runs grows by a row a run; no job reads it while it works
CREATE INDEX job_runs_listed ON cygni.job_runs (started_at DESC, id DESC);

-- migrate:down
-- lint:ignore drop-index-blocking: as on the way up
DROP INDEX cygni.job_runs_listed;
-- lint:ignore drop-index-blocking: as on the way up
DROP INDEX cygni.deployments_listed;
REVOKE DELETE ON cygni.preview_ends FROM cygni_app;
DROP TABLE cygni.idempotent_requests;
DROP TABLE cygni.sign_in_links;
DROP TABLE cygni.refresh_tokens;
DROP TABLE cygni.api_keys;
DROP TABLE cygni.api_roles;
