-- The sample platform's previews that run, and what their containers are called.
SELECT d.id, t.slug || '-' || p.slug || '-pr' || d.pull_request
FROM cygni.deployments AS d
JOIN cygni.tenants AS t ON t.id = d.tenant_id
JOIN cygni.projects AS p ON p.tenant_id = d.tenant_id AND p.id = d.project_id
WHERE d.kind = 'preview' AND d.state = 'ready' AND t.slug < 'd'
ORDER BY 2;
