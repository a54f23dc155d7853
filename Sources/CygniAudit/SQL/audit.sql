-- name: append
SELECT cygni.audit_append($1::uuid, $2::text, $3::text, $4::text, $5::jsonb) AS id

-- name: heads
SELECT tenant_id, seq, hash FROM cygni_private.audit_heads ORDER BY tenant_id

-- details as text: it is the printed form of the stored jsonb that is hashed.
-- name: open_entries
DECLARE audit_entries NO SCROLL CURSOR FOR
SELECT tenant_id, seq, id, at, actor, action, subject, details::text AS details, prev_hash, hash
FROM cygni.audit_log
ORDER BY tenant_id, seq, id

-- name: fetch_entries
FETCH FORWARD 2000 FROM audit_entries

-- name: close_entries
CLOSE audit_entries
