-- What the operator's page shows, over all tenants, as cygni_jobs. Lists are read along an index, so that a page of a long
-- one costs as little as the first.

-- name: troubles
-- How many of everything need somebody, and how many do not.
SELECT
    (SELECT count(*) FROM cygni.domains
        WHERE state <> 'removed' AND (CASE state WHEN 'failing' THEN 0 WHEN 'quarantined' THEN 1 WHEN 'pending' THEN 2 ELSE 3 END) = 0)
        AS domains_failing,
    (SELECT count(*) FROM cygni.domains
        WHERE state <> 'removed' AND (CASE state WHEN 'failing' THEN 0 WHEN 'quarantined' THEN 1 WHEN 'pending' THEN 2 ELSE 3 END) = 1)
        AS domains_quarantined,
    (SELECT count(*) FROM cygni.domains
        WHERE state <> 'removed' AND (CASE state WHEN 'failing' THEN 0 WHEN 'quarantined' THEN 1 WHEN 'pending' THEN 2 ELSE 3 END) = 2)
        AS domains_pending,
    (SELECT count(*) FROM cygni.domains WHERE state <> 'removed') AS domains,
    (SELECT count(*) FROM cygni.certificates
        WHERE state NOT IN ('retired', 'revoked')
            AND (CASE WHEN state IN ('unserved', 'quarantined') OR failures > 0 THEN 0 WHEN state = 'pending' THEN 1 ELSE 2 END) = 0)
        AS certificates_failing,
    -- Renewal begins with a third of the time left: less than a sixth is late.
    (SELECT count(*) FROM cygni.certificates
        WHERE state NOT IN ('retired', 'revoked') AND not_after - now() < (not_after - not_before) / 6) AS certificates_ending,
    (SELECT count(*) FROM cygni.certificates WHERE state NOT IN ('retired', 'revoked')) AS certificates,
    (SELECT count(*) FROM cygni.deployments WHERE kind = 'preview' AND state <> 'reaped') AS previews,
    (SELECT count(*) FROM cygni.deployments WHERE kind = 'preview' AND state = 'reaping') AS previews_ending,
    (SELECT count(*) FROM cygni.legal_holds WHERE released_at IS NULL AND (expires_at IS NULL OR expires_at > now())) AS holds,
    (SELECT count(*) FROM cygni.retention_plans WHERE approved_at IS NULL) AS plans_waiting,
    (SELECT count(*) FROM (
        SELECT DISTINCT ON (policy) overdue_seconds FROM cygni.retention_debts ORDER BY policy, at DESC
    ) AS newest WHERE overdue_seconds > 0) AS policies_behind

-- name: run
SELECT run.id::text AS id, run.job, run.state, run.trigger, run.host, run.pid, run.version, run.config_hash, run.slot, run.attempt,
    run.fence, run.started_at, run.finished_at, run.heartbeat_at, run.exit_status, run.error, run.counts::text AS counts,
    reports.report::text AS report, seen.at AS acknowledged_at, seen.actor AS acknowledged_by, seen.why AS acknowledged_why
FROM cygni.job_runs AS run
LEFT JOIN cygni.run_reports AS reports ON reports.run_id = run.id
LEFT JOIN cygni.run_acknowledgements AS seen ON seen.run_id = run.id
WHERE run.id = $1

-- name: runs
SELECT run.id::text AS id, run.job, run.state, run.trigger, run.host, run.slot, run.started_at, run.finished_at, run.exit_status,
    left(run.error, 500) AS error, seen.at AS acknowledged_at
FROM cygni.job_runs AS run
LEFT JOIN cygni.run_acknowledgements AS seen ON seen.run_id = run.id
WHERE (run.started_at, run.id) < ($1, $2::uuid) AND ($3::text IS NULL OR run.job = $3) AND ($4::text IS NULL OR run.state = $4)
ORDER BY run.started_at DESC, run.id DESC
LIMIT $5

-- name: known_jobs
SELECT split_part(job, ' on ', 1) AS job FROM cygni.job_fences UNION SELECT job FROM cygni.job_slots ORDER BY job

-- name: missed_slots
-- Of one job, the newest slots of its schedule that no run came for.
SELECT slot, start_by, state FROM cygni.job_slot_states
WHERE job = $1 AND state IN ('never started', 'overdue') ORDER BY slot DESC LIMIT 5

-- name: last_piece
-- The newest piece of a run's log, from which a page goes on.
SELECT coalesce(max(piece), 0) AS piece FROM cygni.run_logs WHERE run_id = $1

-- name: domains
-- What fails first, then by name.
SELECT d.id::text AS id, d.name, t.slug AS tenant, d.state, d.scope, d.reason, d.state_since, d.next_check_at, d.last_checked_at,
    d.verification_token, d.rank, look.fix,
    (SELECT string_agg(concern ->> 'code', ', ' ORDER BY concern ->> 'code')
        FROM jsonb_array_elements(look.found -> 'concerns') AS concern) AS concerns
