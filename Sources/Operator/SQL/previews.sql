-- Previews as an operator sees them.

-- name: list
SELECT d.id::text AS id, t.slug || '/' || p.slug AS project, d.pull_request, d.branch, d.state, d.pinned,
    coalesce(d.reap_rule, e.rule) AS rule, e.first_seen_at, d.restore_until, d.reap_begun_at, d.created_at
FROM cygni.deployments AS d
JOIN cygni.tenants AS t ON t.id = d.tenant_id
JOIN cygni.projects AS p ON p.tenant_id = d.tenant_id AND p.id = d.project_id
LEFT JOIN cygni.preview_ends AS e ON e.tenant_id = d.tenant_id AND e.deployment_id = d.id
WHERE d.kind = 'preview' AND d.state <> 'reaped' AND ($1::uuid IS NULL OR d.tenant_id = $1)
    AND (NOT $2::boolean OR d.state = 'reaping' OR e.first_seen_at IS NOT NULL)
ORDER BY t.slug, p.slug, d.created_at, d.id;

-- name: restore
WITH back AS (
    UPDATE cygni.deployments AS d
    SET state = coalesce(d.state_before, 'ready'), state_before = NULL, reaping_since = NULL, restore_until = NULL,
        reap_rule = NULL, pinned = d.pinned OR $2
    WHERE d.id = $1::uuid AND d.kind = 'preview' AND d.state = 'reaping' AND d.reap_begun_at IS NULL
    RETURNING d.tenant_id, d.id
), ends AS (
    DELETE FROM cygni.preview_ends AS e USING back WHERE e.tenant_id = back.tenant_id AND e.deployment_id = back.id
)
SELECT tenant_id FROM back;

-- name: standing
SELECT state, reap_begun_at IS NOT NULL AS is_begun FROM cygni.deployments WHERE id = $1::uuid AND kind = 'preview';
