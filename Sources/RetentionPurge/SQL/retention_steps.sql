-- name: add_class
SELECT cygni.add_retention_class($1) AS added;

-- name: finalize
SELECT * FROM cygni.finalize_detachments() AS leaf;

-- name: drop_copies
SELECT * FROM cygni.drop_copies() AS copy;

-- name: detach
SELECT cygni.retention_detach($1::bigint::oid, $2::uuid, $3::text::interval, $4::jsonb)::text AS quarantine;

-- name: copy
SELECT kept, gone FROM cygni.retention_copy($1::bigint::oid, $2::uuid[], $3);

-- name: swap
SELECT cygni.retention_swap($1::bigint::oid, $2::uuid, $3::text::interval, $4::jsonb, $5::uuid[], $6)::text AS quarantine;

-- name: delete_pages
SELECT receipt::text AS receipt, deleted FROM cygni.retention_delete($1::bigint::oid, $2::uuid, $3::uuid, $4::jsonb, $5::uuid[], $6, $7, $8);

-- name: drop
SELECT cygni.retention_drop($1::uuid, $2::uuid, 'job:retention-purge') AS rows;

-- name: freeze_holds
SELECT cygni.freeze_holds();

-- name: begin_batch
-- Holds stay as they are until the batch ends. Rows and receipt are lost or kept together, so a batch in a hurry is not waited
-- for: the last transaction of the receipt is.
SELECT cygni.freeze_holds(), CASE WHEN $1 THEN set_config('synchronous_commit', 'off', true) END;

-- name: open_purge
INSERT INTO cygni.purges (run_id, policy, source, item, weapon, range_end, actor)
VALUES ($1::uuid, $2::jsonb, $3, $4, $5, $6, 'job:retention-purge') RETURNING id::text AS id;

-- name: add_rows
UPDATE cygni.purges
SET rows = rows + $2, statements = statements + 1, longest_ms = greatest(longest_ms, $3), range_start = least(range_start, $4)
WHERE id = $1::uuid;

-- name: unfinished
-- A receipt that a run which ended early left open.
SELECT id::text AS id FROM cygni.purges
WHERE source = $1 AND item = $2 AND finished_at IS NULL AND weapon <> 'erase' ORDER BY started_at DESC LIMIT 1;

-- name: finish_purge
UPDATE cygni.purges SET finished_at = clock_timestamp(), wal_bytes = $2
WHERE id = $1::uuid AND finished_at IS NULL
RETURNING item, (to_jsonb(purges) - 'audit_id' - 'longest_ms')::text AS details;

-- name: note_audit
UPDATE cygni.purges SET audit_id = $2 WHERE id = $1::uuid;

-- name: wal
SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint AS position;

-- name: pressure
SELECT wal, lag, oldest FROM cygni.pressure();

-- name: probe
-- A transaction that writes nothing but its commit.
SELECT pg_current_xact_id()::text AS id;

-- name: note_debt
INSERT INTO cygni.retention_debts (policy, run_id, oldest, overdue_seconds, drained_at) VALUES ($1, $2::uuid, $3, $4, $5);

-- name: begin_objects
-- Those that no hold keeps, while none is set.
UPDATE cygni.archives SET purging_at = coalesce(purging_at, now())
WHERE id = ANY ($1::uuid[]) AND purged_at IS NULL AND cygni.archive_hold(id) IS NULL
RETURNING id::text AS id;

-- name: held_objects
SELECT object_key, cygni.archive_hold(id) AS held FROM cygni.archives
WHERE id = ANY ($1::uuid[]) AND purged_at IS NULL AND cygni.archive_hold(id) IS NOT NULL ORDER BY object_key;

-- name: end_object
UPDATE cygni.archives SET purged_at = now() WHERE id = $1::uuid AND purged_at IS NULL RETURNING object_key;

-- name: purge_of_object
INSERT INTO cygni.purges (run_id, policy, source, item, weapon, range_start, range_end, rows, bytes, digest, proof, actor, statements, finished_at)
VALUES ($1::uuid, $2::jsonb, $3, $4, 'objects', $5, $6, $7, $8, $9, $10::jsonb, 'job:retention-purge', 1, clock_timestamp())
RETURNING id::text AS id, item, (to_jsonb(purges) - 'audit_id' - 'longest_ms')::text AS details;

-- name: drop_rollup
SELECT cygni_rollup.expire_relation($1, $2::uuid, $3::jsonb) AS rows;

-- name: close_segment
SELECT cygni.audit_close_segment($1::uuid, $2, $3::uuid, $4::jsonb) AS rows;