FROM (
    SELECT *, (CASE state WHEN 'failing' THEN 0 WHEN 'quarantined' THEN 1 WHEN 'pending' THEN 2 ELSE 3 END) AS rank
    FROM cygni.domains
    WHERE state <> 'removed'
        AND ((CASE state WHEN 'failing' THEN 0 WHEN 'quarantined' THEN 1 WHEN 'pending' THEN 2 ELSE 3 END), name, id) > ($1, $2, $3::uuid)
        AND ($4::text IS NULL OR state = $4) AND ($5::text IS NULL OR starts_with(name, $5))
    ORDER BY (CASE state WHEN 'failing' THEN 0 WHEN 'quarantined' THEN 1 WHEN 'pending' THEN 2 ELSE 3 END), name, id
    LIMIT $6
) AS d
JOIN cygni.tenants AS t ON t.id = d.tenant_id
LEFT JOIN LATERAL (
    SELECT fix, found FROM cygni.domain_checks
    WHERE domain_checks.tenant_id = d.tenant_id AND domain_checks.domain_id = d.id
    ORDER BY at DESC, id DESC
    LIMIT 1
) AS look ON true
ORDER BY d.rank, d.name, d.id

-- name: certificates
-- What fails first, then what ends first.
SELECT c.id::text AS id, c.domain_names, t.slug AS tenant, c.state, c.reason, c.state_since, c.not_before, c.not_after, c.authority,
    c.issuer, c.failures, c.failed_at, c.problem::text AS problem, c.next_attempt_at, c.window_start, c.served, c.edges, c.rank,
    coalesce(c.not_after, 'epoch') AS sorted_by
FROM (
    SELECT *, (CASE WHEN state IN ('unserved', 'quarantined') OR failures > 0 THEN 0 WHEN state = 'pending' THEN 1 ELSE 2 END) AS rank
    FROM cygni.certificates
    WHERE state NOT IN ('retired', 'revoked')
        AND ((CASE WHEN state IN ('unserved', 'quarantined') OR failures > 0 THEN 0 WHEN state = 'pending' THEN 1 ELSE 2 END),
            coalesce(not_after, 'epoch'), id) > ($1, $2::timestamptz, $3::uuid)
    ORDER BY (CASE WHEN state IN ('unserved', 'quarantined') OR failures > 0 THEN 0 WHEN state = 'pending' THEN 1 ELSE 2 END),
        coalesce(not_after, 'epoch'), id
    LIMIT $4
) AS c
LEFT JOIN cygni.tenants AS t ON t.id = c.tenant_id
ORDER BY c.rank, coalesce(c.not_after, 'epoch'), c.id

-- name: previews_ending
-- Previews that a rule ends, those that go first first.
SELECT d.id::text AS id, t.slug || '/' || p.slug AS project, d.pull_request, d.branch, d.state, d.pinned, coalesce(d.reap_rule, e.rule) AS rule,
    e.first_seen_at, d.restore_until, d.reap_begun_at, d.created_at, d.last_active_at, d.expires_at
FROM cygni.deployments AS d
JOIN cygni.tenants AS t ON t.id = d.tenant_id
JOIN cygni.projects AS p ON p.tenant_id = d.tenant_id AND p.id = d.project_id
LEFT JOIN cygni.preview_ends AS e ON e.tenant_id = d.tenant_id AND e.deployment_id = d.id
WHERE d.kind = 'preview' AND d.state <> 'reaped' AND (d.state = 'reaping' OR e.first_seen_at IS NOT NULL)
ORDER BY coalesce(d.reap_begun_at, d.restore_until, e.first_seen_at), d.id
LIMIT $1

-- name: previews
-- All that are there, newest first.
SELECT d.id::text AS id, t.slug || '/' || p.slug AS project, d.pull_request, d.branch, d.state, d.pinned, coalesce(d.reap_rule, e.rule) AS rule,
    e.first_seen_at, d.restore_until, d.reap_begun_at, d.created_at, d.last_active_at, d.expires_at
FROM cygni.deployments AS d
JOIN cygni.tenants AS t ON t.id = d.tenant_id
JOIN cygni.projects AS p ON p.tenant_id = d.tenant_id AND p.id = d.project_id
LEFT JOIN cygni.preview_ends AS e ON e.tenant_id = d.tenant_id AND e.deployment_id = d.id
WHERE d.kind = 'preview' AND d.state <> 'reaped' AND (d.created_at, d.id) < ($1, $2::uuid)
ORDER BY d.created_at DESC, d.id DESC
LIMIT $3

