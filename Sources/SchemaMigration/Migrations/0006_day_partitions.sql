-- Raw metric samples and log lines, one partition for each UTC day, and the function that makes the partitions.
--
-- There is no DEFAULT partition: it would take rows of any time, and from then on each new partition would have to scan
-- it, and none could be detached concurrently. A row without a partition is refused instead; whoever writes calls
-- cygni.ensure_partitions first.
--
-- These two tables take most of the writes, so they carry few checks, no key, no foreign key, and one BRIN index, which
-- costs next to nothing and finds the hours the roll-up reads. What the API reads per tenant comes from the roll-ups.
--
-- lint:ignore table-without-primary-key: samples and lines may repeat, and nothing refers to one

-- migrate:up
CREATE TABLE cygni.metric_samples (
    ts timestamptz NOT NULL,
    tenant_id uuid NOT NULL,
    project_id uuid NOT NULL,
    metric text NOT NULL CHECK (octet_length(metric) BETWEEN 1 AND 255),
    value double precision NOT NULL
) PARTITION BY RANGE (ts);
CREATE INDEX metric_samples_ts ON cygni.metric_samples USING brin (ts) WITH (pages_per_range = 32, autosummarize = on);
COMMENT ON TABLE cygni.metric_samples IS 'Raw samples; partitions metric_samples_pYYYYMMDD.';
COMMENT ON COLUMN cygni.metric_samples.ts IS 'When it was measured.';
COMMENT ON COLUMN cygni.metric_samples.tenant_id IS 'Whose sample it is.';
COMMENT ON COLUMN cygni.metric_samples.project_id IS 'What it was measured on.';
COMMENT ON COLUMN cygni.metric_samples.metric IS 'Name of the series.';
COMMENT ON COLUMN cygni.metric_samples.value IS 'What was measured; NaN and the infinities are allowed.';

CREATE TABLE cygni.log_lines (
    ts timestamptz NOT NULL,
    tenant_id uuid NOT NULL,
    project_id uuid NOT NULL,
    deployment_id uuid,
    level text NOT NULL DEFAULT 'info' CHECK (octet_length(level) BETWEEN 1 AND 32),
    message text NOT NULL DEFAULT '',
    fields jsonb DEFAULT '{}' CHECK (jsonb_typeof(fields) = 'object')
) PARTITION BY RANGE (ts);
CREATE INDEX log_lines_ts ON cygni.log_lines USING brin (ts) WITH (pages_per_range = 32, autosummarize = on);
COMMENT ON TABLE cygni.log_lines IS 'Log lines of deployments; partitions log_lines_pYYYYMMDD.';
COMMENT ON COLUMN cygni.log_lines.ts IS 'When it was written.';
COMMENT ON COLUMN cygni.log_lines.tenant_id IS 'Whose line it is.';
COMMENT ON COLUMN cygni.log_lines.project_id IS 'The project that wrote it.';
COMMENT ON COLUMN cygni.log_lines.deployment_id IS 'The deployment that wrote it; NULL: not known, as in imports.';
COMMENT ON COLUMN cygni.log_lines.level IS 'As the writer calls it; what levels there are differs between log sources.';
COMMENT ON COLUMN cygni.log_lines.message IS 'The text.';
COMMENT ON COLUMN cygni.log_lines.fields IS 'Structured fields, an object.';

ALTER TABLE cygni.metric_samples ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON cygni.metric_samples TO cygni_app
    USING (tenant_id = (SELECT cygni.current_tenant())) WITH CHECK (tenant_id = (SELECT cygni.current_tenant()));
CREATE POLICY platform_all ON cygni.metric_samples TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON cygni.metric_samples TO cygni_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON cygni.metric_samples TO cygni_jobs;

ALTER TABLE cygni.log_lines ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON cygni.log_lines TO cygni_app
    USING (tenant_id = (SELECT cygni.current_tenant())) WITH CHECK (tenant_id = (SELECT cygni.current_tenant()));
CREATE POLICY platform_all ON cygni.log_lines TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON cygni.log_lines TO cygni_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON cygni.log_lines TO cygni_jobs;

-- A seam: what else has to happen when a partition comes into being. A trigger on the parent that reads its rows
-- through a transition table does not see rows written straight into a partition; whoever needs those hangs a trigger
-- on each partition here. Nobody does yet; a later migration replaces the body.
CREATE FUNCTION cygni_private.partition_created(parent text, partition regclass) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
END
$$;
COMMENT ON FUNCTION cygni_private.partition_created(text, regclass) IS
    'Called by cygni.ensure_partitions for each new partition, in its transaction, as the owner.';

