-- Log lines in the database, as cygni_app within the tenant.

-- name: recent
-- The newest lines of a window that are not behind a place: its time and its digest. Lines of one time are in the order of their
-- digests, which the archive's have as well; only those that may be on the page are given one. $1 from, $2 and $3 the place,
-- $4 project, $5 deployment, $6 level, $7 text, $8 how many.
WITH wanted AS NOT MATERIALIZED (
    SELECT ts, project_id, deployment_id, level, message, fields
    FROM cygni.log_lines
    WHERE ($4::uuid IS NULL OR project_id = $4) AND ($5::uuid IS NULL OR deployment_id = $5) AND ($6::text IS NULL OR level = $6)
        AND ($7::text IS NULL OR strpos(message, $7) > 0 OR strpos(fields::text, $7) > 0)
), candidates AS (
    SELECT * FROM wanted WHERE ts = $2
    UNION ALL
    (SELECT * FROM wanted WHERE ts >= $1 AND ts < $2 ORDER BY ts DESC FETCH FIRST ($8::bigint) ROWS WITH TIES)
), lines AS (
    SELECT ts, project_id, deployment_id, level, message, coalesce(fields::text, 'null') AS fields
    FROM candidates
), placed AS (
    -- The lengths tell where a part ends, whatever stands in it.
    SELECT *, md5(concat_ws(
        chr(1), octet_length(level), octet_length(message), project_id, coalesce(deployment_id::text, ''), level, message, fields
    )) AS digest
    FROM lines
)
SELECT ts, project_id::text AS project_id, deployment_id::text AS deployment_id, level, message, fields, digest
FROM placed
WHERE ts < $2 OR digest COLLATE "C" <= $3
ORDER BY ts DESC, digest COLLATE "C" DESC
LIMIT $8::bigint
