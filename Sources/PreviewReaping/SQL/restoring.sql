-- Bringing a preview back, for the operator's tool and the API alike.

-- name: restore
WITH back AS (
    UPDATE cygni.deployments AS d
    SET state = coalesce(d.state_before, 'ready'), state_before = NULL, reaping_since = NULL, restore_until = NULL,
        reap_rule = NULL, pinned = d.pinned OR $2
    WHERE d.id = $1::uuid AND d.kind = 'preview' AND d.state = 'reaping' AND d.reap_begun_at IS NULL
    RETURNING d.tenant_id, d.id, d.state
), ends AS (
    DELETE FROM cygni.preview_ends AS e USING back WHERE e.tenant_id = back.tenant_id AND e.deployment_id = back.id
)
SELECT tenant_id, state FROM back

-- name: standing
SELECT state, reap_begun_at IS NOT NULL AS is_begun FROM cygni.deployments WHERE id = $1::uuid AND kind = 'preview'
