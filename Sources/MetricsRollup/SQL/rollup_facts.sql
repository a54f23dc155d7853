-- What the roll-up decides from. All of it is read in one snapshot, and none of it grows with history: notes are the new
-- work, open days are the last few, the rest are index lookups.

-- name: horizon
SELECT EXISTS (SELECT FROM cygni_rollup.unpublished()) AS is_unpublished,
    (SELECT count(*) FROM cygni_rollup.relations WHERE state = 'retired') AS retired,
    (SELECT count(*) FROM cygni_rollup.parked) AS parked,
    -- Milliseconds a sample, minutes and hour together, as lately measured.
    coalesce((
        SELECT sum(cost_ms) / nullif(sum(source_rows) / 2.0, 0)::double precision
        FROM (SELECT cost_ms, source_rows FROM cygni_rollup.relations WHERE level <> '1d' AND source_rows > 0 ORDER BY refreshed_at DESC LIMIT 20) AS lately
    ), 0)::double precision AS cost_of_sample

-- name: notes
SELECT n.hour, n.rows, n.removed, n.audited, n.since, h.revision, h.refreshed_at,
    EXISTS (
        SELECT FROM cygni_rollup.relations AS r
        WHERE r.level = '1h' AND r.grain = 'hour' AND r.range_start = n.hour AND r.state IN ('open', 'sealed')
    ) AS has_relation
FROM (
    SELECT hour, coalesce(sum(rows) FILTER (WHERE kind IN ('insert', 'update')), 0)::bigint AS rows,
        coalesce(sum(rows) FILTER (WHERE kind = 'delete'), 0)::bigint AS removed,
        bool_or(kind = 'audit') AS audited, min(at) AS since
    FROM cygni_rollup.changes GROUP BY hour
) AS n
LEFT JOIN cygni_rollup.hours AS h USING (hour)
ORDER BY n.hour

-- name: days
-- Days with notes, days that are open, and days to rebuild from $1 to before $2: those that have raw samples or roll-ups.
SELECT d.day, s.state, s.reopened_at, coalesce(s.is_stale, false) AS is_stale,
    cygni_rollup.is_settled(d.day) AS is_settled,
    EXISTS (
        SELECT FROM cygni_rollup.hours AS h
        WHERE h.hour >= b.midnight AND h.hour < b.midnight + interval '24 hours' AND h.raw_pruned
    ) AS is_pruned,
    EXISTS (
        SELECT FROM cygni_rollup.relations AS r
        WHERE r.level = '1h' AND r.state IN ('open', 'sealed') AND r.range_start >= b.midnight AND r.range_end <= b.midnight + interval '24 hours'
    ) AS has_relations,
    to_regclass('cygni.metric_samples_p' || to_char(d.day, 'YYYYMMDD')) IS NOT NULL AS has_raw
FROM (
    SELECT DISTINCT (hour AT TIME ZONE 'UTC')::date AS day FROM cygni_rollup.changes
    UNION SELECT day FROM cygni_rollup.days WHERE state = 'open'
    UNION SELECT day FROM cygni_rollup.days WHERE day >= $1 AND day < $2
    UNION SELECT day FROM (
        -- The server may apply to_date to every relation of the database before it joins; only CASE keeps it from that.
        SELECT CASE WHEN c.relname ~ '^metric_samples_p[0-9]{8}$' THEN to_date(right(c.relname, 8), 'YYYYMMDD') END AS day
        FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'cygni.metric_samples'::regclass AND $1::date < $2::date
    ) AS partitions WHERE day >= $1 AND day < $2
) AS d
CROSS JOIN LATERAL (SELECT d.day::timestamp AT TIME ZONE 'UTC' AS midnight) AS b
LEFT JOIN cygni_rollup.days AS s ON s.day = d.day
ORDER BY d.day

-- name: months
SELECT level, month FROM cygni_rollup.mergeable_months($1) ORDER BY month, level

-- name: missing_partitions
SELECT count(*) AS missing FROM generate_series($1::date, $2::date, '1 day') AS day
WHERE to_regclass('cygni.metric_samples_p' || to_char(day, 'YYYYMMDD')) IS NULL

-- name: audit_candidates
-- $1 hours at random, of those whose raw samples still tell what should be rolled up, and of which no level was purged.
SELECT DISTINCT c.hour
FROM (SELECT min(hour) AS first, max(hour) - min(hour) AS span FROM cygni_rollup.hours) AS bounds,
    generate_series(1, $1) AS draw,
    LATERAL (
        SELECT h.hour FROM cygni_rollup.hours AS h
        WHERE h.hour >= bounds.first + bounds.span * random() * (draw > 0)::integer AND NOT h.raw_pruned AND h.raw_rows > 0
            AND to_regclass('cygni.metric_samples_p' || to_char(h.hour AT TIME ZONE 'UTC', 'YYYYMMDD')) IS NOT NULL
            AND NOT EXISTS (SELECT FROM cygni_rollup.changes AS n WHERE n.hour = h.hour)
            AND NOT EXISTS (
                SELECT FROM cygni.purges AS p WHERE p.weapon = 'roll-up' AND h.hour >= p.range_start AND h.hour < p.range_end
            )
        ORDER BY h.hour LIMIT 1
    ) AS c
ORDER BY c.hour

-- name: standing
-- For --explain: how the registry stands.
SELECT format('relations_%s_%s', level, state) AS name, count(*) AS number FROM cygni_rollup.registry GROUP BY level, state
UNION ALL
SELECT 'relations_of_an_older_definition', count(*) FROM cygni_rollup.relations
WHERE definition_hash <> cygni_rollup.definition_hash() AND state <> 'retired'
UNION ALL
SELECT 'tenant_hours_folded', count(*) FROM cygni_rollup.folds
UNION ALL
(
    SELECT 'tenant_hours_folded_of_' || coalesce(t.slug, f.tenant_id::text), count(*)
    FROM cygni_rollup.folds AS f LEFT JOIN cygni.tenants AS t ON t.id = f.tenant_id
    GROUP BY f.tenant_id, t.slug ORDER BY 2 DESC, 1 LIMIT 20
)
ORDER BY name
