-- What every transaction of the server begins with, and what it asks before it serves.

-- name: enter
SELECT set_config('role', $1, true), set_config('cygni.tenant_id', $2, true), set_config('statement_timeout', $3, true)

-- name: enter_planned
-- For what is planned once for each connection: which index serves does not hang on the values.
SELECT set_config('role', $1, true), set_config('cygni.tenant_id', $2, true), set_config('statement_timeout', $3, true),
    set_config('plan_cache_mode', 'force_generic_plan', true)

-- name: app_role
-- Whether a role is bound by row-level security, and whether this login may act as it.
SELECT rolsuper OR rolbypassrls AS is_above, pg_has_role(session_user, oid, 'MEMBER') AS is_member
FROM pg_roles
WHERE rolname = $1

-- name: plan
SELECT plan FROM cygni.tenants WHERE id = $1

-- name: known_answer
SELECT fingerprint, status, headers, body FROM cygni.idempotent_requests WHERE tenant_id = $1 AND key = $2

-- name: lock_key
SELECT pg_try_advisory_xact_lock(hashtextextended('cygni idempotency ' || $1 || ' ' || $2, 0)) AS is_locked

-- name: keep_answer
INSERT INTO cygni.idempotent_requests (tenant_id, key, fingerprint, status, headers, body)
VALUES ($1, $2, $3, $4::integer, $5::jsonb, $6)

-- name: ledger
-- Of each job: its last success, its last run, and how long its schedule lets pass at most.
SELECT run.job,
    coalesce(extract(epoch FROM max(run.finished_at) FILTER (WHERE run.state = 'succeeded')), 0)::float8 AS last_success,
    coalesce(extract(epoch FROM max(run.finished_at)), 0)::float8 AS last_run,
    coalesce((array_agg(run.exit_status ORDER BY run.finished_at DESC) FILTER (WHERE run.finished_at IS NOT NULL))[1], -1)
        AS last_exit_code,
    coalesce((array_agg(extract(epoch FROM run.finished_at - run.started_at) ORDER BY run.finished_at DESC)
        FILTER (WHERE run.finished_at IS NOT NULL))[1], 0)::float8 AS last_duration,
    count(*) FILTER (WHERE run.state = 'running') AS running
FROM (SELECT DISTINCT split_part(job, ' on ', 1) AS job FROM cygni.job_fences) AS known
CROSS JOIN LATERAL (
    SELECT * FROM cygni.job_runs WHERE job_runs.job = known.job ORDER BY started_at DESC LIMIT 200
) AS run
GROUP BY run.job
ORDER BY run.job
