-- Receipts that tell what exactly was archived and how it was proven, the files that archives came from, and drills.

-- migrate:up
-- lint:ignore add-check-without-not-valid: archives holds a row a day and table; reading them all takes no time
ALTER TABLE cygni.archives
    ADD COLUMN part integer NOT NULL DEFAULT 0 CHECK (part >= 0),
    ADD COLUMN range_start timestamptz,
    ADD COLUMN range_end timestamptz,
    ADD COLUMN row_digest text CHECK (row_digest ~ '^[0-9a-f]{64}$'),
    ADD COLUMN raw_bytes bigint CHECK (raw_bytes >= 0),
    ADD COLUMN is_sealed boolean NOT NULL DEFAULT false,
    ADD COLUMN rows_proven boolean NOT NULL DEFAULT false,
    ADD COLUMN manifest text,
    ADD COLUMN manifest_sha256 text CHECK (manifest_sha256 ~ '^[0-9a-f]{64}$'),
    ADD COLUMN source_state jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(source_state) = 'object'),
    ADD CONSTRAINT archives_range CHECK (range_start < range_end AND (range_start IS NULL) = (range_end IS NULL));
COMMENT ON COLUMN cygni.archives.part IS
    '0: the first archive of its range; each later one holds the rows that came after those before.';
COMMENT ON COLUMN cygni.archives.range_start IS 'First moment of the rows'' time that it covers; NULL: not by time.';
COMMENT ON COLUMN cygni.archives.range_end IS 'First moment no longer covered.';
COMMENT ON COLUMN cygni.archives.row_digest IS
    'Sum of the SHA-256 of its rows'' JSON texts modulo 2^256, in hex; the digests of parts add up.';
COMMENT ON COLUMN cygni.archives.raw_bytes IS 'Size of its lines before compression.';
COMMENT ON COLUMN cygni.archives.is_sealed IS 'Whether only the holders of private keys can open it.';
COMMENT ON COLUMN cygni.archives.rows_proven IS
    'Whether the rows were counted and digested when it was read back; false: a sealed one, of which the bytes were.';
COMMENT ON COLUMN cygni.archives.manifest IS
    'The manifest of an archive that is not verified yet, so that another run can finish it; NULL: it is in the store.';
COMMENT ON COLUMN cygni.archives.manifest_sha256 IS 'SHA-256 of the manifest as stored, in lower-case hex.';
COMMENT ON COLUMN cygni.archives.source_state IS
    'How the source stood when it was read: the snapshot, and counters that tell whether it changed since.';

CREATE TABLE cygni.archived_files (
    archive_id uuid NOT NULL REFERENCES cygni.archives (id) ON DELETE CASCADE,
    host text NOT NULL CHECK (host <> ''),
    device bigint NOT NULL,
    inode bigint NOT NULL,
    size bigint NOT NULL CHECK (size >= 0),
    modified_at timestamptz NOT NULL,
    path text NOT NULL CHECK (path <> ''),
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    noted_at timestamptz NOT NULL DEFAULT now(),
    gone_at timestamptz,
    PRIMARY KEY (host, device, inode, size, modified_at)
);
CREATE INDEX archived_files_archive ON cygni.archived_files (archive_id);
COMMENT ON TABLE cygni.archived_files IS 'Files whose content is in an archive, so that none is read twice.';
COMMENT ON COLUMN cygni.archived_files.archive_id IS 'The archive that holds the content.';
COMMENT ON COLUMN cygni.archived_files.host IS 'The host that the file is on.';
COMMENT ON COLUMN cygni.archived_files.device IS 'st_dev of stat(2).';
COMMENT ON COLUMN cygni.archived_files.inode IS 'st_ino of stat(2).';
COMMENT ON COLUMN cygni.archived_files.size IS 'In bytes, of the file itself, which may be compressed.';
COMMENT ON COLUMN cygni.archived_files.modified_at IS 'st_mtim of stat(2), cut to microseconds.';
COMMENT ON COLUMN cygni.archived_files.path IS 'Where it was when it was read; it may have been renamed since.';
COMMENT ON COLUMN cygni.archived_files.sha256 IS 'SHA-256 of the file itself, in lower-case hex.';
COMMENT ON COLUMN cygni.archived_files.noted_at IS 'When it was noted.';
COMMENT ON COLUMN cygni.archived_files.gone_at IS 'When the archiver removed, moved or emptied it; NULL: it left it.';

CREATE TABLE cygni.archive_drills (
    id uuid NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
    archive_id uuid NOT NULL REFERENCES cygni.archives (id) ON DELETE CASCADE,
    at timestamptz NOT NULL DEFAULT now(),
    rows bigint NOT NULL CHECK (rows >= 0),
    error text CHECK (error <> '')
);
CREATE INDEX archive_drills_at ON cygni.archive_drills (at);
CREATE INDEX archive_drills_archive ON cygni.archive_drills (archive_id);
COMMENT ON TABLE cygni.archive_drills IS 'Archives that were restored on trial.';
COMMENT ON COLUMN cygni.archive_drills.id IS 'Random.';
COMMENT ON COLUMN cygni.archive_drills.archive_id IS 'What was restored.';
COMMENT ON COLUMN cygni.archive_drills.at IS 'When.';
COMMENT ON COLUMN cygni.archive_drills.rows IS 'Rows that came back.';
COMMENT ON COLUMN cygni.archive_drills.error IS 'Why it failed; NULL: every row came back as it was.';

ALTER TABLE cygni.archived_files ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY platform_all ON cygni.archived_files TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON cygni.archived_files TO cygni_jobs;

ALTER TABLE cygni.archive_drills ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY platform_all ON cygni.archive_drills TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON cygni.archive_drills TO cygni_jobs;

-- migrate:down
DROP TABLE cygni.archive_drills;
DROP TABLE cygni.archived_files;
ALTER TABLE cygni.archives
    DROP CONSTRAINT archives_range,
    DROP COLUMN part,
    DROP COLUMN range_start,
    DROP COLUMN range_end,
    DROP COLUMN row_digest,
    DROP COLUMN raw_bytes,
    DROP COLUMN is_sealed,
    DROP COLUMN rows_proven,
    DROP COLUMN manifest,
    DROP COLUMN manifest_sha256,
    DROP COLUMN source_state;
