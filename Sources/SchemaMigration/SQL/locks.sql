-- Who is in whose way.

-- name: blockers
-- A prepared transaction blocks as process 0.
SELECT DISTINCT blocker.pid, coalesce(activity.application_name, '') AS application,
    coalesce(activity.usename::text, '') AS login, coalesce(activity.state, '') AS state, activity.xact_start AS since,
    wanted.relation::regclass::text AS relation, wanted.mode
FROM pg_locks AS wanted
CROSS JOIN LATERAL unnest(pg_blocking_pids(wanted.pid)) AS blocker (pid)
LEFT JOIN pg_stat_activity AS activity ON activity.pid = blocker.pid
WHERE wanted.pid = $1 AND NOT wanted.granted
ORDER BY since NULLS LAST, pid
