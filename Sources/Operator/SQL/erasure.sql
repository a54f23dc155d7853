-- What a tenant has, and how it goes. Statements that change something run as cygni_owner, but those of the roll-up.

-- name: tenant
SELECT slug FROM cygni.tenants WHERE id = $1

-- name: tables
-- Tables with rows of tenants, what refers to others first; the audit log is told apart.
WITH RECURSIVE named AS (
    SELECT c.oid, n.nspname, c.relname
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('cygni', 'cygni_rollup') AND c.relkind = 'r' AND NOT c.relispartition
        AND c.relname NOT IN ('audit_log', 'audit_segments', 'erased_tenants')
        AND EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped)
), depths AS (
    SELECT oid, 0 AS depth FROM named
    UNION
    SELECT k.confrelid, d.depth + 1 FROM depths AS d JOIN pg_constraint AS k ON k.conrelid = d.oid
    WHERE k.contype = 'f' AND k.confrelid <> k.conrelid AND d.depth < 20
)
SELECT format('%I.%I', n.nspname, n.relname) AS relation, n.relname::text AS source
FROM named AS n JOIN depths AS d USING (oid) GROUP BY 1, 2 ORDER BY max(d.depth), 1

-- name: days
-- Partitions, those in quarantine too, and copies of them that a killed purge left there; oldest first.
SELECT format('%I.%I', n.nspname, c.relname) AS relation, l.source, l.partition AS name, l.archive_source, l.range_start, l.range_end
FROM cygni.retention_guards AS g
CROSS JOIN LATERAL pg_partition_tree(to_regclass(format('cygni.%I', g.source))) AS t
JOIN pg_class AS c ON c.oid = t.relid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
CROSS JOIN LATERAL cygni.retention_leaf(t.relid) AS l
WHERE t.isleaf
UNION ALL
SELECT format('cygni_quarantine.%I', q.relation), q.source, q.partition, coalesce(q.proof ->> 'archive_source', q.partition), q.range_start, q.range_end
FROM cygni.quarantined_partitions AS q WHERE q.ended_at IS NULL
UNION ALL
SELECT copy::text, coalesce(l.source, 'quarantine'), coalesce(l.partition, copy::text), coalesce(l.archive_source, ''),
    coalesce(l.range_start, now()), coalesce(l.range_end, now())
FROM cygni.retention_copies() AS copy
LEFT JOIN LATERAL cygni.retention_leaf((obj_description(copy, 'pg_class')::jsonb ->> 'leaf')::bigint::oid) AS l ON true
ORDER BY 5, 1

-- name: held
-- What keeps a tenant's data of some sources and of a span.
SELECT h.id::text AS id, h.reason FROM cygni.holds_over($1, $2, $3) AS h WHERE h.tenant_id IS NULL OR h.tenant_id = $4 ORDER BY h.created_at LIMIT 1

-- name: standing_hold
-- A hold of the tenant's own that is in force.
SELECT id::text AS id, reason FROM cygni.legal_holds
WHERE tenant_id = $1 AND released_at IS NULL AND (expires_at IS NULL OR expires_at > now()) ORDER BY created_at LIMIT 1

-- name: archives
SELECT a.id::text AS id, a.source, a.object_key, a.manifest_key, a.range_start, coalesce(a.range_end, a.created_at) AS range_end
FROM cygni.archives AS a
WHERE a.verified_at IS NOT NULL AND a.purging_at IS NULL AND a.manifest_key IS NOT NULL
ORDER BY a.range_start NULLS LAST, a.source, a.part

-- name: rollups
SELECT relation::text AS relation, level, range_start, range_end FROM cygni_rollup.relations
WHERE state IN ('open', 'sealed') ORDER BY level <> '1m', level <> '1h', range_start

-- name: prefixes
-- Where a tenant's deployments keep what was built, and whether another tenant's are kept there too.
SELECT d.artifact_prefix AS prefix, count(*) AS deployments, EXISTS (
        SELECT FROM cygni.deployments AS o
        WHERE o.tenant_id <> $1 AND (starts_with(o.artifact_prefix, d.artifact_prefix) OR starts_with(d.artifact_prefix, o.artifact_prefix))
    ) AS is_shared
FROM cygni.deployments AS d WHERE d.tenant_id = $1 AND d.artifact_prefix <> '' GROUP BY 1 ORDER BY 1

-- name: audit_entries
SELECT count(*) AS entries FROM cygni.audit_log WHERE tenant_id = $1

-- name: freeze_holds
SELECT cygni.freeze_holds()

-- name: note_erased
INSERT INTO cygni_rollup.erased_tenants (tenant_id) VALUES ($1) ON CONFLICT DO NOTHING

-- name: leave_out
SELECT cygni_rollup.leave_out_erased($1)

-- name: open_receipt
-- The receipt that an earlier attempt left open, or a new one.
WITH standing AS (
    SELECT id FROM cygni.purges WHERE weapon = 'erase' AND source = $3 AND item = $4 AND finished_at IS NULL
        AND proof ->> 'tenant' = $7::jsonb ->> 'tenant'
    ORDER BY started_at LIMIT 1
), fresh AS (
    INSERT INTO cygni.purges (run_id, policy, source, item, weapon, range_start, range_end, proof, actor)
    SELECT $1, '{"name": "erase-tenant"}', $3, $4, 'erase', $5, $6, $7::jsonb, $2 WHERE NOT EXISTS (SELECT FROM standing)
    RETURNING id
)
SELECT id::text AS id FROM standing UNION ALL SELECT id::text FROM fresh

-- name: add_rows
UPDATE cygni.purges SET rows = rows + $2, bytes = bytes + $3, statements = statements + 1 WHERE id = $1::uuid

-- name: finish
UPDATE cygni.purges SET finished_at = clock_timestamp() WHERE id = $1::uuid AND finished_at IS NULL
RETURNING item, actor, (to_jsonb(purges) - 'audit_id' - 'longest_ms')::text AS details

-- name: note_audit
UPDATE cygni.purges SET audit_id = $2 WHERE id = $1::uuid

-- name: unfinished_objects
-- Objects that were replaced and perhaps not deleted yet.
SELECT p.id::text AS id, k AS key FROM cygni.purges AS p CROSS JOIN LATERAL jsonb_array_elements_text(p.proof -> 'keys') AS k
WHERE p.weapon = 'erase' AND p.finished_at IS NULL AND p.proof ->> 'tenant' = $1 AND p.proof ? 'keys' ORDER BY 1, 2

-- name: replace_archive
UPDATE cygni.archives SET object_key = $2, manifest_key = $3, rows = $4, bytes = $5, raw_bytes = $6, sha256 = $7, row_digest = $8,
    manifest_sha256 = $9, verified_at = now(), rows_proven = true
WHERE id = $1::uuid AND verified_at IS NOT NULL AND purging_at IS NULL AND object_key = $10
RETURNING id::text AS id

-- name: end_archive
UPDATE cygni.archives SET purging_at = now(), purged_at = now() WHERE id = $1::uuid AND purging_at IS NULL AND object_key = $2
RETURNING id::text AS id
