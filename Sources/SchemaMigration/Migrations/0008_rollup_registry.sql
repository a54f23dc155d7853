-- What the roll-up knows: which raw hours changed, which relations hold which buckets, and what was certified.
--
-- Three levels (1m, 1h, 1d) of buckets lie in materialized views of schema cygni_rollup, each bounded to a range of one
-- hour, one day or one month (its grain). Where two relations of a level overlap, the one of the finer grain counts:
-- so a late hour of a sealed month costs one small relation, not the month. See docs/decisions/0004.
--
-- lint:ignore table-without-primary-key: notes may repeat, so that writers never wait for each other
-- lint:ignore drop-cascade: the triggers that call the functions go with them

-- migrate:up
-- One row for each statement and hour that changed raw samples; written by triggers in the writer's own transaction, so
-- a change and the note of it become visible together. Nothing is unique here and nothing is updated: writers never
-- wait for each other. The roll-up deletes the rows it has dealt with.
CREATE TABLE cygni_rollup.changes (
    hour timestamptz NOT NULL,
    kind text NOT NULL CHECK (kind IN ('insert', 'update', 'delete', 'audit')),
    rows bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE cygni_rollup.changes IS 'Hours whose raw samples changed since they were rolled up.';

CREATE TABLE cygni_rollup.relations (
    relation name NOT NULL PRIMARY KEY,
    level text NOT NULL CHECK (level IN ('1m', '1h', '1d')),
    grain text NOT NULL CHECK (grain IN ('hour', 'day', 'month')),
    range_start timestamptz NOT NULL,
    range_end timestamptz NOT NULL CHECK (range_end > range_start),
    -- built: filled, not yet read by the views. retired: no longer read by them, to be dropped.
    state text NOT NULL CHECK (state IN ('built', 'open', 'sealed', 'retired')),
    revision integer NOT NULL DEFAULT 0,
    source_rows bigint NOT NULL DEFAULT 0,
    definition_hash text NOT NULL,
    refreshed_at timestamptz,
    cost_ms double precision
);
CREATE INDEX relations_range ON cygni_rollup.relations (level, range_start, range_end) WHERE state <> 'retired';
COMMENT ON TABLE cygni_rollup.relations IS 'The materialized views of the roll-up.';
COMMENT ON COLUMN cygni_rollup.relations.revision IS 'Rises with each refresh that was due to a change.';
COMMENT ON COLUMN cygni_rollup.relations.source_rows IS 'Raw samples behind it.';
COMMENT ON COLUMN cygni_rollup.relations.definition_hash IS 'Hash of the functions that computed it.';
COMMENT ON COLUMN cygni_rollup.relations.cost_ms IS 'Milliseconds of its last refresh.';

CREATE TABLE cygni_rollup.hours (
    hour timestamptz NOT NULL PRIMARY KEY,
    revision integer NOT NULL DEFAULT 1,
    raw_rows bigint NOT NULL,
    late_rows bigint NOT NULL DEFAULT 0,
    raw_pruned boolean NOT NULL DEFAULT false,
    refreshed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE cygni_rollup.hours IS 'Each hour that was rolled up, and from how many raw samples.';
COMMENT ON COLUMN cygni_rollup.hours.late_rows IS 'Samples that came after the hour had first been rolled up complete.';
COMMENT ON COLUMN cygni_rollup.hours.raw_pruned IS 'Samples were removed after the day was sealed: raw no longer tells what is rolled up.';

CREATE TABLE cygni_rollup.days (
    day date NOT NULL PRIMARY KEY,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'sealed')),
    revision integer NOT NULL DEFAULT 1,
    reopened_at timestamptz,
    -- Set with each hour, cleared with the day bucket: a run killed in between leaves it set.
    is_stale boolean NOT NULL DEFAULT false
);
CREATE INDEX days_open ON cygni_rollup.days (day) WHERE state = 'open';
COMMENT ON TABLE cygni_rollup.days IS 'Each day that was rolled up; sealed while it has a live certificate.';
COMMENT ON COLUMN cygni_rollup.days.reopened_at IS 'When the first late sample broke its seal.';
COMMENT ON COLUMN cygni_rollup.days.is_stale IS 'Its day bucket is behind its hours.';

