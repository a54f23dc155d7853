-- Metrics and logs on their way in. What writes and what asks for a tenant's things runs as cygni_app within the tenant; the
-- days are a matter of the role of the jobs.

-- name: write_logs
-- The tenant and the class are asked for once and not with every row.
INSERT INTO cygni.log_lines (ts, tenant_id, project_id, deployment_id, level, message, fields, retention_class)
SELECT line.ts, (SELECT cygni.current_tenant()), line.project_id, line.deployment_id, line.level, line.message, line.fields,
    (SELECT cygni.current_retention_class())
FROM unnest($1::timestamptz[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::jsonb[])
    AS line (ts, project_id, deployment_id, level, message, fields)

-- name: write_samples
INSERT INTO cygni.metric_samples (ts, tenant_id, project_id, metric, value)
SELECT sample.ts, (SELECT cygni.current_tenant()), sample.project_id, sample.metric, sample.value
FROM unnest($1::timestamptz[], $2::uuid[], $3::text[], $4::double precision[]) AS sample (ts, project_id, metric, value)

-- name: strange_owners
-- Which of these are not the tenant's: a project, or a deployment of that project. Their places, from 1.
SELECT owner.place
FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS owner (project_id, deployment_id, place)
WHERE NOT EXISTS (SELECT FROM cygni.projects AS p WHERE p.id = owner.project_id)
    OR owner.deployment_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM cygni.deployments AS d WHERE d.id = owner.deployment_id AND d.project_id = owner.project_id
    )
ORDER BY owner.place

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
    END OR NOT day.is_there AND (
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
    SELECT d.number, d.starts, d.name,
        EXISTS (SELECT FROM pg_inherits AS i WHERE i.inhrelid = d.leaf AND NOT i.inhdetachpending) AS is_there,
        d.leaf IS NOT NULL AND NOT EXISTS (SELECT FROM pg_inherits AS i WHERE i.inhrelid = d.leaf) AS stands_apart
    FROM (
        SELECT n.number, name.text AS name, to_timestamp(n.number * 86400.0) AS starts,
            to_regclass(format('cygni.%I', name.text || CASE WHEN $1 = 'log_lines' THEN '_default' ELSE '' END)) AS leaf
        FROM unnest($2::bigint[]) AS n (number)
        CROSS JOIN LATERAL (
            SELECT $1 || '_p' || to_char(date '1970-01-01' + n.number::integer, 'YYYYMMDD')
        ) AS name (text)
    ) AS d
) AS day
ORDER BY day.number

-- name: make_day
SELECT cygni.ensure_partitions($1, date '1970-01-01' + $2::integer, date '1970-01-01' + $2::integer)
