SELECT id, project_id, kind, branch, pull_request, commit_sha, state, pinned, expires_at, created_at, ready_at, last_active_at
FROM cygni.deployments
WHERE (created_at, id) < ($1, $2::uuid) AND ($3::uuid IS NULL OR project_id = $3) AND ($4::text IS NULL OR kind = $4)
    AND ($5::text IS NULL OR state = $5)
ORDER BY created_at DESC, id DESC
LIMIT $6
