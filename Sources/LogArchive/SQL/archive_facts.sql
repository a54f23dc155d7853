-- name: relation
-- The table that settings name: whether it has partitions. No row: there is no such table.
SELECT c.oid::bigint AS oid, c.relkind = 'p' AS is_partitioned, c.relname::text AS name, n.nspname::text AS schema
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = to_regclass($1) AND c.relkind IN ('p', 'r');

-- name: columns
SELECT a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS type, a.atttypid::bigint AS type_oid
FROM pg_attribute a
WHERE a.attrelid = $1::bigint::oid AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum;

-- name: cluster
SELECT system_identifier::text AS cluster FROM pg_control_system();

-- name: encoding
SELECT pg_encoding_to_char(encoding)::text AS encoding FROM pg_database WHERE datname = current_database();

-- name: partitions
-- The partitions of a table, or a table without any: bounds, size, and the counters that tell whether it was written to.
-- A day that is divided further counts by its parts; the one for all that has no other goes by the day's name.
SELECT
    c.oid::bigint AS oid, CASE WHEN own.bound = 'DEFAULT' THEN day.relname ELSE c.relname END::text AS name,
    format('%I.%I', n.nspname, c.relname) AS relation,
    n.nspname::text AS schema, c.reltuples::float8 AS tuples, pg_relation_size(c.oid) AS bytes,
    coalesce(pg_relation_filenode(c.oid)::bigint, 0) AS filenode,
    pg_stat_get_tuples_inserted(c.oid) + pg_stat_get_tuples_updated(c.oid) AS changes,
    (bounds.found)[1]::timestamptz AS range_start, (bounds.found)[2]::timestamptz AS range_end
FROM (
    SELECT $1::bigint::oid AS relid WHERE (SELECT relkind FROM pg_class WHERE oid = $1::bigint::oid) = 'r'
    UNION SELECT relid FROM pg_partition_tree($1::bigint::oid) WHERE isleaf
) AS t
JOIN pg_class AS c ON c.oid = t.relid AND c.relkind = 'r'
JOIN pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_inherits AS i ON i.inhrelid = c.oid
LEFT JOIN pg_class AS day ON day.oid = i.inhparent
CROSS JOIN LATERAL (SELECT pg_get_expr(c.relpartbound, c.oid) AS bound) AS own
CROSS JOIN LATERAL (
    SELECT regexp_match(
        CASE WHEN own.bound LIKE 'FOR VALUES FROM%' OR day.relpartbound IS NULL THEN own.bound ELSE pg_get_expr(day.relpartbound, day.oid) END,
        $re$^FOR VALUES FROM \('([^']+)'\) TO \('([^']+)'\)$$re$
    ) AS found
) AS bounds
WHERE NOT coalesce(i.inhdetachpending, false)
ORDER BY range_start NULLS LAST, name;

-- name: receipts
SELECT
    id::text AS id, source, object_key, part, range_start, range_end, coalesce(rows, 0) AS rows, row_digest,
    verified_at IS NOT NULL AS is_verified, source_state::text AS state, coalesce(bytes, 0) AS bytes
FROM cygni.archives
WHERE source = ANY ($1) AND purging_at IS NULL
ORDER BY source, range_start, part;

-- name: begun_files
-- Archives of files of this host that were begun and not verified.
SELECT
    id::text AS id, source, object_key, part, range_start, range_end, coalesce(rows, 0) AS rows, row_digest,
    false AS is_verified, source_state::text AS state, coalesce(bytes, 0) AS bytes
FROM cygni.archives
WHERE verified_at IS NULL AND source_state ->> 'host' = $1
ORDER BY created_at;

-- name: known_files
SELECT f.archive_id::text AS archive, f.device, f.inode, f.size, f.modified_at
FROM cygni.archived_files f
WHERE f.host = $1 AND f.inode = ANY ($2);

-- name: ratio
SELECT sum(bytes)::float8 / nullif(sum(raw_bytes), 0)::float8 AS ratio
FROM (
    SELECT bytes, raw_bytes FROM cygni.archives
    WHERE verified_at IS NOT NULL AND raw_bytes > 0
    ORDER BY created_at DESC LIMIT 100
) AS latest;
