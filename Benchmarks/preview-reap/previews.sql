-- :previews previews, a hundred a project, of which a hundred end in all; the rest lives.
INSERT INTO cygni.tenants (id, slug, plan) SELECT md5('t' || i)::uuid, 't' || i, 'team' FROM generate_series(1, 10) AS i;
INSERT INTO cygni.projects (tenant_id, id, slug)
SELECT md5('t' || 1 + i % 10)::uuid, md5('p' || i)::uuid, 'p' || i FROM generate_series(0, :previews / 100 - 1) AS i;
INSERT INTO cygni.deployments (tenant_id, project_id, id, kind, branch, pull_request, state, created_at, ready_at, last_active_at)
SELECT md5('t' || 1 + (i / 100) % 10)::uuid, md5('p' || i / 100)::uuid, md5('d' || i)::uuid, 'preview', 'feature/' || i, i + 1, 'ready',
    now() - interval '5 days', now() - interval '5 days', now() - CASE WHEN i % (:previews / 100) = 0 THEN interval '4 days' ELSE interval '1 hour' END
FROM generate_series(0, :previews - 1) AS i;
ANALYZE cygni.deployments;
