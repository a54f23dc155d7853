-- What was archived and what must not be deleted. Tables of the platform: cygni_app has no right on them, and no
-- policy either, so that a grant by mistake still shows nothing. A hold is often one that its tenant must not learn of.
--
-- lint:ignore table-without-primary-key: a hold over all tenants has no tenant_id, and a primary key takes no NULL

-- migrate:up
CREATE TABLE cygni.archives (
    id uuid NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
    source text NOT NULL CHECK (source <> ''),
    object_key text NOT NULL UNIQUE CHECK (object_key <> ''),
    manifest_key text CHECK (manifest_key <> ''),
    rows bigint CHECK (rows >= 0),
    bytes bigint CHECK (bytes >= 0),
    sha256 text CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    verified_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    -- Only bytes whose count and digest are known can have been read back and compared.
    CHECK (verified_at IS NULL OR (rows IS NOT NULL AND bytes IS NOT NULL AND sha256 IS NOT NULL))
);
CREATE INDEX archives_source ON cygni.archives (source);
COMMENT ON TABLE cygni.archives IS 'Objects in the store that hold what once stood in a table.';
COMMENT ON COLUMN cygni.archives.id IS 'Random.';
COMMENT ON COLUMN cygni.archives.source IS 'The table or partition the rows came from, as in log_lines_p20261122.';
COMMENT ON COLUMN cygni.archives.object_key IS 'Where the bytes lie in the object store.';
COMMENT ON COLUMN cygni.archives.manifest_key IS 'Where the description of the bytes lies.';
COMMENT ON COLUMN cygni.archives.rows IS 'How many rows it holds.';
COMMENT ON COLUMN cygni.archives.bytes IS 'Size of the object as stored.';
COMMENT ON COLUMN cygni.archives.sha256 IS 'SHA-256 of the object as stored, in lower-case hex.';
COMMENT ON COLUMN cygni.archives.verified_at IS
    'When it was read back from the store and found equal; NULL: not yet, so its source must stay.';
COMMENT ON COLUMN cygni.archives.created_at IS 'When the archive was begun.';

CREATE TABLE cygni.legal_holds (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    tenant_id uuid REFERENCES cygni.tenants (id),
    source text CHECK (source <> ''),
    starts_at timestamptz,
    ends_at timestamptz,
    reason text NOT NULL CHECK (btrim(reason) <> ''),
    released_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE NULLS NOT DISTINCT (tenant_id, id),
    CHECK (ends_at > starts_at)
);
CREATE INDEX legal_holds_id ON cygni.legal_holds (id);
COMMENT ON TABLE cygni.legal_holds IS
    'Data that must outlive its retention. Every NULL widens a hold: a doubt keeps data.';
COMMENT ON COLUMN cygni.legal_holds.id IS 'Random; the key is (tenant_id, id).';
COMMENT ON COLUMN cygni.legal_holds.tenant_id IS
    'Whose data is held; NULL: everybody''s. A tenant under a hold cannot be deleted.';
COMMENT ON COLUMN cygni.legal_holds.source IS 'The table held, as in log_lines; NULL: all.';
COMMENT ON COLUMN cygni.legal_holds.starts_at IS 'First moment of the data held; NULL: from the beginning.';
COMMENT ON COLUMN cygni.legal_holds.ends_at IS 'First moment no longer held; NULL: without end.';
COMMENT ON COLUMN cygni.legal_holds.reason IS 'Why, for whoever finds data that did not go.';
COMMENT ON COLUMN cygni.legal_holds.released_at IS 'When the hold was lifted; NULL: it is in force.';
COMMENT ON COLUMN cygni.legal_holds.created_at IS 'When the hold was entered.';

ALTER TABLE cygni.archives ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY platform_all ON cygni.archives TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON cygni.archives TO cygni_jobs;

ALTER TABLE cygni.legal_holds ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY platform_all ON cygni.legal_holds TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true);
-- Without DELETE: a hold is released, which leaves a trace, never removed.
GRANT SELECT, INSERT, UPDATE ON cygni.legal_holds TO cygni_jobs;

-- migrate:down
DROP TABLE cygni.legal_holds;
DROP TABLE cygni.archives;
