-- What the purger may do, and what it did: guards of tables, partitions in quarantine, receipts of purges, debts, and plans
-- that wait for approval.

-- migrate:up
CREATE TABLE cygni.retention_guards (
    source text NOT NULL PRIMARY KEY CHECK (source <> ''),
    needs_archive boolean NOT NULL,
    needs_certificate boolean NOT NULL,
    floor interval NOT NULL CHECK (floor >= interval '0')
);
COMMENT ON TABLE cygni.retention_guards IS
    'What must hold before a day of a table goes, whatever settings say. Changed by cygni_owner alone.';
COMMENT ON COLUMN cygni.retention_guards.source IS 'The table with day partitions.';
COMMENT ON COLUMN cygni.retention_guards.needs_archive IS 'Every row must be in an archive that was read back.';
COMMENT ON COLUMN cygni.retention_guards.needs_certificate IS 'The roll-up must have certified the day.';
COMMENT ON COLUMN cygni.retention_guards.floor IS 'Nothing goes before this time after the end of its day.';
INSERT INTO cygni.retention_guards VALUES ('log_lines', true, false, '1 day'), ('metric_samples', false, true, '1 day');
GRANT SELECT ON cygni.retention_guards TO cygni_jobs;

CREATE TABLE cygni.quarantined_partitions (
    id uuid NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
    source text NOT NULL,
    partition text NOT NULL,
    relation text NOT NULL,
    range_start timestamptz NOT NULL,
    range_end timestamptz NOT NULL,
    retention_class text,
    weapon text NOT NULL CHECK (weapon IN ('drop', 'rewrite')),
    tenants uuid[],
    spares_tenants boolean NOT NULL DEFAULT false,
    bytes bigint NOT NULL,
    proof jsonb NOT NULL CHECK (jsonb_typeof(proof) = 'object'),
    policy jsonb NOT NULL CHECK (jsonb_typeof(policy) = 'object'),
    run_id uuid NOT NULL,
    detached_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    drop_after timestamptz NOT NULL,
    ended_at timestamptz,
    end_state text CHECK (end_state IN ('dropped', 'restored')),
    CHECK ((ended_at IS NULL) = (end_state IS NULL))
);
CREATE INDEX quarantined_partitions_standing ON cygni.quarantined_partitions (drop_after) WHERE ended_at IS NULL;
COMMENT ON TABLE cygni.quarantined_partitions IS 'Partitions that were taken out of their table, and when they end.';
COMMENT ON COLUMN cygni.quarantined_partitions.id IS 'Random.';
COMMENT ON COLUMN cygni.quarantined_partitions.source IS 'The table.';
COMMENT ON COLUMN cygni.quarantined_partitions.partition IS 'What it was called there.';
COMMENT ON COLUMN cygni.quarantined_partitions.relation IS 'What it is called in schema cygni_quarantine.';
COMMENT ON COLUMN cygni.quarantined_partitions.range_start IS 'First moment of its day.';
COMMENT ON COLUMN cygni.quarantined_partitions.range_end IS 'First moment after its day.';
COMMENT ON COLUMN cygni.quarantined_partitions.retention_class IS 'The class it held; NULL: every other one, or the table has none.';
COMMENT ON COLUMN cygni.quarantined_partitions.weapon IS 'drop: all of it goes; rewrite: what stays was copied into a new partition.';
COMMENT ON COLUMN cygni.quarantined_partitions.tenants IS 'Of a rewrite: whose rows went, or with spares_tenants whose stayed.';
COMMENT ON COLUMN cygni.quarantined_partitions.spares_tenants IS 'Whether tenants are those that stayed.';
COMMENT ON COLUMN cygni.quarantined_partitions.bytes IS 'Size on disk, indexes included.';
COMMENT ON COLUMN cygni.quarantined_partitions.proof IS 'The receipts or the certificate it went by, and how its counters stood.';
COMMENT ON COLUMN cygni.quarantined_partitions.policy IS 'The policy it went by, with its version.';
COMMENT ON COLUMN cygni.quarantined_partitions.run_id IS 'The run that took it out.';
COMMENT ON COLUMN cygni.quarantined_partitions.detached_at IS 'When.';
COMMENT ON COLUMN cygni.quarantined_partitions.drop_after IS 'Until then it can be put back.';
COMMENT ON COLUMN cygni.quarantined_partitions.ended_at IS 'When it was dropped or put back; NULL: it is there.';
COMMENT ON COLUMN cygni.quarantined_partitions.end_state IS 'dropped or restored.';

