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

-- name: end_expired
UPDATE cygni.job_pauses
SET ended_at = until, ended_by = 'its time was over'
WHERE job = $1 AND ended_at IS NULL AND until <= clock_timestamp()

-- name: pause
INSERT INTO cygni.job_pauses (job, since, until, actor, why)
VALUES ($1, clock_timestamp(), clock_timestamp() + $2::bigint * interval '1 microsecond', $3, $4)
ON CONFLICT (job) WHERE ended_at IS NULL DO NOTHING
RETURNING since, until, actor, why

-- name: standing_pause
SELECT since, until, actor, why FROM cygni.job_pauses WHERE job = $1 AND ended_at IS NULL

-- name: resume
UPDATE cygni.job_pauses
SET ended_at = clock_timestamp(), ended_by = $2
WHERE job = $1 AND ended_at IS NULL
RETURNING since, until, actor, why

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

-- name: run_of_slot
SELECT id, host, pid, trigger, state, slot, started_at, finished_at, exit_status, error
FROM cygni.job_runs
WHERE job = $1 AND slot = $2
ORDER BY started_at DESC
LIMIT 1

-- name: run_during
-- A run of the job that held its lock some time between two moments, for another slot or for none.
SELECT id, host, pid, trigger, state, slot, started_at, finished_at, exit_status, error
FROM cygni.job_runs
WHERE job = $1 AND slot IS DISTINCT FROM $2 AND started_at <= $3 AND coalesce(finished_at, 'infinity') >= $2
ORDER BY started_at DESC
LIMIT 1

-- name: later_run
SELECT id, host, pid, trigger, state, slot, started_at, finished_at, exit_status, error
FROM cygni.job_runs
WHERE job = $1 AND slot > $2
ORDER BY slot
LIMIT 1

-- name: pause_at
SELECT since, until, actor, why
FROM cygni.job_pauses
WHERE job = $1 AND since <= $3 AND least(coalesce(ended_at, 'infinity'), coalesce(until, 'infinity')) >= $2
ORDER BY since DESC
LIMIT 1

-- name: last_run_before
SELECT id, host, pid, trigger, state, slot, started_at, finished_at, exit_status, error
FROM cygni.job_runs
WHERE job = $1 AND started_at <= $2
ORDER BY started_at DESC
LIMIT 1

-- name: sign_of_life
-- Any job's run that a schedule started around then, on whichever host.
SELECT job, host, started_at
FROM cygni.job_runs
WHERE started_at BETWEEN $1 AND $2 AND trigger IN ('cron', 'systemd', 'kubernetes', 'cycle') AND job <> $3
ORDER BY started_at DESC
LIMIT 1
