-- name: leaves
-- The partitions of a table that is purged by days, with what is known of them without reading a row.
SELECT
    c.oid::bigint AS oid, format('%I.%I', n.nspname, c.relname) AS relation, l.partition AS name, l.retention_class,
    l.range_start, l.range_end, pg_total_relation_size(c.oid) AS bytes, pg_relation_size(c.oid) AS heap_bytes,
    CASE WHEN c.reltuples > 0 THEN c.reltuples ELSE pg_stat_get_live_tuples(c.oid) END::bigint AS rows,
    pg_relation_filenode(c.oid)::bigint AS filenode,
    pg_stat_get_tuples_inserted(c.oid) + pg_stat_get_tuples_updated(c.oid) AS changes
FROM pg_partition_tree(to_regclass($1)) AS t
JOIN pg_class AS c ON c.oid = t.relid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
CROSS JOIN LATERAL cygni.retention_leaf(c.oid) AS l
WHERE t.isleaf
ORDER BY l.range_start, l.partition;

-- name: obstacles
SELECT code, reason FROM cygni.retention_obstacles($1::bigint::oid, $2::uuid[], $3) ORDER BY code, reason;

-- name: guarded
SELECT source FROM cygni.retention_guards;

-- name: table
-- The table that a policy names: its size as the server estimates it, its pages (of the largest partition), and whether an
-- index begins with its time column. No row: there is no such table.
SELECT c.oid::bigint AS oid, CASE WHEN c.reltuples > 0 THEN c.reltuples ELSE pg_stat_get_live_tuples(c.oid) END::bigint AS rows,
    greatest(pg_relation_size(c.oid), (SELECT max(pg_relation_size(t.relid)) FROM pg_partition_tree(c.oid) AS t)) / 8192 + 1 AS pages,
    EXISTS (
        SELECT FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        JOIN pg_class AS x ON x.oid = i.indexrelid JOIN pg_am AS m ON m.oid = x.relam
        WHERE i.indrelid = c.oid AND i.indisvalid AND i.indpred IS NULL AND a.attname = $2 AND m.amname = 'btree'
    ) AS has_time_index
FROM pg_class AS c WHERE c.oid = to_regclass($1) AND c.relkind IN ('r', 'p');

-- name: column
SELECT format_type(atttypid, atttypmod) AS type FROM pg_attribute
WHERE attrelid = $1::bigint::oid AND attname = $2 AND attnum > 0 AND NOT attisdropped;

-- name: tenants
SELECT id::text AS id, slug FROM cygni.tenants WHERE slug = ANY ($1);

-- name: holds
-- Holds in force over a source, for rows of before a moment.
SELECT id::text AS id, tenant_id::text AS tenant, starts_at, ends_at, reason FROM cygni.holds_over($1, NULL, $2);

-- name: quarantine
SELECT id::text AS id, source, partition, drop_after, bytes, cygni.quarantine_obstacle(id) AS obstacle,
    greatest(drop_after, detached_at + interval '1 minute') <= now() AS is_due
FROM cygni.quarantined_partitions WHERE ended_at IS NULL ORDER BY detached_at, partition;

-- name: pending
SELECT inhrelid::regclass::text AS leaf FROM pg_inherits
WHERE inhdetachpending AND pg_partition_root(inhparent) IN ('cygni.log_lines'::regclass, 'cygni.metric_samples'::regclass);

-- name: copies
SELECT copy::text AS copy FROM cygni.retention_copies() AS copy;

-- name: classes
SELECT name FROM cygni.retention_classes;

-- name: medians
-- Of each source, the median of what the last ten runs that took something took.
SELECT source, percentile_disc(0.5) WITHIN GROUP (ORDER BY rows)::bigint AS median
FROM (
    SELECT source, run_id, sum(rows) AS rows, row_number() OVER (PARTITION BY source ORDER BY max(started_at) DESC) AS place
    FROM cygni.purges WHERE rows > 0 GROUP BY source, run_id
) AS runs
WHERE place <= 10 GROUP BY source HAVING count(*) >= 3;

-- name: archives
-- Verified archives of a source whose range ended before a moment, and whose rows are no longer where they came from.
SELECT a.id::text AS id, a.source, a.object_key, a.manifest_key, a.rows, a.bytes, a.sha256, a.range_start,
    coalesce(a.range_end, a.created_at) AS range_end, a.purging_at IS NOT NULL AS is_begun,
    cygni.archive_hold(a.id) AS held
FROM cygni.archives AS a
WHERE (a.source = $1 OR starts_with(a.source, $1 || '_p') OR starts_with(a.source, $1 || '/'))
    AND a.verified_at IS NOT NULL AND a.purged_at IS NULL AND coalesce(a.range_end, a.created_at) <= $2
    AND to_regclass(format('cygni.%I', a.source)) IS NULL
    AND NOT EXISTS (
        SELECT FROM cygni.quarantined_partitions AS q
        WHERE q.ended_at IS NULL AND q.range_start = a.range_start AND starts_with(q.partition, a.source)
    )
ORDER BY 9, a.source, a.part;

-- name: rollups
-- Sealed relations of a level that end before a moment.
SELECT r.relation::text AS relation, r.range_start, r.range_end, r.source_rows AS rows,
    pg_total_relation_size(format('cygni_rollup.%I', r.relation)::regclass) AS bytes,
    (SELECT h.reason FROM cygni.holds_over(ARRAY['metrics_' || $1, 'metric_samples'], r.range_start, r.range_end) AS h LIMIT 1) AS held
FROM cygni_rollup.relations AS r
WHERE r.level = $1 AND r.state = 'sealed' AND r.range_end <= $2
ORDER BY r.range_start;

-- name: segments
-- Chains of the audit log with entries of before a moment that are not the last of their chain.
SELECT a.tenant_id::text AS tenant, count(*) AS rows, min(a.at) AS first, max(a.at) AS last, max(a.seq) AS last_seq,
    (SELECT h.reason FROM cygni.holds_over(ARRAY['audit_log'], NULL, $1) AS h
        WHERE h.tenant_id IS NULL OR h.tenant_id = a.tenant_id LIMIT 1) AS held
FROM cygni.audit_log AS a
JOIN cygni_private.audit_heads AS e ON e.tenant_id IS NOT DISTINCT FROM a.tenant_id
WHERE a.at < $1 AND a.seq < e.seq
GROUP BY a.tenant_id ORDER BY a.tenant_id NULLS FIRST;

-- name: debts
-- Of each policy the last measurements, newest first.
SELECT policy, at, overdue_seconds, drained_at FROM (
    SELECT *, row_number() OVER (PARTITION BY policy ORDER BY at DESC) AS place FROM cygni.retention_debts
) AS d WHERE place <= 3 ORDER BY policy, at DESC;

-- name: unfinished
-- Receipts that a run which ended early left open.
SELECT id::text AS id, source, item, rows FROM cygni.purges WHERE finished_at IS NULL AND weapon <> 'erase' ORDER BY started_at;
