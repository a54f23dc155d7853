-- What cygni reclaim reads and writes.

-- name: owners
-- The deployments that labels name, each with its place among its project's production deployments that were ready, the newest first.
WITH asked AS (
    SELECT DISTINCT tenant_id, project_id FROM cygni.deployments WHERE id = ANY ($1::uuid[])
), ranked AS (
    SELECT d.id, d.tenant_id, t.slug || '/' || p.slug AS project, d.kind, d.state,
        d.pinned OR d.protected OR d.aliases <> '{}' AS is_kept, greatest(d.created_at, d.ready_at, d.last_active_at) AS last_used_at,
        CASE WHEN d.kind = 'production' AND (d.ready_at IS NOT NULL OR d.state = 'ready') THEN
            row_number() OVER (PARTITION BY d.tenant_id, d.project_id, d.kind = 'production' AND (d.ready_at IS NOT NULL OR d.state = 'ready')
                ORDER BY coalesce(d.ready_at, d.created_at) DESC, d.id)
        END AS place
    FROM asked
    JOIN cygni.deployments AS d USING (tenant_id, project_id)
    JOIN cygni.tenants AS t ON t.id = d.tenant_id
    JOIN cygni.projects AS p ON p.tenant_id = d.tenant_id AND p.id = d.project_id
)
SELECT id, tenant_id, project, kind, state, is_kept, last_used_at, place FROM ranked WHERE id = ANY ($1::uuid[]);