-- A table is made on its own and attached, since CREATE TABLE ... PARTITION OF would take ACCESS EXCLUSIVE on the
-- parent: like this its readers and writers go on. A policy of the parent does not guard a partition that is named
-- directly, so each one has row-level security of its own, for the owner and the jobs alone; cygni_app has no right on
-- it either.
CREATE FUNCTION cygni.ensure_partitions(parent text, from_day date, to_day date) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    parent_table constant regclass := to_regclass('cygni.' || quote_ident(parent));
    partition_name text;
    partition regclass;
    day date;
    locked boolean := false;
    created integer := 0;
BEGIN
    IF (SELECT relkind = 'p' FROM pg_class WHERE oid = parent_table) IS NOT TRUE THEN
        RAISE EXCEPTION 'no table % with day partitions', quote_nullable(parent)
            USING ERRCODE = 'undefined_table', HINT = 'The tables are metric_samples and log_lines, without a schema.';
    END IF;
    -- In this order, as a difference with infinity is an error of its own.
    IF (from_day >= '1970-01-01' AND to_day < '2200-01-01') IS NOT TRUE
        OR from_day > to_day OR to_day - from_day >= 4000
    THEN
        RAISE EXCEPTION 'no partitions from % to %: not 1 to 4000 days between 1970 and 2199', from_day, to_day
            USING ERRCODE = 'invalid_parameter_value',
                HINT = 'Both days are included. Look for a row with a wrong time.';
    END IF;
    FOR day_number IN 0..to_day - from_day LOOP
        day := from_day + day_number;
        partition_name := format('%s_p%s', parent, to_char(day, 'YYYYMMDD'));
        partition := to_regclass(format('cygni.%I', partition_name));
        -- Most calls find everything in place and take no lock. The first gap takes it and looks again: by name, which
        -- sees what was committed meanwhile in every isolation level, but only once a table has been locked, as that is
        -- when a session hears of the changes of others. The advisory lock comes before, one for both parents: two
        -- transactions that ensure them in opposite order then queue up instead of deadlocking.
        IF partition IS NULL AND NOT locked THEN
            PERFORM pg_advisory_xact_lock(hashtext('cygni'), hashtext('ensure_partitions'));
            EXECUTE format('LOCK TABLE %s IN SHARE UPDATE EXCLUSIVE MODE', parent_table);
            locked := true;
            partition := to_regclass(format('cygni.%I', partition_name));
        END IF;
        IF partition IS NULL THEN
            EXECUTE format('CREATE TABLE cygni.%I (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)',
                partition_name, parent_table);
            EXECUTE format('ALTER TABLE cygni.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', partition_name);
            EXECUTE format('CREATE POLICY platform_all ON cygni.%I TO cygni_owner, cygni_jobs'
                ' USING (true) WITH CHECK (true)', partition_name);
            EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON cygni.%I TO cygni_jobs', partition_name);
            -- The zone stands in the bounds, so the TimeZone of the session does not matter.
            EXECUTE format('ALTER TABLE %s ATTACH PARTITION cygni.%I FOR VALUES FROM (%L) TO (%L)', parent_table,
                partition_name, to_char(day, 'YYYY-MM-DD 00:00+00'), to_char(day + 1, 'YYYY-MM-DD 00:00+00'));
            PERFORM cygni_private.partition_created(parent, to_regclass(format('cygni.%I', partition_name)));
            created := created + 1;
        ELSIF pg_partition_root(partition) IS DISTINCT FROM parent_table THEN
            RAISE EXCEPTION 'table % stands in the way: it is not a partition of %', partition, parent_table
                USING ERRCODE = 'duplicate_table',
                    HINT = 'It was detached or made by hand. Attach it, rename it or drop it.';
        END IF;
    END LOOP;
    RETURN created;
EXCEPTION WHEN out_of_memory THEN
    -- The server's lock table holds max_locks_per_transaction * max_connections locks, and a new partition takes a few.
    RAISE EXCEPTION 'too many partitions of % for one transaction: %', parent, SQLERRM
        USING ERRCODE = 'out_of_memory', HINT = 'Ask for about a year at a time, or raise max_locks_per_transaction.';
END
$$;
COMMENT ON FUNCTION cygni.ensure_partitions(text, date, date) IS
    'Makes the missing day partitions of metric_samples or log_lines, both days included; returns how many it made.';
REVOKE ALL ON FUNCTION cygni.ensure_partitions(text, date, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cygni.ensure_partitions(text, date, date) TO cygni_jobs;

-- migrate:down
DROP FUNCTION cygni.ensure_partitions(text, date, date);
DROP FUNCTION cygni_private.partition_created(text, regclass);
DROP TABLE cygni.log_lines;
DROP TABLE cygni.metric_samples;
