-- Runs, slots and pauses, as the operator's commands read and write them. Times are the database's.

-- name: now
SELECT clock_timestamp() AS now

-- name: recent
-- Runs, and the slots that none came for.
SELECT run.job, run.slot, run.trigger, run.host, run.started_at, run.finished_at, run.exit_status, run.error,
    CASE WHEN run.state = 'running' AND slots.finish_by < clock_timestamp() THEN 'overdue' ELSE run.state END AS state
FROM cygni.job_runs AS run
LEFT JOIN cygni.job_slots AS slots ON slots.job = run.job AND slots.slot = run.slot
WHERE $1::text IS NULL OR run.job = $1
UNION ALL
SELECT slots.job, slots.slot, '', '', NULL, NULL, NULL, NULL, 'never started'
FROM cygni.job_slots AS slots
WHERE ($1::text IS NULL OR slots.job = $1) AND slots.start_by < clock_timestamp()
    AND NOT EXISTS (SELECT FROM cygni.job_runs AS run WHERE run.job = slots.job AND run.slot = slots.slot)
ORDER BY 5 DESC NULLS LAST, 2 DESC NULLS LAST
LIMIT $2

-- name: newest_known
-- The newest slot of a job's schedule that is noted or has a run.
SELECT greatest(
    (SELECT max(slot) FROM cygni.job_slots WHERE job = $1 AND schedule = $2),
    (SELECT max(slot) FROM cygni.job_runs WHERE job = $1)
) AS slot

-- name: pauses
-- Those that stand, by job.
SELECT job, since, until, actor, why
FROM cygni.job_pauses
WHERE ended_at IS NULL AND (until IS NULL OR until > clock_timestamp())
ORDER BY job

-- name: slot_facts
-- The slots that are noted since a moment or have a run; who has a run that was not lost or stopped is taken.
SELECT slot, bool_or(is_taken) AS is_taken
FROM (
    SELECT slot, false AS is_taken FROM cygni.job_slots WHERE job = $1 AND slot <= $2 AND schedule = $3
    UNION ALL
    SELECT slot, state NOT IN ('lost', 'stopped') FROM cygni.job_runs WHERE job = $1 AND slot <= $2
) AS known (slot, is_taken)
GROUP BY slot
ORDER BY slot DESC
LIMIT 1000
