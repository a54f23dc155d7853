-- Why a job ran or did not, and who paused it. Times are the database's.

-- name: now
SELECT clock_timestamp() AS now

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

-- name: state_of_run
SELECT job, state FROM cygni.job_runs WHERE id = $1

-- name: acknowledge
INSERT INTO cygni.run_acknowledgements (run_id, actor, why)
VALUES ($1, $2, $3)
ON CONFLICT (run_id) DO NOTHING
RETURNING at, actor, why

-- name: acknowledgement
SELECT at, actor, why FROM cygni.run_acknowledgements WHERE run_id = $1