-- What the purger will ask for before it lets raw samples go.
CREATE TABLE cygni_rollup.certificates (
    id uuid NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
    day date NOT NULL REFERENCES cygni_rollup.days (day),
    revision integer NOT NULL,
    raw_rows bigint NOT NULL,
    -- Sum over all raw rows of hash_record_extended(row, 0): the same for the same rows in any order.
    raw_digest numeric NOT NULL,
    definition_hash text NOT NULL,
    issued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    voided_at timestamptz
);
CREATE UNIQUE INDEX certificates_live ON cygni_rollup.certificates (day) WHERE voided_at IS NULL;
COMMENT ON TABLE cygni_rollup.certificates IS 'Proof that a day''s raw samples are all in its roll-ups; void once they changed again.';

-- The cardinality fuse: tenants that had more series in an hour than they may have.
CREATE TABLE cygni_rollup.folds (
    hour timestamptz NOT NULL,
    tenant_id uuid NOT NULL,
    series_limit integer NOT NULL,
    series_seen bigint NOT NULL,
    samples_folded bigint NOT NULL,
    top_offenders jsonb NOT NULL,
    PRIMARY KEY (tenant_id, hour)
);
CREATE INDEX folds_hour ON cygni_rollup.folds (hour);
COMMENT ON TABLE cygni_rollup.folds IS 'Where the excess series of a tenant were folded into one, named (other).';
CREATE TABLE cygni_rollup.kept_series (
    hour timestamptz NOT NULL,
    tenant_id uuid NOT NULL,
    project_id uuid NOT NULL,
    metric text NOT NULL,
    PRIMARY KEY (tenant_id, hour, project_id, metric)
);
COMMENT ON TABLE cygni_rollup.kept_series IS 'The series of a folded hour that kept their name.';

ALTER TABLE cygni_rollup.folds ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY platform_all ON cygni_rollup.folds TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true);
ALTER TABLE cygni_rollup.kept_series ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY platform_all ON cygni_rollup.kept_series TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true);

