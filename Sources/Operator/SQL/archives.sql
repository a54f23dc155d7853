-- name: list
-- Archives that may hold what is asked for, oldest rows first.
SELECT
    a.id::text AS id, a.source, a.part, a.object_key, a.manifest_key, coalesce(a.rows, 0) AS rows, coalesce(a.bytes, 0) AS bytes,
    coalesce(a.raw_bytes, 0) AS raw_bytes, a.range_start, a.range_end, a.verified_at, a.is_sealed, a.created_at
FROM cygni.archives a
WHERE ($1::text IS NULL OR a.source = $1 OR a.source LIKE replace(replace(replace($1, '\', '\\'), '_', '\_'), '%', '\%') || '\_p%'
        OR a.id::text = $1 OR a.object_key = $1)
    AND ($2::timestamptz IS NULL OR a.range_end IS NULL OR a.range_end > $2)
    AND ($3::timestamptz IS NULL OR a.range_start IS NULL OR a.range_start < $3)
    AND ($4::boolean IS NOT TRUE OR a.verified_at IS NOT NULL) AND a.purging_at IS NULL
ORDER BY a.range_start NULLS LAST, a.source, a.part, a.created_at;

-- name: last_drill
SELECT at, extract(epoch FROM now() - at)::float8 AS age FROM cygni.archive_drills WHERE error IS NULL ORDER BY at DESC LIMIT 1;

-- name: sample
-- Archives to restore on trial: those whose turn is longest ago first, and drawn at random among equals.
SELECT
    a.id::text AS id, a.source, a.part, a.object_key, a.manifest_key, coalesce(a.rows, 0) AS rows, coalesce(a.bytes, 0) AS bytes,
    coalesce(a.raw_bytes, 0) AS raw_bytes, a.range_start, a.range_end, a.verified_at, a.is_sealed, a.created_at
FROM cygni.archives a
WHERE a.verified_at IS NOT NULL AND a.manifest_key IS NOT NULL AND a.purging_at IS NULL
ORDER BY (SELECT max(d.at) FROM cygni.archive_drills d WHERE d.archive_id = a.id) NULLS FIRST, random()
LIMIT $1;

-- name: note_drill
INSERT INTO cygni.archive_drills (archive_id, rows, error) VALUES ($1, $2, $3);
