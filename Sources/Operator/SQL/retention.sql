-- What the operator's commands about retention ask and do. Times are the database's.

-- name: now
SELECT clock_timestamp() AS now

-- name: guard
-- What must hold before a day of a table goes.
SELECT needs_archive, needs_certificate, floor::text AS floor FROM cygni.retention_guards WHERE source = $1

-- name: holds
-- Those in force that could keep rows of a source or of a tenant.
SELECT h.id::text AS id, coalesce(t.slug, h.tenant_id::text) AS tenant, h.source, h.starts_at, h.ends_at, h.expires_at, h.created_at, h.created_by,
    h.released_at, h.released_by, h.reason
FROM cygni.legal_holds AS h LEFT JOIN cygni.tenants AS t ON t.id = h.tenant_id
WHERE ($1::text IS NULL OR h.source IS NULL OR h.source = $1 OR starts_with(h.source, $1 || '_p'))
    AND ($2::uuid IS NULL OR h.tenant_id IS NULL OR h.tenant_id = $2)
    AND ($3::boolean OR (h.released_at IS NULL AND (h.expires_at IS NULL OR h.expires_at > now())))
ORDER BY h.created_at, h.id

-- name: holdable
-- Whether a source is something that may have rows: a table, a view of the roll-ups, a partition, a day of a table that is yet to
-- come, something archived.
SELECT to_regclass(format('cygni.%I', $1::text)) IS NOT NULL
    OR to_regclass(format('cygni.%I', regexp_replace($1, '_p[0-9]{8}(_[a-z0-9_-]+)?$', ''))) IS NOT NULL
    OR EXISTS (SELECT FROM cygni.archives AS a WHERE a.source = $1 OR starts_with(a.source, $1 || '/')) AS found

-- name: place_hold
SELECT cygni.place_hold($1, $2, $3, $4, $5, $6, $7)::text AS id

-- name: release_hold
SELECT cygni.release_hold($1::uuid, $2)

-- name: quarantined
-- Partitions in quarantine: those that are called so, of such a table, or with such an id; all without a name.
SELECT id::text AS id, source, partition, weapon, range_start, range_end, bytes, detached_at, drop_after, cygni.quarantine_obstacle(id) AS obstacle
FROM cygni.quarantined_partitions
WHERE ended_at IS NULL AND ($1::text IS NULL OR $1 IN (id::text, partition, source))
ORDER BY range_start, partition

-- name: short_locks
-- Others wait no longer than that behind us.
SELECT set_config('lock_timeout', '50ms', true)

-- name: restore
SELECT cygni.retention_restore($1::uuid, $2) AS partition

-- name: relation_exists
SELECT to_regclass($1) IS NOT NULL AS found

-- name: tables_with_ids
-- Tables of the platform whose rows have an id, and the column that tells a row's time.
SELECT c.relname::text AS name, format_type(i.atttypid, i.atttypmod) AS type,
    (SELECT t.attname::text FROM pg_attribute AS t
        WHERE t.attrelid = c.oid AND t.atttypid = 'timestamptz'::regtype AND NOT t.attisdropped ORDER BY t.attname <> $1, t.attnum LIMIT 1) AS time_column,
    EXISTS (SELECT FROM pg_attribute AS t WHERE t.attrelid = c.oid AND t.attname = 'tenant_id' AND NOT t.attisdropped) AS has_tenant
FROM pg_class AS c JOIN pg_attribute AS i ON i.attrelid = c.oid AND i.attname = 'id'
WHERE c.relnamespace = 'cygni'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND format_type(i.atttypid, i.atttypmod) IN ('uuid', 'bigint')
ORDER BY c.relname

-- name: purge_over
-- The receipt of what went with a moment of a table.
SELECT p.id::text AS id, p.item, p.weapon, p.finished_at, p.audit_id, p.rows,
    coalesce((SELECT string_agg(a ->> 'object_key', ', ') FROM jsonb_array_elements(p.proof -> 'archives') AS a), '') AS archives
FROM cygni.purges AS p
WHERE p.source = $1 AND p.finished_at IS NOT NULL AND (p.range_start IS NULL OR p.range_start <= $2) AND p.range_end > $2
ORDER BY p.finished_at DESC LIMIT 1

-- name: class_of
SELECT slug, plan, cygni.retention_class(id) AS class FROM cygni.tenants WHERE id = $1

-- name: debts
-- How far behind each policy was after its last run.
SELECT DISTINCT ON (policy) policy, at, oldest, overdue_seconds, drained_at FROM cygni.retention_debts ORDER BY policy, at DESC

-- name: evidence_entries
-- The platform's chain in a span: what was told of retention whole, the rest as links.
SELECT seq, encode(prev_hash, 'hex') AS prev_hash, encode(hash, 'hex') AS hash, is_told,
    CASE WHEN is_told THEN id END AS id, CASE WHEN is_told THEN (extract(epoch FROM at) * 1000000)::bigint END AS at_us,
    CASE WHEN is_told THEN actor END AS actor, CASE WHEN is_told THEN action END AS action,
    CASE WHEN is_told THEN subject END AS subject, CASE WHEN is_told THEN details::text END AS details
FROM cygni.audit_log CROSS JOIN LATERAL (SELECT action ~ '^(retention|hold)\.' AS is_told) AS t
WHERE tenant_id IS NULL AND at >= $1 AND at < $2
ORDER BY seq

-- name: evidence_unlinked
-- Receipts of a span that no entry of the audit log tells.
SELECT id::text AS id, item FROM cygni.purges
WHERE finished_at >= $1 AND finished_at < $2 AND audit_id IS NULL ORDER BY finished_at

-- name: evidence_segments
-- Beginnings of the platform's chain that were let go of.
SELECT first_seq, last_seq, entries, encode(head_hash, 'hex') AS head_hash FROM cygni.audit_segments
WHERE tenant_id IS NULL ORDER BY last_seq
