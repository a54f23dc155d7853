-- Sessions of the operator's page, and what its lists are read by.

-- migrate:up
CREATE TABLE cygni.page_sessions (
    id uuid NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
    hash bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
    subject text NOT NULL CHECK (subject <> ''),
    role text NOT NULL CHECK (role ~ '^[a-z][a-z0-9-]{0,31}$'),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    ended_because text,
    CONSTRAINT page_sessions_ended CHECK ((ended_at IS NULL) = (ended_because IS NULL))
);
CREATE INDEX page_sessions_age ON cygni.page_sessions (expires_at);
COMMENT ON TABLE cygni.page_sessions IS 'Who is signed in to the operator''s page. Its people are the platform''s own, so no row has a tenant.';
COMMENT ON COLUMN cygni.page_sessions.id IS 'Its own; the audit log names the session by it.';
COMMENT ON COLUMN cygni.page_sessions.hash IS 'SHA-256 of the cookie''s 256 random bits.';
COMMENT ON COLUMN cygni.page_sessions.subject IS 'Who signed in.';
COMMENT ON COLUMN cygni.page_sessions.role IS 'As what.';
COMMENT ON COLUMN cygni.page_sessions.created_at IS 'When they signed in.';
COMMENT ON COLUMN cygni.page_sessions.expires_at IS 'When it ends, however much it is used.';
COMMENT ON COLUMN cygni.page_sessions.seen_at IS 'When somebody last did something in it, to a tenth of the time it may be idle.';
COMMENT ON COLUMN cygni.page_sessions.ended_at IS 'When it was ended before its time.';
COMMENT ON COLUMN cygni.page_sessions.ended_because IS 'signed out, or replaced: somebody signed in again in the same browser.';

ALTER TABLE cygni.page_sessions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY platform_all ON cygni.page_sessions TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON cygni.page_sessions TO cygni_jobs;

-- The page lists what needs somebody first, over all tenants.
-- lint:ignore create-index-blocking: a row a domain; built in seconds for a million
CREATE INDEX domains_by_trouble ON cygni.domains (
    (CASE state WHEN 'failing' THEN 0 WHEN 'quarantined' THEN 1 WHEN 'pending' THEN 2 ELSE 3 END), name, id
) WHERE state <> 'removed';
-- lint:ignore create-index-blocking: the same for certificates
CREATE INDEX certificates_by_trouble ON cygni.certificates (
    (CASE WHEN state IN ('unserved', 'quarantined') OR failures > 0 THEN 0 WHEN state = 'pending' THEN 1 ELSE 2 END),
    (coalesce(not_after, 'epoch')), id
) WHERE state NOT IN ('retired', 'revoked');
-- lint:ignore create-index-blocking: the same for previews that are there
CREATE INDEX deployments_previews_listed ON cygni.deployments (created_at DESC, id DESC)
    WHERE kind = 'preview' AND state <> 'reaped';

-- migrate:down
-- lint:ignore drop-index-blocking: as on the way up
DROP INDEX cygni.deployments_previews_listed;
-- lint:ignore drop-index-blocking: as on the way up
DROP INDEX cygni.certificates_by_trouble;
-- lint:ignore drop-index-blocking: as on the way up
DROP INDEX cygni.domains_by_trouble;
DROP TABLE cygni.page_sessions;
