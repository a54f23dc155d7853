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
