-- What the platform's operators see of jobs and their runs, as cygni_jobs.

-- name: jobs
-- Every job that has run or is expected: its newest run, the newest success, what is late, its pause, how long runs take.
WITH known AS (
    -- A job that hosts share has a fence for each.
    SELECT split_part(job, ' on ', 1) AS job FROM cygni.job_fences UNION SELECT job FROM cygni.job_slots
)
SELECT known.job, last.id AS run_id, last.state, seen.at AS acknowledged_at, seen.actor AS acknowledged_by, seen.why AS acknowledged_why, last.started_at, last.finished_at, last.exit_status, last.error,
    success.finished_at AS succeeded_at, next.slot AS next_slot,
    (extract(epoch FROM clock_timestamp() - late.slot) * 1000000)::bigint AS late_by,
    pause.since AS paused_since, pause.until AS paused_until, pause.actor AS paused_by, pause.why AS paused_why,
    times.p50, times.p95, recent.runs AS recent
FROM known
LEFT JOIN LATERAL (
    SELECT * FROM cygni.job_runs WHERE job_runs.job = known.job ORDER BY started_at DESC LIMIT 1
) AS last ON true
LEFT JOIN cygni.run_acknowledgements AS seen ON seen.run_id = last.id
LEFT JOIN LATERAL (
    SELECT jsonb_agg(
        jsonb_build_object(
            'id', id, 'state', state, 'started_at', to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            'took', extract(epoch FROM finished_at - started_at)
        ) ORDER BY started_at DESC
    )::text AS runs
    FROM (
        SELECT * FROM cygni.job_runs WHERE job_runs.job = known.job ORDER BY started_at DESC LIMIT $1
    ) AS newest
) AS recent ON true
LEFT JOIN LATERAL (
    SELECT finished_at FROM cygni.job_runs
    WHERE job_runs.job = known.job AND state = 'succeeded' ORDER BY started_at DESC LIMIT 1
) AS success ON true
LEFT JOIN LATERAL (
    SELECT min(slot) AS slot FROM cygni.job_slots WHERE job_slots.job = known.job AND slot > clock_timestamp()
) AS next ON true
LEFT JOIN LATERAL (
    SELECT max(slot) AS slot FROM cygni.job_slots AS s
    WHERE s.job = known.job AND s.start_by < clock_timestamp()
        AND NOT EXISTS (SELECT FROM cygni.job_runs AS r WHERE r.job = s.job AND r.started_at >= s.slot)
) AS late ON true
LEFT JOIN cygni.job_pauses AS pause ON pause.job = known.job AND pause.ended_at IS NULL
    AND (pause.until IS NULL OR pause.until > clock_timestamp())
LEFT JOIN LATERAL (
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY took) AS p50, percentile_cont(0.95) WITHIN GROUP (ORDER BY took) AS p95
    FROM (
        SELECT extract(epoch FROM finished_at - started_at)::float8 AS took FROM cygni.job_runs
        WHERE job_runs.job = known.job AND finished_at IS NOT NULL ORDER BY started_at DESC LIMIT 100
    ) AS recent
) AS times ON true
WHERE $2::text IS NULL OR known.job = $2
ORDER BY known.job

-- name: runs
SELECT id, job, state, trigger, host, slot, started_at, finished_at, exit_status, attempt, error, counts::text AS counts
FROM cygni.job_runs
WHERE (started_at, id) < ($1, $2::uuid) AND ($3::text IS NULL OR job = $3) AND ($4::text IS NULL OR state = $4)
    AND ($5::text IS NULL OR host = $5)
ORDER BY started_at DESC, id DESC
LIMIT $6

-- name: run
SELECT id, job, state, trigger, host, slot, started_at, finished_at, exit_status, attempt, error, counts::text AS counts,
    reports.report::text AS report, seen.at AS acknowledged_at, seen.actor AS acknowledged_by, seen.why AS acknowledged_why
FROM cygni.job_runs
LEFT JOIN cygni.run_reports AS reports ON reports.run_id = id
LEFT JOIN cygni.run_acknowledgements AS seen ON seen.run_id = id
WHERE id = $1

-- name: state
SELECT state, exit_status FROM cygni.job_runs WHERE id = $1

-- name: log_after
SELECT piece, lines FROM cygni.run_logs WHERE run_id = $1 AND piece > $2 ORDER BY piece

-- name: challenge
SELECT cygni.acme_challenge($1) AS answer

-- name: expectations
-- What schedules imply, and what came of it; the newest first.
SELECT job, slot, start_by, finish_by, state, run_id, host
FROM cygni.job_slot_states
WHERE ($1::text IS NULL OR job = $1) AND ($2::text IS NULL OR state = $2)
ORDER BY slot DESC, job
LIMIT $3
