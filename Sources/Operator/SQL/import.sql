-- Importing: rows go by COPY into a temporary table, since COPY FROM is refused on a table with row-level security, and
-- from there by INSERT ... SELECT into the real one.

-- name: places
SELECT t.slug AS tenant, t.id AS tenant_id, p.slug AS project, p.id AS project_id
FROM cygni.tenants AS t LEFT JOIN cygni.projects AS p ON p.tenant_id = t.id

-- name: now
SELECT clock_timestamp() AS now

-- name: make_places
CREATE TEMPORARY TABLE import_places (place integer PRIMARY KEY, tenant_id uuid NOT NULL, project_id uuid NOT NULL)

-- name: make_samples
CREATE TEMPORARY TABLE import_samples (ts timestamptz, place integer, metric text, value double precision) ON COMMIT DELETE ROWS

-- name: make_logs
CREATE TEMPORARY TABLE import_logs (ts timestamptz, place integer, level text, message text, fields jsonb) ON COMMIT DELETE ROWS

-- name: copy_samples
COPY pg_temp.import_samples FROM STDIN (FORMAT binary)

-- name: copy_logs
COPY pg_temp.import_logs FROM STDIN (FORMAT binary)

-- name: insert_samples
INSERT INTO cygni.metric_samples (ts, tenant_id, project_id, metric, value)
SELECT r.ts, p.tenant_id, p.project_id, r.metric, r.value
FROM pg_temp.import_samples AS r JOIN pg_temp.import_places AS p USING (place)

-- name: insert_logs
INSERT INTO cygni.log_lines (ts, tenant_id, project_id, level, message, fields, retention_class)
SELECT r.ts, p.tenant_id, p.project_id, r.level, r.message, r.fields, p.retention_class
FROM pg_temp.import_logs AS r JOIN (
    -- Asked once a place, not once a row.
    SELECT *, cygni.retention_class(tenant_id) AS retention_class FROM pg_temp.import_places OFFSET 0
) AS p USING (place)

-- name: add_place
INSERT INTO pg_temp.import_places (place, tenant_id, project_id) VALUES ($1, $2, $3) ON CONFLICT (place) DO NOTHING

-- name: add_tenant
INSERT INTO cygni.tenants (slug) VALUES ($1) ON CONFLICT (slug) DO NOTHING

-- name: tenant
SELECT id FROM cygni.tenants WHERE slug = $1

-- name: add_project
INSERT INTO cygni.projects (tenant_id, slug) VALUES ($1, $2) ON CONFLICT (tenant_id, slug) DO NOTHING

-- name: project
SELECT id FROM cygni.projects WHERE tenant_id = $1 AND slug = $2

-- name: ensure_partitions
SELECT cygni.ensure_partitions($1, $2, $3) AS created

-- name: try_lock
SELECT pg_try_advisory_lock(hashtextextended('cygni.import.' || $1::text, 0)) AS is_ours

-- name: last_run
SELECT id, state, coalesce(finished_at, started_at) AS at, coalesce((counts ->> 'lines')::bigint, 0) AS lines,
    coalesce((counts ->> 'rows')::bigint, 0) AS rows, coalesce((counts ->> 'resumed_after')::bigint, 0) AS resumed_after,
    (counts ->> 'rejects_bytes')::bigint AS rejects_bytes
FROM cygni.job_runs
WHERE job = $1 AND config_hash = encode(sha256(convert_to($2, 'UTF8')), 'hex')
ORDER BY started_at DESC
LIMIT 1

-- name: close_lost
UPDATE cygni.job_runs
SET state = 'lost', finished_at = clock_timestamp(), error = 'found dead by a later import of the same file'
WHERE id = $1 AND state = 'running'

-- name: open_run
INSERT INTO cygni.job_runs (id, job, host, pid, version, config_hash, started_at, heartbeat_at)
VALUES ($1, $2, $3, $4, $5, CASE $6::text WHEN '' THEN '' ELSE encode(sha256(convert_to($6, 'UTF8')), 'hex') END,
    clock_timestamp(), clock_timestamp())

-- name: note_run
UPDATE cygni.job_runs SET counts = $2, heartbeat_at = clock_timestamp() WHERE id = $1

-- name: close_run
UPDATE cygni.job_runs
SET state = $2, counts = $3, exit_status = $4, error = $5, finished_at = clock_timestamp()
WHERE id = $1 AND state = 'running'
