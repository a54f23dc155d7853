-- What cygni-dns-verify reads and writes. Whoever looks at a domain has claimed it, so that two hosts share what is due.

-- name: release
-- Claims of this run, from an earlier attempt or because it writes nothing.
UPDATE cygni.domains SET claimed_by = NULL WHERE claimed_by = $1

-- name: claim
-- $1 run, $2 how many, $3 names (empty: what is due), $4 all names, $5 due by, $6 and $7 behind which this run's next part begins. A claim is void once its run is not running. What another run
-- has looked at since this one began is not looked at again.
WITH busy AS MATERIALIZED (
    SELECT array_agg(id) AS runs FROM cygni.job_runs WHERE job = 'dns-verify' AND state = 'running'
), chosen AS MATERIALIZED (
    SELECT tenant_id, id
    FROM cygni.domains
    WHERE state <> 'removed'
        AND CASE
            WHEN cardinality($3::text[]) > 0 THEN name = ANY ($3)
            WHEN $4::boolean THEN true
            ELSE next_check_at <= $5::timestamptz AND (next_check_at, id) > ($6::timestamptz, $7::uuid)
        END
        AND (claimed_by IS NULL OR claimed_by <> ALL (coalesce((SELECT runs FROM busy), '{}')))
        AND (last_checked_at IS NULL OR last_checked_at < $5)
    ORDER BY next_check_at, id
    LIMIT $2
    FOR UPDATE SKIP LOCKED
)
UPDATE cygni.domains AS d
SET claimed_by = $1
FROM chosen
WHERE d.tenant_id = chosen.tenant_id AND d.id = chosen.id
RETURNING d.next_check_at, d.tenant_id, d.id, d.name, d.scope, d.state, d.reason, d.verification_token, d.state_since, d.token_made_at, d.misses,
    d.zone, d.provider, d.surveyed_at,
    d.scope = 'host' AND EXISTS (
        SELECT FROM cygni.domains AS above
        WHERE above.tenant_id = d.tenant_id AND above.scope = 'domain' AND above.state = 'verified'
            AND right(d.name, length(above.name) + 1) = '.' || above.name
    ) AS is_covered

-- name: in_order
-- What is due is read in its order, and no further than it is needed, however many the server thinks there are.
SELECT set_config('enable_bitmapscan', 'off', true), set_config('enable_sort', 'off', true)

-- name: peek
-- The same for a dry run, which claims nothing.
SELECT d.tenant_id, d.id, d.name, d.scope, d.state, d.reason, d.verification_token, d.state_since, d.token_made_at, d.misses,
    d.zone, d.provider, d.surveyed_at,
    d.scope = 'host' AND EXISTS (
        SELECT FROM cygni.domains AS above
        WHERE above.tenant_id = d.tenant_id AND above.scope = 'domain' AND above.state = 'verified'
            AND right(d.name, length(above.name) + 1) = '.' || above.name
    ) AS is_covered
FROM cygni.domains AS d
WHERE state <> 'removed'
    AND CASE
        WHEN cardinality($2::text[]) > 0 THEN name = ANY ($2)
        WHEN $3::boolean THEN true
        ELSE next_check_at <= $4::timestamptz
    END
ORDER BY next_check_at, id
LIMIT $1

-- name: tenants
SELECT id, slug FROM cygni.tenants WHERE id = ANY ($1::uuid[])

-- name: displace
-- Claims whose proof is gone give way to those that have just been proven ($1).
UPDATE cygni.domains AS old
SET state = 'quarantined', reason = 'held_by_other', state_since = $2, misses = 0, verification_token = cygni.domain_token(),
    token_made_at = $2, next_check_at = $2
FROM jsonb_to_recordset($1::jsonb) AS new (id uuid, name text)
WHERE old.name = new.name AND old.id <> new.id AND old.state = 'failing'
    AND old.reason IN ('ownership_missing', 'ownership_other', 'ownership_expired', 'proof_void')
RETURNING old.tenant_id, old.id, old.name

