-- What cygni-preview-reap reads and writes.

-- name: open_previews
-- Project by project, so that one is decided as a whole.
DECLARE previews NO SCROLL CURSOR FOR
SELECT d.tenant_id, d.project_id, d.id, t.slug || '/' || p.slug AS project, t.plan, p.repository, d.branch, d.pull_request, d.state,
    d.pinned, d.protected, d.aliases, d.created_at, d.ready_at, d.last_active_at, d.expires_at, d.runtime_ref, d.artifact_prefix,
    d.state_before, d.restore_until, d.reap_rule, d.reap_begun_at IS NOT NULL AS is_begun,
    e.first_seen_at, e.deployment_id IS NOT NULL AS has_end, e.noticed_at,
    cygni.preview_fingerprint(d) AS fingerprint
FROM cygni.deployments AS d
JOIN cygni.tenants AS t ON t.id = d.tenant_id
JOIN cygni.projects AS p ON p.tenant_id = d.tenant_id AND p.id = d.project_id
LEFT JOIN cygni.preview_ends AS e ON e.tenant_id = d.tenant_id AND e.deployment_id = d.id
WHERE d.kind = 'preview' AND d.state <> 'reaped'
ORDER BY d.tenant_id, d.project_id, d.created_at, d.id;

-- name: fetch_previews
FETCH FORWARD 2000 FROM previews;

-- name: close_previews
CLOSE previews;

-- name: wanted
-- What is to be asked of forges, by repository.
SELECT p.repository,
    coalesce(array_agg(DISTINCT d.pull_request::bigint) FILTER (WHERE d.pull_request IS NOT NULL), '{}') AS pull_requests,
    coalesce(array_agg(DISTINCT d.branch) FILTER (WHERE d.pull_request IS NULL AND d.branch IS NOT NULL), '{}') AS branches
FROM cygni.deployments AS d
JOIN cygni.projects AS p ON p.tenant_id = d.tenant_id AND p.id = d.project_id
WHERE d.kind = 'preview' AND d.state IN ('ready', 'failed', 'cancelled', 'reaping') AND d.reap_begun_at IS NULL
    AND NOT d.pinned AND NOT d.protected AND d.aliases = '{}'
    AND split_part(p.repository, ':', 1) = ANY ($1::text[])
GROUP BY p.repository
ORDER BY p.repository;

-- name: recall
SELECT etag, facts::text AS facts, next FROM cygni.forge_answers WHERE url = $1;

-- name: learn
INSERT INTO cygni.forge_answers (url, etag, facts, next, at)
SELECT url, etag, facts::jsonb, next, $2 FROM jsonb_to_recordset($1::jsonb) AS x (url text, etag text, facts text, next text)
ON CONFLICT (url) DO UPDATE SET etag = EXCLUDED.etag, facts = EXCLUDED.facts, next = EXCLUDED.next, at = EXCLUDED.at;

-- name: forget_answers
DELETE FROM cygni.forge_answers WHERE at < $1::timestamptz - interval '30 days';

-- name: known
-- Which deployments are in the ledger and not reaped.
SELECT id::text AS id FROM cygni.deployments WHERE id = ANY ($1::uuid[]) AND state <> 'reaped';

-- name: orphans
SELECT engine, class, ref, first_seen_at FROM cygni.preview_orphans;

-- name: see_orphans
INSERT INTO cygni.preview_orphans (engine, class, ref, name, deployment, first_seen_at, last_seen_at)
SELECT engine, class, ref, name, deployment, $2, $2
FROM jsonb_to_recordset($1::jsonb) AS x (engine text, class text, ref text, name text, deployment text)
ON CONFLICT (engine, class, ref) DO UPDATE SET last_seen_at = EXCLUDED.last_seen_at, name = EXCLUDED.name;

-- name: forget_orphans
-- Those that an engine which told all no longer has.
DELETE FROM cygni.preview_orphans WHERE engine = ANY ($2::text[]) AND last_seen_at < $1;

