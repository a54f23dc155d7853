-- Tenants and their projects, and the shape that every later table follows.
--
-- The shape of a tenant's table:
--   * tenant_id leads every unique key, and a foreign key is a pair (tenant_id, id). A unique or foreign key check sees
--     the rows of all tenants, whatever row-level security says; with the tenant in front, its answer depends on the
--     asking tenant's own rows alone, so nobody can probe for what others have.
--   * Hence the primary key (tenant_id, id), and a plain index on id for the jobs, which look rows up by id.
--   * ENABLE and FORCE ROW LEVEL SECURITY, so that even the owner reads through a policy. tenant_isolation binds
--     cygni_app to one tenant; platform_all opens all rows to the owner (whose rights foreign key checks use) and to
--     the jobs. A role in neither policy sees nothing.
--   * cygni_app never has TRUNCATE, which no policy guards.
--
-- COPY ... FROM refuses a table with row-level security; load through a temporary table and INSERT ... SELECT.

-- migrate:up

-- The setting is unset in a new session and '' after SET LOCAL has passed; a client may put anything there. All but
-- the canonical form of a uuid answers NULL, with which every comparison fails: no tenant, and no error that would
-- tell a malformed setting from a foreign one. A body in standard SQL is bound to its operators here and now, so no
-- search_path of a caller can bend it, and it is inlined into the queries that use it.
CREATE FUNCTION cygni.current_tenant() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE
    WHEN current_setting('cygni.tenant_id', true)
        ~ '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$'
        THEN CAST(current_setting('cygni.tenant_id', true) AS uuid)
END;
COMMENT ON FUNCTION cygni.current_tenant() IS
    'The tenant of this transaction: setting cygni.tenant_id, or NULL (no tenant, no rows) when unset or malformed.';
REVOKE ALL ON FUNCTION cygni.current_tenant() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cygni.current_tenant() TO cygni_jobs, cygni_app;

CREATE TABLE cygni.tenants (
    id uuid NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
    slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$'),
    -- Which plans there are is configuration (limits, retention classes), so only the form is held here.
    plan text NOT NULL DEFAULT 'free' CHECK (plan ~ '^[a-z][a-z0-9_-]{0,62}$'),
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE cygni.tenants IS 'The customers of the platform. cygni_app reads its own row and writes none.';
COMMENT ON COLUMN cygni.tenants.id IS 'What tenant_id means in every other table.';
COMMENT ON COLUMN cygni.tenants.slug IS 'Short name for URLs and reports; unique over the platform.';
COMMENT ON COLUMN cygni.tenants.plan IS 'Name of the plan; the settings say what it allows.';
COMMENT ON COLUMN cygni.tenants.created_at IS 'When the row was made.';

CREATE TABLE cygni.projects (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    tenant_id uuid NOT NULL REFERENCES cygni.tenants (id),
    slug text NOT NULL CHECK (slug ~ '^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$'),
    repository text CHECK (repository ~ '^[a-z]+:[^/[:space:]]+(/[^/[:space:]]+)+$'),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, slug)
);
CREATE INDEX projects_id ON cygni.projects (id);
COMMENT ON TABLE cygni.projects IS 'What a tenant deploys.';
COMMENT ON COLUMN cygni.projects.id IS 'Random, so it is unique in practice; the key is (tenant_id, id).';
COMMENT ON COLUMN cygni.projects.tenant_id IS 'Whose project it is.';
COMMENT ON COLUMN cygni.projects.slug IS 'Short name, unique within the tenant.';
COMMENT ON COLUMN cygni.projects.repository IS
    'Where its code lives, forge:owner/name, as in github:acme/shop. NULL: not connected.';
COMMENT ON COLUMN cygni.projects.created_at IS 'When the row was made.';

ALTER TABLE cygni.tenants ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON cygni.tenants TO cygni_app
    USING (id = (SELECT cygni.current_tenant())) WITH CHECK (id = (SELECT cygni.current_tenant()));
CREATE POLICY platform_all ON cygni.tenants TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true);
-- Not to be written by cygni_app: its slug is unique over all tenants, and a refused one would tell on the others.
GRANT SELECT ON cygni.tenants TO cygni_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON cygni.tenants TO cygni_jobs;

ALTER TABLE cygni.projects ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON cygni.projects TO cygni_app
    USING (tenant_id = (SELECT cygni.current_tenant())) WITH CHECK (tenant_id = (SELECT cygni.current_tenant()));
CREATE POLICY platform_all ON cygni.projects TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON cygni.projects TO cygni_app, cygni_jobs;

-- migrate:down
DROP TABLE cygni.projects;
DROP TABLE cygni.tenants;
DROP FUNCTION cygni.current_tenant();