-- name: refused
-- Of those that have just been proven ($1), the ones whose name another tenant's claim holds, or comes before them in the same run.
SELECT new.id
FROM jsonb_to_recordset($1::jsonb) AS new (id uuid, name text, place int)
WHERE EXISTS (
        SELECT FROM cygni.domains AS holder
        WHERE holder.name = new.name AND holder.id <> new.id AND holder.state IN ('verified', 'failing')
    )
    OR EXISTS (
        SELECT FROM jsonb_to_recordset($1::jsonb) AS other (id uuid, name text, place int)
        WHERE other.name = new.name AND other.place < new.place
    )

-- name: contest
-- Somebody else proves these names: their holders are looked at now.
UPDATE cygni.domains SET next_check_at = $2 WHERE name = ANY ($1::text[]) AND state IN ('verified', 'failing') AND next_check_at > $2

-- name: settle
-- Writes what became of looks ($1) by run $2 at $3. A domain that was changed, removed or claimed by another meanwhile stays as it is.
UPDATE cygni.domains AS d
SET state = new.state, reason = new.reason, state_since = new.since, misses = new.misses, zone = coalesce(new.zone, d.zone),
    provider = coalesce(new.provider, d.provider),
    verified_at = CASE WHEN new.proven THEN $3::timestamptz ELSE d.verified_at END,
    verification_token = coalesce(new.token, d.verification_token), token_made_at = new.made,
    next_check_at = new.next, last_checked_at = $3,
    surveyed_at = CASE WHEN new.surveyed THEN $3 ELSE d.surveyed_at END, claimed_by = NULL
FROM jsonb_to_recordset($1::jsonb) AS new (
    tenant_id uuid, id uuid, was text, had text, state text, reason text, since timestamptz, misses int, zone text,
    provider text, proven boolean, token text, made timestamptz, next timestamptz, surveyed boolean
)
WHERE d.tenant_id = new.tenant_id AND d.id = new.id AND d.claimed_by = $2::uuid AND d.state = new.was
    AND d.verification_token = new.had
RETURNING d.id

-- name: record
INSERT INTO cygni.domain_checks (tenant_id, domain_id, name, at, run_id, state, reason, found, fix, next_check_at)
SELECT tenant_id, id, name, $3::timestamptz, $2::uuid, state, reason, found, fix, next
FROM jsonb_to_recordset($1::jsonb) AS new (
    tenant_id uuid, id uuid, name text, state text, reason text, found jsonb, fix text, next timestamptz
)

-- name: note
-- Changes of state go to their tenants' audit trails, in one order for all runs.
SELECT count(cygni.audit_append(tenant_id, 'job:dns-verify', 'domain.' || state, name,
    jsonb_build_object('domain', id, 'from', old_state, 'reason', reason, 'run', $2::uuid)))
FROM (
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS new (tenant_id uuid, id uuid, name text, old_state text, state text, reason text)
    ORDER BY tenant_id, id
) AS changes

-- name: names
-- $1 names (empty: all that are served). For questions.
SELECT d.tenant_id, d.id, d.name, d.scope, d.state, d.reason, d.verification_token, d.state_since, d.token_made_at, d.misses,
    d.zone, d.provider, d.surveyed_at, false AS is_covered
FROM cygni.domains AS d
WHERE CASE WHEN cardinality($1::text[]) > 0 THEN name = ANY ($1) AND state <> 'removed' ELSE state IN ('verified', 'failing') END
ORDER BY name, created_at

-- name: astray
-- Names of living certificates that no claim in service stands for; another part of them each time.
SELECT name
FROM (
    SELECT DISTINCT unnest(domain_names) AS name FROM cygni.certificates WHERE not_after > $1::timestamptz AND state <> 'revoked'
) AS covered
WHERE NOT EXISTS (SELECT FROM cygni.domains WHERE domains.name = covered.name AND domains.state IN ('verified', 'failing'))
ORDER BY md5(name || $1::timestamptz)
LIMIT $2