-- name: see_ends
INSERT INTO cygni.preview_ends (tenant_id, deployment_id, rule, first_seen_at, last_seen_at)
SELECT tenant_id, deployment_id, rule, CASE WHEN seen THEN $5::timestamptz END, CASE WHEN seen THEN $5::timestamptz END
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::boolean[]) AS x (tenant_id, deployment_id, rule, seen)
WHERE rule <> ''
ON CONFLICT (tenant_id, deployment_id) DO UPDATE
SET rule = EXCLUDED.rule, last_seen_at = EXCLUDED.last_seen_at,
    first_seen_at = CASE WHEN EXCLUDED.first_seen_at IS NOT NULL THEN coalesce(preview_ends.first_seen_at, EXCLUDED.first_seen_at) END;

-- name: forget_ends
DELETE FROM cygni.preview_ends AS e
USING unnest($1::uuid[], $2::uuid[], $3::text[]) AS x (tenant_id, deployment_id, rule)
WHERE x.rule = '' AND e.tenant_id = x.tenant_id AND e.deployment_id = x.deployment_id;

-- name: mark
-- Only those that stand as they stood when it was decided.
UPDATE cygni.deployments AS d
SET state_before = d.state, state = 'reaping', reaping_since = $6, restore_until = $6::timestamptz + x.grace * interval '1 microsecond',
    reap_rule = x.rule
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bigint[]) AS x (tenant_id, id, fingerprint, rule, grace)
WHERE d.tenant_id = x.tenant_id AND d.id = x.id AND d.state IN ('ready', 'failed', 'cancelled')
    AND x.fingerprint = cygni.preview_fingerprint(d)
    AND NOT EXISTS (SELECT FROM cygni.deployments AS t WHERE t.id = d.id AND t.tenant_id <> d.tenant_id)
RETURNING d.id;

-- name: restore
WITH back AS (
    UPDATE cygni.deployments AS d
    SET state = coalesce(d.state_before, 'ready'), state_before = NULL, reaping_since = NULL, restore_until = NULL, reap_rule = NULL
    WHERE d.tenant_id = $1::uuid AND d.id = $2::uuid AND d.state = 'reaping' AND d.reap_begun_at IS NULL
    RETURNING d.tenant_id, d.id
), ends AS (
    DELETE FROM cygni.preview_ends AS e USING back WHERE e.tenant_id = back.tenant_id AND e.deployment_id = back.id
)
SELECT id::text AS id FROM back;

-- name: begin
-- From here on there is no way back. A run that goes on with one finds it begun; one with a rule is marked in the same breath, while it
-- stands as it stood when that was decided.
UPDATE cygni.deployments AS d
SET state_before = CASE d.state WHEN 'reaping' THEN d.state_before ELSE d.state END, state = 'reaping',
    reaping_since = coalesce(d.reaping_since, $6), restore_until = coalesce(d.restore_until, $6),
    reap_rule = coalesce(d.reap_rule, NULLIF(x.rule, '')), reap_begun_at = coalesce(d.reap_begun_at, clock_timestamp()),
    reap_objects = coalesce(d.reap_objects, '[]') || (
        SELECT coalesce(jsonb_agg(o.value), '[]') FROM jsonb_array_elements(x.objects::jsonb) AS o
        WHERE NOT coalesce(d.reap_objects, '[]') @> jsonb_build_array(o.value))
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[]) AS x (tenant_id, id, fingerprint, rule, objects)
WHERE d.tenant_id = x.tenant_id AND d.id = x.id AND CASE x.rule
    WHEN '' THEN d.state = 'reaping'
        AND (d.reap_begun_at IS NOT NULL
            OR (NOT d.pinned AND NOT d.protected AND d.aliases = '{}' AND x.fingerprint = cygni.preview_fingerprint(d)))
    ELSE d.state IN ('ready', 'failed', 'cancelled')
        AND x.fingerprint = cygni.preview_fingerprint(d)
    END
    AND NOT EXISTS (SELECT FROM cygni.deployments AS t WHERE t.id = d.id AND t.tenant_id <> d.tenant_id)
