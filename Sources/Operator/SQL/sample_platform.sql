-- The sample platform's tenants and what they run. Ids come from the names, so that a second load finds its own rows, and
-- tells a real tenant that happens to bear a sample's name.

-- name: make_sample_projects
-- What there is, for the other statements: one row for each project.
CREATE TEMPORARY TABLE IF NOT EXISTS sample_projects AS
SELECT
    md5('cygni sample tenant ' || tenant)::uuid AS tenant_id,
    tenant,
    plan,
    md5('cygni sample project ' || tenant || '/' || project)::uuid AS project_id,
    project,
    md5('cygni sample deployment ' || tenant || '/' || project || '/production')::uuid AS deployment_id,
    -- Minutes between two samples, and log lines an hour.
    CASE plan WHEN 'enterprise' THEN 1 WHEN 'pro' THEN 2 ELSE 5 END AS step,
    CASE plan WHEN 'enterprise' THEN 30 WHEN 'pro' THEN 14 ELSE 6 END AS lines,
    hashtextextended(tenant || '/' || project, 2026) AS seed
FROM (
    VALUES
        ('willow-notes', 'free'), ('pixel-garden', 'free'), ('tiny-radio', 'free'), ('paper-kite', 'free'), ('moss-and-co', 'free'),
        ('harbor-books', 'pro'), ('copper-kettle', 'pro'), ('lumen-studio', 'pro'), ('north-maps', 'pro'),
        ('atlas-freight', 'enterprise'), ('meridian-bank', 'enterprise'), ('orchard-health', 'enterprise')
) AS tenants (tenant, plan)
JOIN (
    VALUES ('free', 'site'), ('pro', 'shop'), ('pro', 'api'), ('enterprise', 'portal'), ('enterprise', 'api')
) AS projects (plan, project) USING (plan)

-- name: taken
-- Sample names that somebody else bears.
SELECT t.slug FROM cygni.tenants AS t JOIN sample_projects AS s ON s.tenant = t.slug WHERE t.id <> s.tenant_id ORDER BY 1 LIMIT 1

-- name: tenants
INSERT INTO cygni.tenants (id, slug, plan, created_at)
SELECT DISTINCT tenant_id, tenant, plan, $1::timestamptz - interval '400 days'
FROM sample_projects
ON CONFLICT DO NOTHING

-- name: projects
INSERT INTO cygni.projects (id, tenant_id, slug, repository, created_at)
SELECT project_id, tenant_id, project, 'github:' || tenant || '/' || project, $1::timestamptz - interval '399 days'
FROM sample_projects
ON CONFLICT DO NOTHING

-- name: deployments
-- For each project its production and seven previews, one in each state; of the ready ones some are idle, pinned or past
-- their time.
INSERT INTO cygni.deployments (id, tenant_id, project_id, kind, branch, pull_request, commit_sha, state, pinned, expires_at,
    created_at, ready_at, last_active_at, runtime_ref, artifact_prefix)
SELECT
    CASE kind WHEN 'production' THEN s.deployment_id ELSE md5('cygni sample deployment ' || tenant || '/' || project || '/' || number)::uuid END,
    tenant_id, project_id, kind,
    CASE kind WHEN 'production' THEN 'main' ELSE 'feature-' || number END,
    CASE kind WHEN 'preview' THEN 100 + number END,
    left(md5(tenant || project || number), 40),
    state, pinned, $1::timestamptz + expires,
    $1::timestamptz - age, CASE WHEN state IN ('ready', 'reaping', 'reaped') THEN $1::timestamptz - age + interval '2 minutes' END,
    $1::timestamptz - idle,
    CASE WHEN state IN ('ready', 'reaping') THEN 'sample-' || tenant || '-' || project || '-' || number END,
    tenant || '/' || project || '/' || number
FROM sample_projects AS s
CROSS JOIN (
    VALUES
        (0, 'production', 'ready', true, NULL::interval, interval '90 days', interval '5 seconds'),
        (1, 'preview', 'ready', false, interval '2 days', interval '1 day', interval '10 minutes'),
        (2, 'preview', 'ready', false, interval '-3 days', interval '20 days', interval '9 days'),
        (3, 'preview', 'ready', true, NULL, interval '60 days', interval '40 days'),
        (4, 'preview', 'building', false, NULL, interval '3 minutes', NULL),
        (5, 'preview', 'queued', false, NULL, interval '20 seconds', NULL),
        (6, 'preview', 'failed', false, NULL, interval '4 days', NULL),
        (7, 'preview', 'cancelled', false, NULL, interval '6 days', NULL),
        (8, 'preview', 'reaped', false, interval '-10 days', interval '30 days', interval '17 days')
) AS d (number, kind, state, pinned, expires, age, idle)
ON CONFLICT DO NOTHING

-- name: domains
INSERT INTO cygni.domains (id, tenant_id, project_id, name, state, verification_token, verified_at, next_check_at, created_at)
SELECT
    md5('cygni sample domain ' || label || '.' || tenant)::uuid, tenant_id, project_id, label || '.' || tenant || '.example', state,
    md5('cygni sample token ' || label || '.' || tenant),
    CASE WHEN state IN ('verified', 'failing', 'quarantined') THEN $1::timestamptz - verified END,
    CASE WHEN state IN ('pending', 'verified', 'failing') THEN $1::timestamptz + interval '1 hour' END,
    $1::timestamptz - interval '200 days'
FROM sample_projects
CROSS JOIN LATERAL (
    VALUES
        (project, 'verified', interval '3 hours'),
        ('old-' || project, CASE seed & 3 WHEN 0 THEN 'failing' WHEN 1 THEN 'quarantined' WHEN 2 THEN 'removed' ELSE 'verified' END, interval '5 days'),
        ('new-' || project, 'pending', NULL)
) AS d (label, state, verified)
ON CONFLICT DO NOTHING
