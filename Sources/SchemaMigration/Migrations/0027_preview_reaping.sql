-- What reaping previews keeps: who is protected, what a preview owns, ends that were seen, things without a row, plans that
-- wait for a person.

-- migrate:up
ALTER TABLE cygni.deployments
    ADD COLUMN protected boolean NOT NULL DEFAULT false,
    ADD COLUMN aliases text[] NOT NULL DEFAULT '{}',
    ADD COLUMN state_before text,
    ADD COLUMN reaping_since timestamptz,
    ADD COLUMN restore_until timestamptz,
    ADD COLUMN reap_rule text,
    ADD COLUMN reap_begun_at timestamptz,
    ADD COLUMN reap_objects jsonb,
    ADD COLUMN reaped_at timestamptz,
    ADD COLUMN reaped jsonb;
-- A run reads the living, project by project.
-- lint:ignore create-index-blocking: a row a deployment; built in milliseconds
CREATE INDEX deployments_live_previews ON cygni.deployments (tenant_id, project_id, created_at, id)
    WHERE kind = 'preview' AND state <> 'reaped';
COMMENT ON COLUMN cygni.deployments.protected IS 'Kept by the platform: no job removes it.';
COMMENT ON COLUMN cygni.deployments.aliases IS 'Names that lead to it; while there is one, no job removes it.';
COMMENT ON COLUMN cygni.deployments.state_before IS 'The state it was in before reaping: a restore goes back to it.';
COMMENT ON COLUMN cygni.deployments.reaping_since IS 'When it was marked to go.';
COMMENT ON COLUMN cygni.deployments.restore_until IS 'Until when it can be restored; nothing of it is deleted before.';
COMMENT ON COLUMN cygni.deployments.reap_rule IS 'The rule by which it goes.';
COMMENT ON COLUMN cygni.deployments.reap_begun_at IS 'When deleting began; from then on it cannot be restored.';
COMMENT ON COLUMN cygni.deployments.reap_objects IS 'What runs began to delete in engines, until it is proven gone.';
COMMENT ON COLUMN cygni.deployments.reaped_at IS 'When the last of it was proven gone.';
COMMENT ON COLUMN cygni.deployments.reaped IS 'The receipt: what was deleted, bytes, duration; also in the audit log.';

