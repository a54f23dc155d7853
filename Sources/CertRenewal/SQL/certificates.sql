-- What cygni-cert-renew reads and writes. Whoever works on a certificate holds its lease: a number that each write compares.

-- name: due
-- $1 now, $2 how many, $3 names (empty: what is due), $4 whether all are wanted, $5 one by its id. Each index is read from its
-- start.
WITH wanted AS MATERIALIZED (
    -- One of each tenant before the second of any.
    (SELECT id FROM (
        SELECT id, next_attempt_at, row_number() OVER (PARTITION BY tenant_id ORDER BY next_attempt_at NULLS FIRST, id) AS turn
        FROM cygni.certificates
        WHERE cardinality($3::text[]) = 0 AND NOT $4::boolean AND $5::uuid IS NULL AND state NOT IN ('retired', 'revoked')
            AND (next_attempt_at IS NULL OR next_attempt_at <= $1)
    ) AS due ORDER BY turn, next_attempt_at NULLS FIRST, id LIMIT $2)
    UNION
    (SELECT id FROM cygni.certificates
        WHERE cardinality($3::text[]) = 0 AND NOT $4 AND $5 IS NULL AND window_next_at <= $1 ORDER BY window_next_at, id LIMIT $2)
    UNION
    (SELECT id FROM cygni.certificates
        WHERE cardinality($3::text[]) = 0 AND NOT $4 AND $5 IS NULL AND probe_at <= $1 ORDER BY probe_at, id LIMIT $2)
    UNION
    (SELECT id FROM cygni.certificates
        WHERE cardinality($3::text[]) = 0 AND NOT $4 AND $5 IS NULL AND look_at <= $1 ORDER BY look_at, id LIMIT $2)
    UNION
    (SELECT id FROM cygni.certificates WHERE domain_names && $3::text[])
    UNION
    (SELECT id FROM cygni.certificates WHERE $4)
    UNION
    (SELECT id FROM cygni.certificates WHERE id = $5)
)
SELECT c.tenant_id, c.id, c.domain_names, c.state, c.reason, c.state_since, c.not_before, c.not_after, c.authority, c.profile, c.key_type,
    c.fingerprint, c.serial, c.ari_id, c.window_start, c.window_end, c.window_failures, c.window_next_at, c.next_attempt_at, c.failures,
    c.failed_at, c.problem, c.seen, c.look_at, c.order_id, c.lease, c.deployed_fingerprint, c.deploy_failures, c.served, c.edges, c.probe_at,
    c.replace_reason, t.slug AS tenant_slug,
    c.tenant_id IS NULL OR c.not_after IS NOT NULL OR NOT EXISTS (
        SELECT FROM cygni.certificates AS other
        WHERE other.tenant_id = c.tenant_id AND other.not_after IS NOT NULL
    ) AS is_new_tenant,
    (SELECT array_agg(d.name) FROM cygni.domains AS d
        WHERE d.tenant_id = c.tenant_id AND d.name = ANY (c.domain_names) AND d.state IN ('removed', 'quarantined')
            AND NOT EXISTS (
                SELECT FROM cygni.domains AS live
                WHERE live.tenant_id = d.tenant_id AND live.name = d.name AND live.state NOT IN ('removed', 'quarantined')
            )) AS removed,
    (SELECT max(d.state_since) FROM cygni.domains AS d
        WHERE d.tenant_id = c.tenant_id AND d.name = ANY (c.domain_names) AND d.state = 'verified') AS proven_since
FROM cygni.certificates AS c
LEFT JOIN cygni.tenants AS t ON t.id = c.tenant_id
WHERE c.id IN (SELECT id FROM wanted)

-- name: uncovered
-- Verified domains without a certificate.
SELECT d.tenant_id, d.name
FROM cygni.domains AS d
WHERE d.state = 'verified' AND NOT EXISTS (
    SELECT FROM cygni.certificates AS c
    WHERE c.domain_names @> ARRAY[d.name] AND c.tenant_id = d.tenant_id AND c.state NOT IN ('retired', 'revoked')
)
ORDER BY d.tenant_id, d.name
LIMIT $1

-- name: cover
INSERT INTO cygni.certificates (tenant_id, domain_names)
SELECT w.tenant_id, ARRAY[w.name]
FROM jsonb_to_recordset($1::jsonb) AS w (tenant_id uuid, name text)
WHERE NOT EXISTS (
    SELECT FROM cygni.certificates AS c
    WHERE c.domain_names @> ARRAY[w.name] AND c.tenant_id = w.tenant_id AND c.state NOT IN ('retired', 'revoked')
)

-- name: lock_cover
-- Two runs that cover the same domain make one certificate.
SELECT pg_advisory_xact_lock(hashtextextended('cygni.certificates cover', 0))

