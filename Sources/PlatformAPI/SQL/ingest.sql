-- Metrics and logs on their way in, as cygni_app within the tenant.

-- name: write_logs
-- The tenant and the class are asked for once and not with every row.
INSERT INTO cygni.log_lines (ts, tenant_id, project_id, deployment_id, level, message, fields, retention_class)
SELECT line.ts, (SELECT cygni.current_tenant()), line.project_id, line.deployment_id, line.level, line.message, line.fields,
    (SELECT cygni.current_retention_class())
FROM unnest($1::timestamptz[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::jsonb[])
    AS line (ts, project_id, deployment_id, level, message, fields)

-- name: write_samples
INSERT INTO cygni.metric_samples (ts, tenant_id, project_id, metric, value)
SELECT sample.ts, (SELECT cygni.current_tenant()), sample.project_id, sample.metric, sample.value
FROM unnest($1::timestamptz[], $2::uuid[], $3::text[], $4::double precision[]) AS sample (ts, project_id, metric, value)

-- name: strange_owners
-- Which of these are not the tenant's: a project, or a deployment of that project. Their places, from 1.
SELECT owner.place
FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS owner (project_id, deployment_id, place)
WHERE NOT EXISTS (SELECT FROM cygni.projects AS p WHERE p.id = owner.project_id)
    OR owner.deployment_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM cygni.deployments AS d WHERE d.id = owner.deployment_id AND d.project_id = owner.project_id
    )
ORDER BY owner.place