CREATE TABLE cygni.preview_ends (
    tenant_id uuid NOT NULL,
    deployment_id uuid NOT NULL,
    rule text NOT NULL CHECK (rule ~ '^[a-z][a-z_]{0,62}$'),
    first_seen_at timestamptz,
    last_seen_at timestamptz,
    noticed_at timestamptz,
    PRIMARY KEY (tenant_id, deployment_id),
    FOREIGN KEY (tenant_id, deployment_id) REFERENCES cygni.deployments (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE cygni.preview_ends IS 'Previews whose end was seen, or is near; a row goes when that no longer holds.';
COMMENT ON COLUMN cygni.preview_ends.tenant_id IS 'Whose preview it is.';
COMMENT ON COLUMN cygni.preview_ends.deployment_id IS 'The preview.';
COMMENT ON COLUMN cygni.preview_ends.rule IS 'The rule by which it ends.';
COMMENT ON COLUMN cygni.preview_ends.first_seen_at IS 'When its end was first seen; NULL: it is only near.';
COMMENT ON COLUMN cygni.preview_ends.last_seen_at IS 'When it was seen last.';
COMMENT ON COLUMN cygni.preview_ends.noticed_at IS 'When somebody was told; NULL: nobody yet.';

CREATE TABLE cygni.preview_belongings (
    tenant_id uuid NOT NULL,
    deployment_id uuid NOT NULL,
    class text NOT NULL CHECK (class IN ('dns', 'route', 'database', 'schema')),
    name text NOT NULL CHECK (name <> ''),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, deployment_id, class, name),
    FOREIGN KEY (tenant_id, deployment_id) REFERENCES cygni.deployments (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE cygni.preview_belongings IS
    'What a preview owns outside the container engine and the object store; whoever makes it writes a row first.';
COMMENT ON COLUMN cygni.preview_belongings.tenant_id IS 'Whose preview it is.';
COMMENT ON COLUMN cygni.preview_belongings.deployment_id IS 'The preview.';
COMMENT ON COLUMN cygni.preview_belongings.class IS 'dns, route, database or schema.';
COMMENT ON COLUMN cygni.preview_belongings.name IS 'A domain name, the name of a route, of a database or of a schema.';
COMMENT ON COLUMN cygni.preview_belongings.created_at IS 'When it was written down.';

CREATE TABLE cygni.preview_orphans (
    engine text NOT NULL,
    class text NOT NULL,
    ref text NOT NULL,
    name text NOT NULL,
    deployment text NOT NULL,
    first_seen_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    PRIMARY KEY (engine, class, ref)
);
COMMENT ON TABLE cygni.preview_orphans IS 'Things in an engine with our labels and no preview behind them.';
COMMENT ON COLUMN cygni.preview_orphans.engine IS 'The engine''s name in the settings.';
COMMENT ON COLUMN cygni.preview_orphans.class IS 'container, network, volume, image, or a Kubernetes kind.';
COMMENT ON COLUMN cygni.preview_orphans.ref IS 'What the engine calls it.';
COMMENT ON COLUMN cygni.preview_orphans.name IS 'Its name.';
COMMENT ON COLUMN cygni.preview_orphans.deployment IS 'The deployment that its label names.';
COMMENT ON COLUMN cygni.preview_orphans.first_seen_at IS 'When it was first seen.';
COMMENT ON COLUMN cygni.preview_orphans.last_seen_at IS 'When it was seen last.';

CREATE TABLE cygni.forge_answers (
    url text NOT NULL PRIMARY KEY,
    etag text NOT NULL,
    facts jsonb NOT NULL,
    next text,
    at timestamptz NOT NULL
);
COMMENT ON TABLE cygni.forge_answers IS 'What forges answered, to ask only whether it changed.';
COMMENT ON COLUMN cygni.forge_answers.url IS 'What was asked.';
COMMENT ON COLUMN cygni.forge_answers.etag IS 'The answer''s entity tag (RFC 9110, 8.8.3).';
COMMENT ON COLUMN cygni.forge_answers.facts IS 'What was read from it.';
COMMENT ON COLUMN cygni.forge_answers.next IS 'The page after it; NULL: it was the last.';
COMMENT ON COLUMN cygni.forge_answers.at IS 'When it was last used.';

CREATE TABLE cygni.held_plans (
    job text NOT NULL CHECK (job ~ '^[a-z][a-z0-9_-]{0,62}$'),
    hash text NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$'),
    items jsonb NOT NULL CHECK (jsonb_typeof(items) = 'array'),
    reason text NOT NULL,
    run_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    approved_at timestamptz,
    PRIMARY KEY (job, hash)
);
COMMENT ON TABLE cygni.held_plans IS 'Plans that a brake stopped; each is approved by its hash.';
COMMENT ON COLUMN cygni.held_plans.job IS 'Whose plan it is.';
COMMENT ON COLUMN cygni.held_plans.hash IS 'SHA-256 of its items.';
COMMENT ON COLUMN cygni.held_plans.items IS 'What is to go, each with a fingerprint of how it stood.';
COMMENT ON COLUMN cygni.held_plans.reason IS 'Why the brake stopped it.';
COMMENT ON COLUMN cygni.held_plans.run_id IS 'The run that was stopped.';
COMMENT ON COLUMN cygni.held_plans.created_at IS 'When it was stopped.';
COMMENT ON COLUMN cygni.held_plans.approved_at IS 'When a run began to carry it out.';

-- lint:ignore backfill-with-ddl: the plans of a day, a few rows
INSERT INTO cygni.held_plans (job, hash, items, reason, run_id, created_at, approved_at)
SELECT 'retention-purge', hash, items, reason, run_id, created_at, approved_at FROM cygni.retention_plans;
COMMENT ON TABLE cygni.retention_plans IS 'Where the purge kept its plans before held_plans; goes once nothing of before runs any more.';

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['preview_ends', 'preview_belongings', 'preview_orphans', 'forge_answers', 'held_plans'] LOOP
        EXECUTE format('ALTER TABLE cygni.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY platform_all ON cygni.%I TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true)', name);
    END LOOP;
END $$;
CREATE POLICY tenant_isolation ON cygni.preview_ends TO cygni_app
    USING (tenant_id = (SELECT cygni.current_tenant())) WITH CHECK (tenant_id = (SELECT cygni.current_tenant()));
CREATE POLICY tenant_isolation ON cygni.preview_belongings TO cygni_app
    USING (tenant_id = (SELECT cygni.current_tenant())) WITH CHECK (tenant_id = (SELECT cygni.current_tenant()));
GRANT SELECT ON cygni.preview_ends TO cygni_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON cygni.preview_belongings TO cygni_app;
GRANT SELECT, INSERT, UPDATE, DELETE
    ON cygni.preview_ends, cygni.preview_belongings, cygni.preview_orphans, cygni.forge_answers TO cygni_jobs;
GRANT SELECT, INSERT, UPDATE ON cygni.held_plans TO cygni_jobs;

-- migrate:down
COMMENT ON TABLE cygni.retention_plans IS 'Plans that the brake stopped; each is approved by its hash, once.';
DROP TABLE cygni.held_plans, cygni.forge_answers, cygni.preview_orphans, cygni.preview_belongings, cygni.preview_ends;
-- lint:ignore drop-index-blocking: a row a deployment
DROP INDEX cygni.deployments_live_previews;
ALTER TABLE cygni.deployments
    DROP COLUMN protected,
    DROP COLUMN aliases,
    DROP COLUMN state_before,
    DROP COLUMN reaping_since,
    DROP COLUMN restore_until,
    DROP COLUMN reap_rule,
    DROP COLUMN reap_begun_at,
    DROP COLUMN reap_objects,
    DROP COLUMN reaped_at,
    DROP COLUMN reaped;