-- name: lease
-- $1 id, $2 run, $3 the lease and $4 the leaf that were seen: what somebody has done since is not done again. A lease is void once its
-- run is not running.
UPDATE cygni.certificates AS c
SET lease = lease + 1, leased_by = $2, leased_until = clock_timestamp() + interval '10 minutes'
WHERE c.id = (
    SELECT id FROM cygni.certificates
    WHERE id = $1 AND lease = $3 AND fingerprint IS NOT DISTINCT FROM $4 AND state NOT IN ('retired', 'revoked')
        AND (leased_by IS NULL OR leased_by = $2 OR leased_until < clock_timestamp()
            OR leased_by NOT IN (SELECT r.id FROM cygni.job_runs AS r WHERE r.job = 'cert-renew' AND r.state = 'running'))
    FOR UPDATE SKIP LOCKED
)
RETURNING lease

-- name: release
-- Counted too: who saw it while it was worked on knows less than there is by now.
UPDATE cygni.certificates SET leased_by = NULL, leased_until = NULL, lease = lease + 1 WHERE id = $1 AND lease = $2

-- name: hold
-- Only who holds the lease writes, and holds it on.
UPDATE cygni.certificates SET leased_until = clock_timestamp() + interval '10 minutes' WHERE id = $1 AND lease = $2 AND leased_by = $3 RETURNING lease

-- name: open_order
SELECT o.*, k.sealed AS key_sealed, k.key_type AS key_kind
FROM cygni.certificate_orders AS o
JOIN cygni.certificate_keys AS k ON k.id = o.key_id
WHERE o.id = $1 AND o.state = 'open'

-- name: begin_key
INSERT INTO cygni.certificate_keys (id, certificate_id, key_type, spki, sealed, key_version) VALUES ($1, $2, $3, $4, $5, $6)

-- name: begin_order
INSERT INTO cygni.certificate_orders (id, tenant_id, certificate_id, authority, directory, names, key_id, is_renewal, replaces, run_id, host)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)

-- name: set_order
UPDATE cygni.certificates SET order_id = $2 WHERE id = $1

-- name: order_url
UPDATE cygni.certificate_orders SET url = $2, replaces = $3 WHERE id = $1

-- name: end_order
UPDATE cygni.certificate_orders SET state = $2, problem = $3, ended_at = clock_timestamp() WHERE id = $1

-- name: issued
UPDATE cygni.certificates
SET state = 'issued', reason = 'ok', state_since = clock_timestamp(), authority = $2, key_id = $3, serial = $4, fingerprint = $5,
    issued_at = clock_timestamp(), ari_id = $6, not_before = $7, not_after = $8, chain_pem = $9, issuer = $10, next_attempt_at = $11,
    window_start = $12, window_end = $13, window_next_at = $14, window_explanation = $15, window_failures = 0,
    failures = 0, failed_at = NULL, problem = NULL, seen = NULL, look_at = NULL, order_id = NULL, deploy_failures = 0,
    replace_reason = NULL, replace_asked_at = NULL, served = NULL, edges = NULL, probe_at = clock_timestamp()
WHERE id = $1

-- name: forget_keys
-- The key in use and the one before it stay; whose order came to nothing goes.
DELETE FROM cygni.certificate_keys AS k
WHERE k.certificate_id = $1 AND k.id NOT IN (
    SELECT o.key_id FROM cygni.certificate_orders AS o
    WHERE o.certificate_id = $1 AND o.state IN ('issued', 'open') ORDER BY o.started_at DESC LIMIT 2
) AND k.id NOT IN (SELECT c.key_id FROM cygni.certificates AS c WHERE c.id = $1 AND c.key_id IS NOT NULL)

-- name: failed
UPDATE cygni.certificates
SET reason = $2, state = $3, state_since = CASE WHEN state = $3 THEN state_since ELSE clock_timestamp() END,
    failures = $4, failed_at = $5, problem = $6, next_attempt_at = $7, look_at = $8, seen = $9, order_id = $10
WHERE id = $1

-- name: wait
UPDATE cygni.certificates SET reason = $2, next_attempt_at = $3, problem = $4 WHERE id = $1

-- name: scheduled
-- A certificate that nobody has decided about yet.
UPDATE cygni.certificates
SET next_attempt_at = $2, window_next_at = $3, probe_at = $4
WHERE id = $1

-- name: window
UPDATE cygni.certificates
SET window_start = $2, window_end = $3, window_explanation = $4, window_failures = $5, window_next_at = $6, next_attempt_at = $7
WHERE id = $1

-- name: looked
UPDATE cygni.certificates SET look_at = $2 WHERE id = $1