CREATE TABLE cygni.purges (
    id uuid NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
    run_id uuid NOT NULL,
    policy jsonb NOT NULL CHECK (jsonb_typeof(policy) = 'object'),
    source text NOT NULL CHECK (source <> ''),
    item text NOT NULL CHECK (item <> ''),
    weapon text NOT NULL CHECK (weapon IN ('drop', 'rewrite', 'delete', 'objects', 'roll-up', 'segment', 'erase')),
    range_start timestamptz,
    range_end timestamptz,
    rows bigint NOT NULL DEFAULT 0 CHECK (rows >= 0),
    bytes bigint NOT NULL DEFAULT 0,
    digest text,
    proof jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(proof) = 'object'),
    actor text NOT NULL CHECK (actor <> ''),
    statements integer NOT NULL DEFAULT 0,
    longest_ms double precision NOT NULL DEFAULT 0,
    wal_bytes bigint NOT NULL DEFAULT 0,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    audit_id bigint
);
CREATE INDEX purges_finished ON cygni.purges (finished_at);
CREATE INDEX purges_rollups ON cygni.purges (range_start, range_end) WHERE weapon = 'roll-up';
CREATE INDEX purges_open ON cygni.purges (source, item) WHERE finished_at IS NULL;
COMMENT ON TABLE cygni.purges IS 'A receipt for each thing that was purged, written in the transaction that purged it.';
COMMENT ON COLUMN cygni.purges.id IS 'Random.';
COMMENT ON COLUMN cygni.purges.run_id IS 'The run that purged.';
COMMENT ON COLUMN cygni.purges.policy IS 'The policy and its version (SHA-256 of its text).';
COMMENT ON COLUMN cygni.purges.source IS 'The table, or archives.';
COMMENT ON COLUMN cygni.purges.item IS 'The partition, object or range of rows.';
COMMENT ON COLUMN cygni.purges.weapon IS 'How it went.';
COMMENT ON COLUMN cygni.purges.range_start IS 'First moment of the rows that went; NULL: since ever.';
COMMENT ON COLUMN cygni.purges.range_end IS 'First moment of the rows that stayed.';
COMMENT ON COLUMN cygni.purges.rows IS 'How many went, as counted by the archive, the certificate or the deletion.';
COMMENT ON COLUMN cygni.purges.bytes IS 'What they took, as far as it is known.';
COMMENT ON COLUMN cygni.purges.digest IS 'Of what went: the root of the receipts'' digests, the certificate''s, or the head of a chain.';
COMMENT ON COLUMN cygni.purges.proof IS 'The archives'' receipts, the certificate, and what else the purge went by.';
COMMENT ON COLUMN cygni.purges.actor IS 'Who purged.';
COMMENT ON COLUMN cygni.purges.statements IS 'How many statements removed something.';
COMMENT ON COLUMN cygni.purges.longest_ms IS 'The longest of them, in milliseconds.';
COMMENT ON COLUMN cygni.purges.wal_bytes IS 'WAL the server wrote meanwhile, others'' included.';
COMMENT ON COLUMN cygni.purges.started_at IS 'When the first row went.';
COMMENT ON COLUMN cygni.purges.finished_at IS 'When the last had gone; NULL: a run is at it, or ended early.';
COMMENT ON COLUMN cygni.purges.audit_id IS 'Its entry in the audit log.';

