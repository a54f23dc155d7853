-- Log lines: those in the database, as cygni_app within the tenant, and where the others are, as the role of the jobs.

-- name: recent
-- The newest lines of a window that are not before a place: its time and its digest. Lines of one time are in the order of their
-- digests, which the archive's have as well. $1 from, $2 and $3 the place, $4 project, $5 deployment, $6 level, $7 text, $8 how many.
SELECT ts, project_id::text AS project_id, deployment_id::text AS deployment_id, level, message, fields, digest
FROM (
    SELECT l.ts, l.project_id, l.deployment_id, l.level, l.message, coalesce(l.fields::text, 'null') AS fields,
        md5(concat_ws(chr(1), l.project_id, coalesce(l.deployment_id::text, ''), l.level, l.message, coalesce(l.fields::text, 'null'))) AS digest
    FROM cygni.log_lines AS l
    WHERE l.ts >= $1 AND l.ts <= $2 AND ($4::uuid IS NULL OR l.project_id = $4) AND ($5::uuid IS NULL OR l.deployment_id = $5)
        AND ($6::text IS NULL OR l.level = $6)
        AND ($7::text IS NULL OR strpos(l.message, $7) > 0 OR strpos(l.fields::text, $7) > 0)
) AS line
WHERE ts < $2 OR digest COLLATE "C" <= $3
ORDER BY ts DESC, digest COLLATE "C" DESC
LIMIT $8

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

-- name: days
-- The days that the database has, as days since 1970.
SELECT (to_date(right(c.relname, 8), 'YYYYMMDD') - date '1970-01-01')::bigint AS number
FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
WHERE i.inhparent = 'cygni.log_lines'::regclass AND c.relname ~ '^log_lines_p[0-9]{8}$'