-- name: woken
UPDATE cygni.certificates
SET failures = 0, next_attempt_at = $2, look_at = NULL, seen = NULL, reason = 'woken',
    state = CASE WHEN not_after IS NULL THEN 'pending' ELSE 'issued' END, state_since = clock_timestamp()
WHERE id = $1

-- name: retired
UPDATE cygni.certificates
SET state = 'retired', reason = 'removed', state_since = clock_timestamp(), next_attempt_at = NULL, window_next_at = NULL,
    probe_at = NULL, look_at = NULL
WHERE id = $1

-- name: deployed
UPDATE cygni.certificates
SET state = 'deployed', reason = 'ok', state_since = CASE WHEN state = 'deployed' THEN state_since ELSE clock_timestamp() END,
    deployed_fingerprint = $2, deployed_at = clock_timestamp(), probe_at = $3
WHERE id = $1

-- name: not_deployed
UPDATE cygni.certificates
SET state = 'issued', reason = $2, problem = $3, deploy_failures = deploy_failures + 1, probe_at = $4
WHERE id = $1

-- name: probed
UPDATE cygni.certificates
SET state = $2, reason = $3, state_since = CASE WHEN state = $2 THEN state_since ELSE clock_timestamp() END,
    served = $4, edges = $5, probed_at = clock_timestamp(), probe_at = $6, deploy_failures = $7, problem = $8
WHERE id = $1

-- name: material
SELECT c.chain_pem, c.key_id, k.sealed FROM cygni.certificates AS c LEFT JOIN cygni.certificate_keys AS k ON k.id = c.key_id WHERE c.id = $1

-- name: account
SELECT id, url, sealed, thumbprint, next_sealed FROM cygni.acme_accounts WHERE directory = $1

-- name: new_account
INSERT INTO cygni.acme_accounts (id, authority, directory, thumbprint, sealed, key_version)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (directory) DO NOTHING

-- name: registered
UPDATE cygni.acme_accounts SET url = $2 WHERE id = $1

-- name: next_account_key
UPDATE cygni.acme_accounts SET next_sealed = $2 WHERE id = $1

-- name: account_key
UPDATE cygni.acme_accounts
SET sealed = $2, key_version = $3, thumbprint = $4, next_sealed = NULL, rotated_at = clock_timestamp()
WHERE id = $1

-- name: buckets
SELECT bucket, level, at FROM cygni.acme_buckets WHERE authority = $1 AND bucket = ANY ($2::text[]) ORDER BY bucket FOR UPDATE

-- name: peek_buckets
SELECT bucket, level, at FROM cygni.acme_buckets WHERE authority = $1 AND bucket = ANY ($2::text[])

-- name: lock_buckets
-- A bucket that has no row yet cannot be locked.
SELECT pg_advisory_xact_lock(hashtextextended('cygni.acme_buckets ' || $1, 0))

-- name: fill
INSERT INTO cygni.acme_buckets AS b (authority, bucket, level, at)
SELECT $1, f.bucket, f.level, $3 FROM jsonb_to_recordset($2::jsonb) AS f (bucket text, level double precision)
ON CONFLICT (authority, bucket) DO UPDATE SET level = excluded.level, at = excluded.at

-- name: authorities
SELECT authority, failures, closed_until, reason FROM cygni.acme_authorities

-- name: authority_failed
INSERT INTO cygni.acme_authorities AS a (authority, failures, closed_until, reason, changed_at)
VALUES ($1, 1, $2, $3, clock_timestamp())
ON CONFLICT (authority) DO UPDATE
SET failures = a.failures + 1, closed_until = greatest(a.closed_until, excluded.closed_until), reason = excluded.reason,
    changed_at = clock_timestamp()
RETURNING failures

-- name: authority_closed
UPDATE cygni.acme_authorities SET closed_until = $2 WHERE authority = $1

-- name: authority_well
UPDATE cygni.acme_authorities
SET failures = 0, closed_until = NULL, reason = NULL, changed_at = clock_timestamp()
WHERE authority = $1 AND (failures > 0 OR closed_until IS NOT NULL)

-- name: challenge
INSERT INTO cygni.acme_challenges (token, name, key_authorization, expires_at) VALUES ($1, $2, $3, clock_timestamp() + interval '1 day')
ON CONFLICT (token) DO UPDATE SET key_authorization = excluded.key_authorization, expires_at = excluded.expires_at

-- name: end_challenge
DELETE FROM cygni.acme_challenges WHERE token = $1

-- name: forget_challenges
DELETE FROM cygni.acme_challenges WHERE expires_at < clock_timestamp()