-- name: audit
SELECT a.id, a.at, t.slug AS tenant, a.actor, a.action, a.subject, a.details::text AS details, encode(a.hash, 'hex') AS hash
FROM cygni.audit_log AS a
LEFT JOIN cygni.tenants AS t ON t.id = a.tenant_id
WHERE a.id < $1 AND ($2::text IS NULL OR a.action = $2) AND ($3::text IS NULL OR a.actor = $3) AND ($4::text IS NULL OR a.subject = $4)
ORDER BY a.id DESC
LIMIT $5

-- name: days
-- The day partitions of both tables: how many, what they take, and which closed days of logs no verified archive has.
SELECT days.source, count(*) AS days, sum(days.bytes)::bigint AS bytes, min(days.day)::timestamp AT TIME ZONE 'UTC' AS oldest,
    count(*) FILTER (WHERE days.is_unarchived) AS unarchived,
    min(days.day) FILTER (WHERE days.is_unarchived)::timestamp AT TIME ZONE 'UTC' AS oldest_unarchived,
    coalesce(sum(days.bytes) FILTER (WHERE days.is_unarchived), 0)::bigint AS unarchived_bytes
FROM (
    SELECT parent.relname::text AS source, to_date(right(child.relname, 8), 'YYYYMMDD') AS day,
        (SELECT coalesce(sum(pg_total_relation_size(t.relid)), 0) FROM pg_partition_tree(child.oid) AS t) AS bytes,
        parent.relname = 'log_lines' AND to_date(right(child.relname, 8), 'YYYYMMDD') < (now() AT TIME ZONE 'UTC')::date
            AND NOT EXISTS (
                SELECT FROM cygni.archives AS a WHERE a.source = child.relname AND a.verified_at IS NOT NULL AND a.purging_at IS NULL
            ) AS is_unarchived
    FROM pg_inherits AS i
    JOIN pg_class AS parent ON parent.oid = i.inhparent
    JOIN pg_class AS child ON child.oid = i.inhrelid
    WHERE i.inhparent IN ('cygni.log_lines'::regclass, 'cygni.metric_samples'::regclass) AND child.relname ~ '_p[0-9]{8}$'
) AS days
GROUP BY days.source
ORDER BY days.source

-- name: archives
SELECT kinds.source, count(*) AS objects, coalesce(sum(kinds.rows), 0)::bigint AS rows, coalesce(sum(kinds.bytes), 0)::bigint AS bytes,
    coalesce(sum(kinds.raw_bytes), 0)::bigint AS raw_bytes, count(*) FILTER (WHERE kinds.verified_at IS NULL) AS unverified,
    count(*) FILTER (WHERE kinds.is_sealed) AS sealed, max(kinds.created_at) AS newest
FROM (
    SELECT CASE WHEN source ~ '_p[0-9]{8}' THEN regexp_replace(source, '_p[0-9]{8}.*$', '') ELSE split_part(source, '/', 1) END AS source,
        rows, bytes, raw_bytes, verified_at, is_sealed, created_at
    FROM cygni.archives WHERE purging_at IS NULL
) AS kinds
GROUP BY kinds.source
ORDER BY kinds.source

-- name: last_drill
SELECT at, error FROM cygni.archive_drills ORDER BY at DESC LIMIT 1

-- name: debts
-- How far behind each policy was after its last run.
SELECT DISTINCT ON (policy) policy, at, oldest, overdue_seconds, drained_at FROM cygni.retention_debts ORDER BY policy, at DESC

-- name: holds
SELECT h.id::text AS id, coalesce(t.slug, h.tenant_id::text) AS tenant, h.source, h.starts_at, h.ends_at, h.expires_at, h.created_at,
    h.created_by, h.reason
FROM cygni.legal_holds AS h
LEFT JOIN cygni.tenants AS t ON t.id = h.tenant_id
WHERE h.released_at IS NULL AND (h.expires_at IS NULL OR h.expires_at > now())
ORDER BY h.created_at, h.id
LIMIT 100

-- name: quarantined
SELECT partition, weapon, range_start, bytes, detached_at, drop_after, cygni.quarantine_obstacle(id) AS obstacle
FROM cygni.quarantined_partitions
WHERE ended_at IS NULL
ORDER BY drop_after, partition
LIMIT 100

-- name: plans
-- Plans of the purge that the brake stopped and nobody has approved: what would have gone.
SELECT p.hash, p.reason, p.created_at, p.run_id::text AS run_id, jsonb_array_length(p.items) AS items
FROM cygni.retention_plans AS p
WHERE p.approved_at IS NULL
ORDER BY p.created_at DESC
LIMIT 20

-- name: purges
-- What the policies took in the last 30 days.
SELECT policy ->> 'name' AS policy, source, count(*) AS items, coalesce(sum(rows), 0)::bigint AS rows,
    nullif(sum(bytes), 0)::bigint AS bytes, max(finished_at) AS newest
FROM cygni.purges
WHERE finished_at > now() - interval '30 days'
GROUP BY 1, 2
ORDER BY 1, 2
LIMIT 100
