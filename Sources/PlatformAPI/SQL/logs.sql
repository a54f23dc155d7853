-- Log lines in the database, as cygni_app within the tenant.

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
