-- name: snapshot
SELECT pg_current_snapshot()::text AS snapshot;

-- name: read_state
SELECT
    coalesce(pg_relation_filenode(c.oid)::bigint, 0) AS filenode,
    pg_stat_get_tuples_inserted(c.oid) + pg_stat_get_tuples_updated(c.oid) AS changes
FROM pg_class c WHERE c.oid = to_regclass($1);

-- name: existing
SELECT id::text AS id, verified_at IS NOT NULL AS is_verified, sha256 FROM cygni.archives WHERE object_key = $1 AND purging_at IS NULL;

-- name: parts
SELECT id::text AS id, part, coalesce(rows, 0) AS rows, row_digest, source_state::text AS state
FROM cygni.archives
WHERE source = $1 AND range_start = $2 AND range_end = $3 AND verified_at IS NOT NULL AND purging_at IS NULL
ORDER BY part;

-- name: forget_begun
-- What a run that ended early meant to store, and did not; for a file, the same content again.
DELETE FROM cygni.archives
WHERE verified_at IS NULL AND source = $1
    AND ((range_start, range_end, part) IS NOT DISTINCT FROM ($2::timestamptz, $3::timestamptz, $4::integer)
        AND range_start IS NOT NULL OR object_key = $5);

-- name: begin
INSERT INTO cygni.archives (
    source, object_key, manifest_key, rows, bytes, sha256, part, range_start, range_end, row_digest, raw_bytes,
    is_sealed, manifest, manifest_sha256, source_state
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15::jsonb)
RETURNING id::text AS id;

-- name: begun
SELECT manifest, source_state::text AS state FROM cygni.archives WHERE id = $1::uuid AND verified_at IS NULL;

-- name: verified
UPDATE cygni.archives SET verified_at = now(), rows_proven = $2, manifest = NULL
WHERE id = $1::uuid AND verified_at IS NULL
RETURNING source;

-- name: unchanged
UPDATE cygni.archives SET source_state = $2::jsonb WHERE id = $1::uuid;

-- name: note_file
INSERT INTO cygni.archived_files (archive_id, host, device, inode, size, modified_at, path, sha256)
VALUES ($1::uuid, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (host, device, inode, size, modified_at) DO UPDATE
SET archive_id = EXCLUDED.archive_id, path = EXCLUDED.path, sha256 = EXCLUDED.sha256, noted_at = now(), gone_at = NULL;

-- name: known_file
SELECT f.sha256, a.object_key, a.verified_at IS NOT NULL AS is_verified
FROM cygni.archived_files f JOIN cygni.archives a ON a.id = f.archive_id
WHERE f.host = $1 AND f.device = $2 AND f.inode = $3 AND f.size = $4 AND f.modified_at = $5;

-- name: file_gone
UPDATE cygni.archived_files SET gone_at = now()
WHERE host = $1 AND device = $2 AND inode = $3 AND size = $4 AND modified_at = $5;
