-- Slots, pauses and what a job waits for. Times are the database's.

-- name: last_noted
SELECT max(slot) AS slot FROM cygni.job_slots WHERE job = $1 AND schedule = $2

-- name: forget_stale
-- What another schedule implied and is not due yet will never be.
DELETE FROM cygni.job_slots WHERE job = $1 AND schedule <> $2 AND slot > clock_timestamp()

-- name: note
INSERT INTO cygni.job_slots (job, slot, schedule, start_by, finish_by)
SELECT $1, slot, $2, slot + $4::bigint * interval '1 microsecond', slot + $5::bigint * interval '1 microsecond'
FROM unnest($3::timestamptz[]) AS slot
ON CONFLICT (job, slot) DO NOTHING

-- name: pause
SELECT since, until, actor, why
FROM cygni.job_pauses
WHERE job = $1 AND ended_at IS NULL AND (until IS NULL OR until > clock_timestamp())

-- name: run_of_slot
SELECT id, host, pid, started_at, state
FROM cygni.job_runs
WHERE job = $1 AND slot = $2 AND id <> $3 AND state NOT IN ('lost', 'stopped')

-- name: unmet
-- Jobs that did not come to a good end last time, with their last run's state; NULL: never run.
SELECT wanted.job, run.state, run.started_at
FROM unnest($1::text[]) AS wanted (job)
LEFT JOIN LATERAL (
    SELECT state, started_at FROM cygni.job_runs WHERE job_runs.job = wanted.job ORDER BY started_at DESC LIMIT 1
) AS run ON true
WHERE run.state IS NULL OR run.state NOT IN ('succeeded', 'partial')
ORDER BY wanted.job
LIMIT 1
