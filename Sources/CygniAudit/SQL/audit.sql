-- name: append
SELECT cygni.audit_append($1::uuid, $2::text, $3::text, $4::text, $5::jsonb) AS id

-- name: append_all
SELECT count(cygni.audit_append(NULLIF(x.tenant, '')::uuid, x.actor, x.action, x.subject, x.details::jsonb))
FROM (
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) WITH ORDINALITY
        AS x (tenant, actor, action, subject, details, ordinal)
    ORDER BY tenant, ordinal
) AS x;

-- name: heads
SELECT h.tenant_id, h.seq, h.hash, s.last_seq AS closed_seq, s.head_hash AS closed_hash
FROM cygni_private.audit_heads AS h
LEFT JOIN LATERAL (
    SELECT last_seq, head_hash FROM cygni.audit_segments AS s
    WHERE s.tenant_id IS NOT DISTINCT FROM h.tenant_id ORDER BY last_seq DESC LIMIT 1
) AS s ON true
ORDER BY h.tenant_id

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
