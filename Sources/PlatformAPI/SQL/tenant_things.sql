-- What a tenant sees and changes of its own. Each runs as cygni_app within the tenant: row-level security bounds it.

-- name: list_deployments
SELECT id, project_id, kind, branch, pull_request, commit_sha, state, pinned, expires_at, created_at, ready_at, last_active_at
FROM cygni.deployments
WHERE (created_at, id) < ($1, $2::uuid) AND ($3::uuid IS NULL OR project_id = $3) AND ($4::text IS NULL OR kind = $4)
    AND ($5::text IS NULL OR state = $5)
ORDER BY created_at DESC, id DESC
LIMIT $6

-- name: deployment
SELECT id, project_id, kind, branch, pull_request, commit_sha, state, pinned, expires_at, created_at, ready_at, last_active_at
FROM cygni.deployments
WHERE id = $1

-- name: pin_deployment
UPDATE cygni.deployments
SET pinned = $2
FROM (SELECT tenant_id, id, pinned FROM cygni.deployments WHERE id = $1 FOR UPDATE) AS before
WHERE deployments.tenant_id = before.tenant_id AND deployments.id = before.id
RETURNING before.pinned AS was_pinned

-- name: list_domains
SELECT d.id, d.project_id, d.name, d.scope, d.state, d.verification_token, d.verified_at, d.next_check_at, d.created_at,
    look.reason, look.fix
FROM cygni.domains AS d
LEFT JOIN LATERAL (
    SELECT reason, fix
    FROM cygni.domain_checks
    WHERE domain_checks.tenant_id = d.tenant_id AND domain_checks.domain_id = d.id
    ORDER BY at DESC, id DESC
    LIMIT 1
) AS look ON true
WHERE (d.created_at, d.id) < ($1, $2::uuid) AND d.state <> 'removed' AND ($3::text IS NULL OR d.state = $3)
    AND ($4::uuid IS NULL OR d.id = $4)
ORDER BY d.created_at DESC, d.id DESC
LIMIT $5

-- name: has_project
SELECT EXISTS (SELECT FROM cygni.projects WHERE id = $1) AS is_there

-- name: add_domain
INSERT INTO cygni.domains (tenant_id, project_id, name, scope)
VALUES ((SELECT cygni.current_tenant()), $1, $2, $3)
ON CONFLICT (tenant_id, name) WHERE state <> 'removed' DO NOTHING
RETURNING id

-- name: check_domain
UPDATE cygni.domains SET next_check_at = now() WHERE id = $1 AND state <> 'removed' RETURNING name

-- name: list_certificates
SELECT id, domain_names, state, not_before, not_after, issuer, next_attempt_at, created_at
FROM cygni.certificates
WHERE (created_at, id) < ($1, $2::uuid)
ORDER BY created_at DESC, id DESC
LIMIT $3

-- name: list_audit
SELECT id, at, actor, action, subject, details::text AS details, encode(hash, 'hex') AS hash
FROM cygni.audit_log
WHERE id < $1 AND ($2::text IS NULL OR action = $2) AND ($3::text IS NULL OR actor = $3)
ORDER BY id DESC
LIMIT $4