-- name: forget_buckets
-- Full again since long.
DELETE FROM cygni.acme_buckets WHERE at < clock_timestamp() - interval '60 days'

-- name: totals
-- For the report and the metrics: how many stand how, and how much of their lifetime is left.
SELECT state, width_bucket(
        extract(epoch FROM not_after - $1::timestamptz) / nullif(extract(epoch FROM not_after - not_before), 0), ARRAY[0, 0.05, 0.333333, 0.5]
    ) AS left_class, count(*) AS certificates
FROM cygni.certificates
WHERE state NOT IN ('retired', 'revoked')
GROUP BY 1, 2

-- name: matching
-- $1 issuer, $2 a key's digest or kind, $3 and $4 issued between, $5 window in the past, $6 by traffic, $7 what tells traffic, $8 now.
SELECT c.id::text AS id
FROM cygni.certificates AS c
LEFT JOIN cygni.certificate_keys AS k ON k.id = c.key_id
LEFT JOIN LATERAL (
    SELECT sum(m.sum) AS asked
    FROM cygni.domains AS d
    JOIN cygni.metrics_1h AS m ON m.tenant_id = d.tenant_id AND m.project_id = d.project_id
    WHERE $6::boolean AND d.tenant_id = c.tenant_id AND d.name = ANY (c.domain_names)
        AND m.metric = $7::text AND m.bucket >= $8::timestamptz - interval '1 day'
) AS traffic ON true
WHERE c.fingerprint IS NOT NULL AND c.state NOT IN ('retired', 'revoked')
    AND ($1::text IS NULL OR c.issuer = $1)
    AND ($2::text IS NULL OR k.spki = $2 OR k.key_type = $2)
    AND ($3::timestamptz IS NULL OR coalesce(c.issued_at, c.not_before) >= $3)
    AND ($4::timestamptz IS NULL OR coalesce(c.issued_at, c.not_before) < $4)
    AND (NOT $5::boolean OR c.window_start <= $8)
ORDER BY CASE WHEN $6 THEN -coalesce(traffic.asked, 0) END, c.not_after, c.id

-- name: mark
UPDATE cygni.certificates
SET replace_reason = $2, replace_asked_at = clock_timestamp(), next_attempt_at = clock_timestamp(), lease = lease + 1
WHERE id = ANY ($1::uuid[]) AND leased_by IS NULL
RETURNING id

-- name: revoked
UPDATE cygni.certificates
SET revoked_at = clock_timestamp(), revocation_reason = $2, reason = 'revoked', state_since = clock_timestamp(),
    state = CASE WHEN $3::boolean THEN 'pending' ELSE 'revoked' END, window_next_at = NULL, probe_at = NULL,
    next_attempt_at = CASE WHEN $3 THEN clock_timestamp() END, replace_reason = CASE WHEN $3 THEN 'revoked: ' || $4::text END,
    ari_id = NULL
WHERE id = $1

-- name: import
-- A name that a tenant holds is that tenant's; any other is the platform's own.
INSERT INTO cygni.certificates (id, tenant_id, domain_names, state, reason, key_id, serial, fingerprint, ari_id, not_before,
    not_after, chain_pem, issuer, issued_at, next_attempt_at, probe_at)
SELECT $1, (
        SELECT d.tenant_id FROM cygni.domains AS d
        WHERE d.name = ANY ($2::text[]) AND d.state IN ('verified', 'failing')
        ORDER BY d.name LIMIT 1
    ), $2, 'issued', 'imported', $3, $4, $5, $6, $7, $8, $9, $10, $7, $11, clock_timestamp()
WHERE NOT EXISTS (SELECT FROM cygni.certificates WHERE fingerprint = $5)
RETURNING id

-- name: stale_secrets
SELECT 'cygni.certificate_keys' AS name, count(*) AS secrets FROM cygni.certificate_keys WHERE key_version <> $1
UNION ALL
SELECT 'cygni.acme_accounts', count(*) FROM cygni.acme_accounts WHERE key_version <> $1

-- name: stale_keys
SELECT id, sealed FROM cygni.certificate_keys WHERE key_version <> $1 LIMIT $2 FOR UPDATE SKIP LOCKED

-- name: rewrap_keys
UPDATE cygni.certificate_keys SET sealed = $2, key_version = $3 WHERE id = $1

-- name: stale_accounts
SELECT id, sealed FROM cygni.acme_accounts WHERE key_version <> $1 LIMIT $2 FOR UPDATE SKIP LOCKED

-- name: rewrap_accounts
UPDATE cygni.acme_accounts SET sealed = $2, key_version = $3 WHERE id = $1

-- name: audit
SELECT cygni.audit_append($1::uuid, 'job:cert-renew', $2, $3, $4::jsonb)
