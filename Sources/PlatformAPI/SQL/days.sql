-- Which days of metrics and logs there are and where their rows lie, as the role of the jobs: it concerns all tenants.

-- name: days
-- Of each day of a table: whether it has its partition, and whether it must not get one again. A day that retention took, whose
-- lines are in the archive alone or whose samples were certified and removed, is closed: what came to it anew could no longer be told
-- from what was proven, and neither the archiver nor the roll-up would take it.
SELECT day.number, day.is_there,
    CASE
        WHEN $1 = 'metric_samples' THEN EXISTS (
            SELECT FROM cygni_rollup.hours AS h
            WHERE h.hour >= day.starts AND h.hour < day.starts + interval '24 hours' AND h.raw_pruned
        )
        ELSE false
    END
    -- Whatever was made in its place since.
    OR EXISTS (
        SELECT FROM cygni.quarantined_partitions AS q
        WHERE q.source = $1 AND q.partition = day.leaf_name AND q.weapon = 'drop' AND q.end_state IS DISTINCT FROM 'restored'
    ) OR NOT day.is_there AND (
        day.stands_apart
        OR EXISTS (
            SELECT FROM cygni.quarantined_partitions AS q
            WHERE q.source = $1 AND q.range_start = day.starts AND q.weapon = 'drop' AND q.end_state IS DISTINCT FROM 'restored'
        )
        OR EXISTS (
            SELECT FROM cygni.archives AS a WHERE a.source = day.name AND a.range_start < day.starts + interval '24 hours'
        )
        OR $1 = 'metric_samples' AND EXISTS (SELECT FROM cygni_rollup.certificates AS c WHERE c.day = (day.starts AT TIME ZONE 'UTC')::date)
    ) AS is_closed
FROM (
    SELECT d.number, d.starts, d.name, d.leaf_name,
        EXISTS (SELECT FROM pg_inherits AS i WHERE i.inhrelid = d.leaf AND NOT i.inhdetachpending) AS is_there,
        d.leaf IS NOT NULL AND NOT EXISTS (SELECT FROM pg_inherits AS i WHERE i.inhrelid = d.leaf) AS stands_apart
    FROM (
        SELECT n.number, name.text AS name, leaf.text AS leaf_name, to_timestamp(n.number * 86400.0) AS starts,
            to_regclass(format('cygni.%I', leaf.text)) AS leaf
        FROM unnest($2::bigint[]) AS n (number)
        CROSS JOIN LATERAL (
            SELECT $1 || '_p' || to_char(date '1970-01-01' + n.number::integer, 'YYYYMMDD')
        ) AS name (text)
        CROSS JOIN LATERAL (SELECT name.text || CASE WHEN $1 = 'log_lines' THEN '_default' ELSE '' END) AS leaf (text)
    ) AS d
) AS day
ORDER BY day.number

-- name: make_day
SELECT cygni.ensure_partitions($1, date '1970-01-01' + $2::integer, date '1970-01-01' + $2::integer)

-- name: archives
-- The archives with lines of a range that the database has no more: their part of a day was taken out, or some of its rows were. Oldest
-- first.
SELECT a.id::text AS id, a.manifest_key, a.range_start, a.range_end
FROM (
    SELECT *, CASE WHEN source ~ '^log_lines_p[0-9]{8}$' THEN source || '_default' ELSE source END AS leaf
    FROM cygni.archives
    WHERE source LIKE 'log\_lines\_p%' AND verified_at IS NOT NULL AND purging_at IS NULL
        AND range_start < $2 AND range_end > $1
) AS a
WHERE NOT EXISTS (
        SELECT FROM pg_inherits AS i
        WHERE i.inhrelid = to_regclass(format('cygni.%I', a.leaf)) AND NOT i.inhdetachpending
            AND pg_partition_root(i.inhrelid) = 'cygni.log_lines'::regclass
    )
    OR EXISTS (
        SELECT FROM cygni.purges AS p
        WHERE p.source = 'log_lines' AND p.item = a.leaf AND p.weapon IN ('rewrite', 'delete')
    )
    OR EXISTS (
        SELECT FROM cygni.quarantined_partitions AS q
        WHERE q.partition = a.leaf AND q.weapon = 'rewrite' AND q.ended_at IS NULL
    )
ORDER BY a.range_start, a.source, a.part

-- name: open_days
-- The days that the database has, as days since 1970.
SELECT (to_date(right(c.relname, 8), 'YYYYMMDD') - date '1970-01-01')::bigint AS number
FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
WHERE i.inhparent = 'cygni.log_lines'::regclass AND c.relname ~ '^log_lines_p[0-9]{8}$'
