-- The ledger of runs and the fences. Times are the database's: hosts may disagree about theirs.

-- name: now
SELECT clock_timestamp() AS now

-- name: holder
SELECT id, host, pid, started_at
FROM cygni.job_runs
WHERE job = $1 AND state = 'running' AND id <> $2 AND ($3::text IS NULL OR host = $3)
ORDER BY started_at DESC
LIMIT 1

-- name: close_lost
-- Only the owner of the job's lock runs this: whatever else claims to be running is dead. Of a job that hosts share, the
-- lock is one host's ($4); another's run that says nothing for so long is dead, or finds its fence gone when it wakes up.
UPDATE cygni.job_runs
SET state = 'lost', finished_at = clock_timestamp(), error = $3
WHERE job = $1 AND state = 'running' AND id <> $2
    AND ($4::text IS NULL OR host = $4 OR heartbeat_at < clock_timestamp() - interval '10 minutes')
RETURNING id, host, pid, started_at

-- name: take_fence
INSERT INTO cygni.job_fences AS fences (job, fence)
VALUES ($1, 1)
ON CONFLICT (job) DO UPDATE SET fence = fences.fence + 1
RETURNING fence

-- name: hold_fence
SELECT fence FROM cygni.job_fences WHERE job = $1 FOR SHARE

-- name: open
-- A later attempt of the same run claims its row again, unless another run has closed it meanwhile.
INSERT INTO cygni.job_runs AS run
    (id, job, slot, trigger, host, pid, version, config_hash, attempt, fence, started_at, heartbeat_at)
VALUES (
    $1, $2, $10, $3, $4, $5, $6, CASE $7::text WHEN '' THEN '' ELSE encode(sha256(convert_to($7, 'UTF8')), 'hex') END,
    $8, $9, clock_timestamp(), clock_timestamp()
)
ON CONFLICT (id) DO UPDATE
SET attempt = excluded.attempt, fence = excluded.fence, heartbeat_at = excluded.heartbeat_at
WHERE run.state = 'running'
RETURNING id

-- name: heartbeat
UPDATE cygni.job_runs
SET heartbeat_at = clock_timestamp()
WHERE id = $1 AND fence = $2 AND state = 'running'
RETURNING id

-- name: close
UPDATE cygni.job_runs
SET state = $3, finished_at = clock_timestamp(), exit_status = $4, counts = $5, error = $6, attempt = $7
WHERE id = $1 AND fence = $2 AND state = 'running'
RETURNING id

-- name: last_success
SELECT max(finished_at) AS at FROM cygni.job_runs WHERE job = $1 AND state = 'succeeded'

-- name: keep_log
-- Pieces go once 64 KiB of newer ones stand.
WITH sized AS (
    SELECT piece,
        sum(octet_length(lines)) OVER (ORDER BY piece DESC) - octet_length(lines) + octet_length($2) AS newer
    FROM cygni.run_logs
    WHERE run_id = $1
), gone AS (
    DELETE FROM cygni.run_logs AS old
    USING sized
    WHERE old.run_id = $1 AND old.piece = sized.piece AND sized.newer >= 65536
)
INSERT INTO cygni.run_logs (run_id, piece, lines)
SELECT $1, coalesce(max(piece), 0) + 1, $2 FROM sized

-- name: keep_report
INSERT INTO cygni.run_reports (run_id, report) VALUES ($1, $2::json)
ON CONFLICT (run_id) DO NOTHING

-- name: drop_old_logs
DELETE FROM cygni.run_logs
WHERE (run_id, piece) IN (
    SELECT run_id, piece FROM cygni.run_logs
    WHERE at < clock_timestamp() - interval '30 days'
    ORDER BY at LIMIT 1000 FOR UPDATE SKIP LOCKED
)

-- name: drop_old_reports
DELETE FROM cygni.run_reports
WHERE run_id IN (
    SELECT run_id FROM cygni.run_reports
    WHERE at < clock_timestamp() - interval '30 days'
    ORDER BY at LIMIT 1000 FOR UPDATE SKIP LOCKED
)
