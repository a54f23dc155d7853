-- name: try
SELECT pg_backend_pid() AS backend,
       CASE WHEN $3 THEN pg_try_advisory_lock($1, $2)
            ELSE pg_try_advisory_lock(($1::bigint << 32) | ($2::bigint & 4294967295)) END AS taken

-- name: is_ours
-- The two halves of a key are unsigned in pg_locks; objsubid tells a pair of keys (2) from one long key (1).
SELECT pg_backend_pid() AS backend,
       EXISTS (
           SELECT FROM pg_locks
           WHERE locktype = 'advisory' AND granted AND pid = pg_backend_pid()
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
             AND classid::bigint = $1::bigint & 4294967295 AND objid::bigint = $2::bigint & 4294967295
             AND objsubid = CASE WHEN $3 THEN 2 ELSE 1 END
       ) AS held

-- name: holder
SELECT locks.pid, coalesce(activity.application_name, '') AS application_name, activity.backend_start AS since,
       coalesce(host(activity.client_addr), '') AS host
FROM pg_locks AS locks
LEFT JOIN pg_stat_activity AS activity ON activity.pid = locks.pid
WHERE locks.locktype = 'advisory' AND locks.granted
  AND locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND locks.classid::bigint = $1::bigint & 4294967295 AND locks.objid::bigint = $2::bigint & 4294967295
  AND locks.objsubid = CASE WHEN $3 THEN 2 ELSE 1 END
LIMIT 1

-- name: release
SELECT CASE WHEN $3 THEN pg_advisory_unlock($1, $2)
            ELSE pg_advisory_unlock(($1::bigint << 32) | ($2::bigint & 4294967295)) END AS released