CREATE TABLE cygni.retention_debts (
    policy text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    run_id uuid NOT NULL,
    oldest timestamptz,
    overdue_seconds double precision NOT NULL DEFAULT 0,
    drained_at timestamptz,
    PRIMARY KEY (policy, at)
);
COMMENT ON TABLE cygni.retention_debts IS 'How far behind each policy was after a run.';
COMMENT ON COLUMN cygni.retention_debts.policy IS 'Its name.';
COMMENT ON COLUMN cygni.retention_debts.at IS 'When it was measured.';
COMMENT ON COLUMN cygni.retention_debts.run_id IS 'By which run.';
COMMENT ON COLUMN cygni.retention_debts.oldest IS 'The oldest row that should have gone; NULL: none.';
COMMENT ON COLUMN cygni.retention_debts.overdue_seconds IS 'For how long it should have been gone.';
COMMENT ON COLUMN cygni.retention_debts.drained_at IS 'When nothing will be overdue at the pace of late; NULL: not at this pace, or nothing is.';

CREATE TABLE cygni.retention_plans (
    hash text NOT NULL PRIMARY KEY CHECK (hash ~ '^[0-9a-f]{64}$'),
    items jsonb NOT NULL CHECK (jsonb_typeof(items) = 'array'),
    reason text NOT NULL,
    run_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    approved_at timestamptz
);
COMMENT ON TABLE cygni.retention_plans IS 'Plans that the brake stopped; each is approved by its hash, once.';
COMMENT ON COLUMN cygni.retention_plans.hash IS 'SHA-256 of its items.';
COMMENT ON COLUMN cygni.retention_plans.items IS 'What is to go, each with a fingerprint of how it stood.';
COMMENT ON COLUMN cygni.retention_plans.reason IS 'Why the brake stopped it.';
COMMENT ON COLUMN cygni.retention_plans.run_id IS 'The run that was stopped.';
COMMENT ON COLUMN cygni.retention_plans.created_at IS 'When it was stopped.';
COMMENT ON COLUMN cygni.retention_plans.approved_at IS 'When a run began to carry it out.';

-- Archives that ended by their own retention; a key may be used again after that.
ALTER TABLE cygni.archives ADD COLUMN purging_at timestamptz, ADD COLUMN purged_at timestamptz;
COMMENT ON COLUMN cygni.archives.purging_at IS 'When its end was decided: from then on it is no longer read.';
COMMENT ON COLUMN cygni.archives.purged_at IS 'When its object was gone from the store.';
ALTER TABLE cygni.archives DROP CONSTRAINT archives_object_key_key;
-- lint:ignore create-index-blocking: archives holds a row a day and table
CREATE UNIQUE INDEX archives_object_key_key ON cygni.archives (object_key) WHERE purged_at IS NULL;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['retention_guards', 'quarantined_partitions', 'purges', 'retention_debts', 'retention_plans'] LOOP
        EXECUTE format('ALTER TABLE cygni.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY platform_all ON cygni.%I TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true)', name);
    END LOOP;
END $$;
GRANT SELECT ON cygni.quarantined_partitions TO cygni_jobs;
-- Without DELETE: what was purged stays told.
GRANT SELECT, INSERT, UPDATE ON cygni.purges, cygni.retention_plans TO cygni_jobs;
GRANT SELECT, INSERT, DELETE ON cygni.retention_debts TO cygni_jobs;

-- migrate:down
-- lint:ignore drop-index-blocking: archives holds a row a day and table
DROP INDEX cygni.archives_object_key_key;
DELETE FROM cygni.archives WHERE purged_at IS NOT NULL;
-- lint:ignore add-unique-without-index: the same
ALTER TABLE cygni.archives ADD CONSTRAINT archives_object_key_key UNIQUE (object_key);
ALTER TABLE cygni.archives DROP COLUMN purging_at, DROP COLUMN purged_at;
DROP TABLE cygni.retention_plans, cygni.retention_debts, cygni.purges, cygni.quarantined_partitions, cygni.retention_guards;
