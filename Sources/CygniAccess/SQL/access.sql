-- Keys, links and refresh tokens. Times are the database's.

-- name: find_role
SELECT permissions FROM cygni.api_roles WHERE tenant_id = $1 AND name = $2

-- name: make_key
INSERT INTO cygni.api_keys (tenant_id, name, hint, hash, role, scopes, created_by, expires_at)
VALUES ($1, $2, $3, $4, $5, $6::text[], $7, now() + $8::bigint * interval '1 microsecond')
RETURNING id, created_at, expires_at

-- name: list_keys
SELECT id, tenant_id, name, hint, role, scopes, created_at, created_by, expires_at, last_used_at, revoked_at
FROM cygni.api_keys
WHERE tenant_id IS NOT DISTINCT FROM $1 OR $2::boolean
ORDER BY created_at, id

-- name: revoke_key
UPDATE cygni.api_keys
SET revoked_at = now(), revoked_by = $2
WHERE id = $1 AND revoked_at IS NULL AND (tenant_id IS NOT DISTINCT FROM $3 OR $4::boolean)
RETURNING tenant_id, name, hint

-- name: use_key
SELECT k.id, k.tenant_id, k.role, k.scopes, r.permissions AS own_permissions,
    coalesce(k.last_used_at < now() - interval '1 minute', true) AS is_stale
FROM cygni.api_keys AS k
LEFT JOIN cygni.api_roles AS r ON r.tenant_id = k.tenant_id AND r.name = k.role
WHERE k.hash = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())

-- name: note_key_use
UPDATE cygni.api_keys SET last_used_at = now() WHERE id = $1

-- name: make_link
INSERT INTO cygni.sign_in_links (hash, tenant_id, subject, role, created_by, expires_at)
VALUES ($1, $2, $3, $4, $5, now() + $6::bigint * interval '1 microsecond')
RETURNING expires_at

-- name: use_link
UPDATE cygni.sign_in_links
SET used_at = now()
WHERE hash = $1 AND used_at IS NULL AND expires_at > now()
RETURNING tenant_id, subject, role

-- name: begin_family
INSERT INTO cygni.refresh_tokens (id, family, tenant_id, subject, role, hash, expires_at)
VALUES ($1, $1, $2, $3, $4, $5, now() + $6::bigint * interval '1 microsecond')

-- name: rotate
-- One of many that come at once finds it unused.
UPDATE cygni.refresh_tokens
SET rotated_at = clock_timestamp()
WHERE hash = $1 AND rotated_at IS NULL AND ended_at IS NULL AND expires_at > clock_timestamp()
RETURNING id, family, tenant_id, subject, role, expires_at

-- name: add_to_family
INSERT INTO cygni.refresh_tokens (family, parent, tenant_id, subject, role, hash, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: why_not_rotated
SELECT family, tenant_id, subject, role, ended_at, ended_because,
    expires_at <= clock_timestamp() AS is_expired,
    clock_timestamp() - rotated_at <= $2::bigint * interval '1 microsecond' AS is_in_grace
FROM cygni.refresh_tokens
WHERE hash = $1

-- name: end_family
UPDATE cygni.refresh_tokens
SET ended_at = clock_timestamp(), ended_because = $2
WHERE family = $1 AND ended_at IS NULL
RETURNING id

-- name: family_of
SELECT family, tenant_id, subject FROM cygni.refresh_tokens WHERE hash = $1

-- name: begin_session
INSERT INTO cygni.page_sessions (hash, subject, role, expires_at)
VALUES ($1, $2, $3, now() + $4::bigint * interval '1 microsecond')
RETURNING id, subject, role

-- name: find_session
-- One that is neither over, ended nor left alone for too long; and whether its last use is worth noting.
SELECT id, subject, role, seen_at < now() - $2::bigint / 10 * interval '1 microsecond' AS is_stale
FROM cygni.page_sessions
WHERE hash = $1 AND ended_at IS NULL AND expires_at > now() AND seen_at > now() - $2::bigint * interval '1 microsecond'

-- name: note_session_use
UPDATE cygni.page_sessions SET seen_at = now() WHERE id = $1

-- name: end_session
UPDATE cygni.page_sessions
SET ended_at = now(), ended_because = $2
WHERE hash = $1 AND ended_at IS NULL AND expires_at > now()
RETURNING id, subject, role

-- name: tidy
-- What has been of no use for a month; a refresh token that was used twice is only told as long as it is known.
WITH links AS (DELETE FROM cygni.sign_in_links WHERE expires_at < now() - interval '30 days'),
    sessions AS (DELETE FROM cygni.page_sessions WHERE expires_at < now() - interval '30 days'),
    answers AS (DELETE FROM cygni.idempotent_requests WHERE created_at < now() - interval '24 hours')
DELETE FROM cygni.refresh_tokens AS old
WHERE old.expires_at < now() - interval '30 days'