-- Changes that could not be rolled up, because raw samples that had been certified are gone.
CREATE TABLE cygni_rollup.parked (
    hour timestamptz NOT NULL,
    rows bigint NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE cygni_rollup.parked IS 'Late samples of hours whose roll-up can no longer be recomputed; the samples are kept in the raw table.';

GRANT SELECT, INSERT, UPDATE, DELETE ON cygni_rollup.changes, cygni_rollup.relations, cygni_rollup.hours, cygni_rollup.days,
    cygni_rollup.certificates, cygni_rollup.folds, cygni_rollup.kept_series, cygni_rollup.parked TO cygni_jobs;

-- For a person: each relation with its state, dirty where raw samples under it have changed.
CREATE VIEW cygni_rollup.registry WITH (security_invoker) AS
SELECT level, grain, range_start, range_end, relation,
    CASE
        WHEN state IN ('open', 'sealed') AND EXISTS (
            SELECT FROM cygni_rollup.changes WHERE hour >= range_start AND hour < range_end
        ) THEN 'dirty'
        ELSE state
    END AS state,
    revision, source_rows, definition_hash, refreshed_at, cost_ms, pg_total_relation_size(format('cygni_rollup.%I', relation)::regclass) AS bytes
FROM cygni_rollup.relations;
COMMENT ON VIEW cygni_rollup.registry IS 'The relations of the roll-up with their state, dirty included.';
GRANT SELECT ON cygni_rollup.registry TO cygni_jobs;

-- Writers need no right on changes: the functions act as the owner.
CREATE FUNCTION cygni_rollup.note_inserted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO cygni_rollup.changes (hour, kind, rows)
    SELECT date_bin('1 hour', ts, 'epoch'), 'insert', count(*) FROM written GROUP BY 1;
    RETURN NULL;
END $$;
CREATE FUNCTION cygni_rollup.note_updated() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO cygni_rollup.changes (hour, kind, rows)
    SELECT date_bin('1 hour', ts, 'epoch'), 'update', count(*)
    FROM (SELECT ts FROM written UNION ALL SELECT ts FROM removed) AS touched GROUP BY 1;
    RETURN NULL;
END $$;
CREATE FUNCTION cygni_rollup.note_deleted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO cygni_rollup.changes (hour, kind, rows)
    SELECT date_bin('1 hour', ts, 'epoch'), 'delete', count(*) FROM removed GROUP BY 1;
    RETURN NULL;
END $$;
-- A truncated partition has no transition table; every hour that had been rolled up from it is noted.
CREATE FUNCTION cygni_rollup.note_truncated() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    day constant timestamptz := (right(TG_TABLE_NAME, 8) || ' 00:00+00')::timestamptz;
BEGIN
    INSERT INTO cygni_rollup.changes (hour, kind, rows)
    SELECT hours.hour, 'delete', hours.raw_rows
    FROM cygni_rollup.hours WHERE hours.hour >= day AND hours.hour < day + interval '24 hours';
    RETURN NULL;
END $$;

-- A statement fires the triggers of the table it names: the parent's, or a partition's that is written directly.
CREATE FUNCTION cygni_rollup.watch(target regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER rollup_inserted AFTER INSERT ON %s REFERENCING NEW TABLE AS written
        FOR EACH STATEMENT EXECUTE FUNCTION cygni_rollup.note_inserted()', target);
    EXECUTE format('CREATE TRIGGER rollup_updated AFTER UPDATE ON %s REFERENCING OLD TABLE AS removed NEW TABLE AS written
        FOR EACH STATEMENT EXECUTE FUNCTION cygni_rollup.note_updated()', target);
    EXECUTE format('CREATE TRIGGER rollup_deleted AFTER DELETE ON %s REFERENCING OLD TABLE AS removed
        FOR EACH STATEMENT EXECUTE FUNCTION cygni_rollup.note_deleted()', target);
    -- TRUNCATE of the parent fires the triggers of the partitions too.
    IF (SELECT relkind FROM pg_class WHERE oid = target) <> 'p' THEN
        EXECUTE format('CREATE TRIGGER rollup_truncated AFTER TRUNCATE ON %s
            FOR EACH STATEMENT EXECUTE FUNCTION cygni_rollup.note_truncated()', target);
    END IF;
END $$;
CREATE OR REPLACE FUNCTION cygni_private.partition_created(parent text, partition regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF parent = 'metric_samples' THEN
        PERFORM cygni_rollup.watch(partition);
    END IF;
END $$;
SELECT cygni_rollup.watch('cygni.metric_samples');
-- Partitions and rows that stand already.
SELECT cygni_rollup.watch(inhrelid::regclass) FROM pg_inherits WHERE inhparent = 'cygni.metric_samples'::regclass;
INSERT INTO cygni_rollup.changes (hour, kind, rows)
SELECT date_bin('1 hour', ts, 'epoch'), 'insert', count(*) FROM cygni.metric_samples GROUP BY 1;
REVOKE ALL ON FUNCTION cygni_rollup.note_inserted(), cygni_rollup.note_updated(), cygni_rollup.note_deleted(),
    cygni_rollup.note_truncated(), cygni_rollup.watch(regclass) FROM PUBLIC;

-- migrate:down
CREATE OR REPLACE FUNCTION cygni_private.partition_created(parent text, partition regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
END $$;
DROP FUNCTION cygni_rollup.note_inserted(), cygni_rollup.note_updated(), cygni_rollup.note_deleted(),
    cygni_rollup.note_truncated() CASCADE;
DROP FUNCTION cygni_rollup.watch(regclass);
DROP VIEW cygni_rollup.registry;
DROP TABLE cygni_rollup.parked, cygni_rollup.kept_series, cygni_rollup.folds, cygni_rollup.certificates, cygni_rollup.days,
    cygni_rollup.hours, cygni_rollup.relations, cygni_rollup.changes;