RETURNING d.id, ARRAY(SELECT o ->> 'words' FROM jsonb_array_elements(d.reap_objects) AS o)::text[] AS objects,
    (d.reap_found ->> 'artifacts')::bigint AS artifacts, (d.reap_found ->> 'bytes')::bigint AS bytes;

-- name: found
UPDATE cygni.deployments AS d SET reap_found = x.found::jsonb
FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS x (tenant_id, id, found)
WHERE d.tenant_id = x.tenant_id AND d.id = x.id AND d.reap_found IS NULL;

-- name: begun
-- Containers of an engine that runs began to delete.
SELECT DISTINCT x.ref
FROM cygni.deployments AS d, jsonb_to_recordset(d.reap_objects) AS x (engine text, class text, ref text)
WHERE d.kind = 'preview' AND d.state <> 'reaped' AND d.reap_objects IS NOT NULL AND x.engine = $1 AND x.class = 'container'
    AND d.reap_begun_at IS NOT NULL;

-- name: belongings
SELECT b.deployment_id, b.class, b.name FROM cygni.preview_belongings AS b
JOIN unnest($1::uuid[], $2::uuid[]) AS x (tenant_id, id) ON b.tenant_id = x.tenant_id AND b.deployment_id = x.id
ORDER BY b.name;

-- name: prefix_shared
-- Who else has something there, above or below: another deployment that is not reaped, or the archives.
WITH asked AS (SELECT rtrim($1, '/') || '/' AS prefix), others AS (
    SELECT 'deployment ' || id AS owner, rtrim(artifact_prefix, '/') || '/' AS place FROM cygni.deployments
    WHERE state <> 'reaped' AND NOT (tenant_id = $2::uuid AND id = $3::uuid) AND artifact_prefix IS NOT NULL
    UNION ALL SELECT 'the archives', 'archives/'
    UNION ALL SELECT 'the archives', object_key FROM cygni.archives
    UNION ALL SELECT 'the archives', manifest_key FROM cygni.archives
)
SELECT owner FROM others, asked WHERE starts_with(place, prefix) OR (place LIKE '%/' AND starts_with(prefix, place)) LIMIT 1;

-- name: lock_previews
-- Who writes down another belonging waits, or is seen by the next statement.
SELECT d.id FROM cygni.deployments AS d JOIN unnest($1::uuid[], $2::uuid[]) AS x (tenant_id, id) USING (tenant_id, id)
ORDER BY d.tenant_id, d.id FOR UPDATE OF d;

-- name: reaped
-- Ends those of which no belonging was written down that was not proven gone; that one is told.
WITH asked AS (
    SELECT x.tenant_id, x.id, x.receipt::jsonb AS receipt, (
        SELECT min(b.class || ' ' || b.name) FROM cygni.preview_belongings AS b
        WHERE b.tenant_id = x.tenant_id AND b.deployment_id = x.id AND NOT x.receipt::jsonb -> 'belongings' ? (b.class || ' ' || b.name)
    ) AS late
    FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS x (tenant_id, id, receipt)
), gone AS (
    UPDATE cygni.deployments AS d
    SET state = 'reaped', reaped_at = clock_timestamp(), reaped = asked.receipt, reap_objects = NULL, reap_found = NULL
    FROM asked
    WHERE d.tenant_id = asked.tenant_id AND d.id = asked.id AND d.state = 'reaping' AND asked.late IS NULL
    RETURNING d.tenant_id, d.id
), ends AS (
    DELETE FROM cygni.preview_ends AS e USING gone WHERE e.tenant_id = gone.tenant_id AND e.deployment_id = gone.id
), owned AS (
    DELETE FROM cygni.preview_belongings AS b USING gone WHERE b.tenant_id = gone.tenant_id AND b.deployment_id = gone.id
)
SELECT asked.id, asked.late, gone.id IS NOT NULL AS is_gone FROM asked LEFT JOIN gone USING (tenant_id, id);

-- name: noticed
INSERT INTO cygni.preview_ends (tenant_id, deployment_id, rule, noticed_at) VALUES ($1::uuid, $2::uuid, $3, $4)
ON CONFLICT (tenant_id, deployment_id) DO UPDATE SET noticed_at = EXCLUDED.noticed_at;
