-- Log lines are divided by day and, within a day, by retention class, so that what a plan lets go of can be dropped whole.
--
-- A day is log_lines_pYYYYMMDD as before, now divided by retention_class: log_lines_pYYYYMMDD_default takes every class
-- that has no partition of its own, and log_lines_pYYYYMMDD_CLASS each class of cygni.retention_classes. A day is never
-- without its default, so no line is refused for its class. (What must not have a default is log_lines itself.)
--
-- A line keeps the class it was written with; a change of plan shows in new lines only.

-- migrate:up
CREATE TABLE cygni.retention_classes (
    name text NOT NULL PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9_-]{0,38}$' AND name NOT IN ('default', 'standard')),
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE cygni.retention_classes IS 'The classes that have partitions of their own in each new day of log lines.';
COMMENT ON COLUMN cygni.retention_classes.name IS 'The name of a plan.';
COMMENT ON COLUMN cygni.retention_classes.created_at IS 'Days made before it have no such partition.';
GRANT SELECT ON cygni.retention_classes TO cygni_app, cygni_jobs;

CREATE FUNCTION cygni.retention_class(tenant uuid) RETURNS text
LANGUAGE sql STABLE
RETURN coalesce((
    SELECT t.plan FROM cygni.tenants AS t JOIN cygni.retention_classes AS c ON c.name = t.plan WHERE t.id = tenant
), 'standard');
COMMENT ON FUNCTION cygni.retention_class(uuid) IS 'The class of what a tenant writes now: its plan, where that is a class, else standard.';
CREATE FUNCTION cygni.current_retention_class() RETURNS text
LANGUAGE sql STABLE
RETURN CASE WHEN cygni.current_tenant() IS NULL THEN 'standard' ELSE cygni.retention_class(cygni.current_tenant()) END;
COMMENT ON FUNCTION cygni.current_retention_class() IS 'The same of the current tenant; standard without one.';
REVOKE ALL ON FUNCTION cygni.retention_class(uuid), cygni.current_retention_class() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cygni.retention_class(uuid), cygni.current_retention_class() TO cygni_app, cygni_jobs;

-- A constant is entered without rewriting a table; only then comes the expression.
ALTER TABLE cygni.log_lines ADD COLUMN retention_class text NOT NULL DEFAULT 'standard';
ALTER TABLE cygni.log_lines ALTER COLUMN retention_class SET DEFAULT cygni.current_retention_class();
COMMENT ON COLUMN cygni.log_lines.retention_class IS 'How long it is kept, as the policy of that class says.';

-- Makes a table like its parent, guarded like every partition and not yet attached.
CREATE FUNCTION cygni_private.make_partition(parent regclass, partition_name text, divided_by text DEFAULT '') RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('CREATE TABLE cygni.%I (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE) %s',
        partition_name, parent, divided_by);
    EXECUTE format('ALTER TABLE cygni.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', partition_name);
    EXECUTE format('CREATE POLICY platform_all ON cygni.%I TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true)',
        partition_name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON cygni.%I TO cygni_jobs', partition_name);
END $$;

-- Makes the partitions that a day of log lines lacks: its default, and those of the classes.
CREATE FUNCTION cygni_private.divide_log_day(day_name text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    of_day constant regclass := format('cygni.%I', day_name)::regclass;
    class text;
BEGIN
    FOR class IN SELECT name FROM cygni.retention_classes LOOP
        IF to_regclass(format('cygni.%I', day_name || '_' || class)) IS NULL THEN
            PERFORM cygni_private.make_partition('cygni.log_lines', day_name || '_' || class);
            EXECUTE format('ALTER TABLE %s ATTACH PARTITION cygni.%I FOR VALUES IN (%L)', of_day, day_name || '_' || class, class);
        END IF;
    END LOOP;
    IF to_regclass(format('cygni.%I', day_name || '_default')) IS NULL THEN
        PERFORM cygni_private.make_partition('cygni.log_lines', day_name || '_default');
        EXECUTE format('ALTER TABLE %s ATTACH PARTITION cygni.%I DEFAULT', of_day, day_name || '_default');
    END IF;
END $$;
REVOKE ALL ON FUNCTION cygni_private.make_partition(regclass, text, text), cygni_private.divide_log_day(text) FROM PUBLIC;

-- The days that there are: each becomes the default of a divided day of the same name. Nothing is read or copied, as the
-- constraint log_day says what ATTACH wants to know.
DO $$
DECLARE
    day record;
BEGIN
    FOR day IN
        SELECT c.relname::text AS name, pg_get_expr(c.relpartbound, c.oid) AS bounds
        FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'cygni.log_lines'::regclass AND c.relkind = 'r'
        ORDER BY c.relname
    LOOP
        EXECUTE format('ALTER TABLE cygni.log_lines DETACH PARTITION cygni.%I', day.name);
        EXECUTE format('ALTER TABLE cygni.%I RENAME TO %I', day.name, day.name || '_default');
        PERFORM cygni_private.make_partition('cygni.log_lines', day.name, 'PARTITION BY LIST (retention_class)');
        EXECUTE format('ALTER TABLE cygni.%I ATTACH PARTITION cygni.%I DEFAULT', day.name, day.name || '_default');
        EXECUTE format('ALTER TABLE cygni.log_lines ATTACH PARTITION cygni.%I %s', day.name, day.bounds);
        EXECUTE format('ALTER TABLE cygni.%I DROP CONSTRAINT log_day', day.name || '_default');
    END LOOP;
END $$;

-- As in 0006, with the classes. A day that lost its default to the purger gets a new one.
CREATE OR REPLACE FUNCTION cygni.ensure_partitions(parent text, from_day date, to_day date) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    parent_table constant regclass := to_regclass('cygni.' || quote_ident(parent));
    is_divided constant boolean := parent = 'log_lines';
    partition_name text;
    partition regclass;
    day date;
    locked boolean := false;
    created integer := 0;
BEGIN
    IF (SELECT relkind = 'p' AND NOT relispartition FROM pg_class WHERE oid = parent_table) IS NOT TRUE THEN
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
        CONTINUE WHEN partition IS NOT NULL AND pg_partition_root(partition) = parent_table
            AND NOT (is_divided AND to_regclass(format('cygni.%I', partition_name || '_default')) IS NULL);
        -- Most calls find everything in place and take no lock. The first gap takes it and looks again: by name, which
        -- sees what was committed meanwhile in every isolation level, but only once a table has been locked, as that is
        -- when a session hears of the changes of others. The advisory lock comes before, one for both parents: two
        -- transactions that ensure them in opposite order then queue up instead of deadlocking.
        IF NOT locked THEN
            PERFORM pg_advisory_xact_lock(hashtext('cygni'), hashtext('ensure_partitions'));
            EXECUTE format('LOCK TABLE ONLY %s IN SHARE UPDATE EXCLUSIVE MODE', parent_table);
            locked := true;
            partition := to_regclass(format('cygni.%I', partition_name));
        END IF;
        IF partition IS NULL THEN
            PERFORM cygni_private.make_partition(parent_table, partition_name,
                CASE WHEN is_divided THEN 'PARTITION BY LIST (retention_class)' ELSE '' END);
            IF is_divided THEN
                PERFORM cygni_private.divide_log_day(partition_name);
            END IF;
            -- The zone stands in the bounds, so the TimeZone of the session does not matter.
            EXECUTE format('ALTER TABLE %s ATTACH PARTITION cygni.%I FOR VALUES FROM (%L) TO (%L)', parent_table,
                partition_name, to_char(day, 'YYYY-MM-DD 00:00+00'), to_char(day + 1, 'YYYY-MM-DD 00:00+00'));
            PERFORM cygni_private.partition_created(parent, to_regclass(format('cygni.%I', partition_name)));
            created := created + 1;
        ELSIF pg_partition_root(partition) IS DISTINCT FROM parent_table THEN
            RAISE EXCEPTION 'table % stands in the way: it is not a partition of %', partition, parent_table
                USING ERRCODE = 'duplicate_table',
                    HINT = 'It was detached or made by hand. Attach it, rename it or drop it.';
        ELSIF is_divided AND to_regclass(format('cygni.%I', partition_name || '_default')) IS NULL THEN
            PERFORM cygni_private.divide_log_day(partition_name);
            created := created + 1;
        END IF;
    END LOOP;
    RETURN created;
EXCEPTION WHEN out_of_memory THEN
    -- The server's lock table holds max_locks_per_transaction * max_connections locks, and a new partition takes a few.
    RAISE EXCEPTION 'too many partitions of % for one transaction: %', parent, SQLERRM
        USING ERRCODE = 'out_of_memory', HINT = 'Ask for some months at a time, or raise max_locks_per_transaction.';
END
$$;

-- Adds a class: the days from tomorrow on get a partition for it.
CREATE FUNCTION cygni.add_retention_class(class text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    day text;
BEGIN
    INSERT INTO cygni.retention_classes (name) VALUES (class) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('cygni'), hashtext('ensure_partitions'));
    FOR day IN
        SELECT c.relname FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'cygni.log_lines'::regclass
            AND c.relname > 'log_lines_p' || to_char(now() AT TIME ZONE 'UTC', 'YYYYMMDD')
    LOOP
        PERFORM cygni_private.divide_log_day(day);
    END LOOP;
    RETURN true;
END $$;
COMMENT ON FUNCTION cygni.add_retention_class(text) IS 'Gives a class of log lines partitions of its own from tomorrow on; false: it has them.';
REVOKE ALL ON FUNCTION cygni.add_retention_class(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cygni.add_retention_class(text) TO cygni_jobs;

-- migrate:down
DO $$
DECLARE
    day record;
    leaf text;
BEGIN
    FOR day IN
        SELECT c.oid AS id, c.relname::text AS name, pg_get_expr(c.relpartbound, c.oid) AS bounds
        FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'cygni.log_lines'::regclass
        ORDER BY c.relname
    LOOP
        PERFORM cygni_private.divide_log_day(day.name);
        EXECUTE format('ALTER TABLE cygni.log_lines DETACH PARTITION cygni.%I', day.name);
        EXECUTE format('ALTER TABLE cygni.%I DETACH PARTITION cygni.%I', day.name, day.name || '_default');
        FOR leaf IN SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = day.id LOOP
            EXECUTE format('INSERT INTO cygni.%I SELECT * FROM %s', day.name || '_default', leaf);
        END LOOP;
        EXECUTE format('DROP TABLE cygni.%I', day.name);
        EXECUTE format('ALTER TABLE cygni.%I RENAME TO %I', day.name || '_default', day.name);
        EXECUTE format('ALTER TABLE cygni.log_lines ATTACH PARTITION cygni.%I %s', day.name, day.bounds);
        EXECUTE format('ALTER TABLE cygni.%I ADD CONSTRAINT log_day CHECK (ts >= %L AND ts < %L)', day.name,
            (regexp_match(day.bounds, $re$FROM \('([^']+)'\)$re$))[1], (regexp_match(day.bounds, $re$TO \('([^']+)'\)$re$))[1]);
    END LOOP;
END $$;
CREATE OR REPLACE FUNCTION cygni.ensure_partitions(parent text, from_day date, to_day date) RETURNS integer
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
DROP FUNCTION cygni.add_retention_class(text);
DROP FUNCTION cygni_private.divide_log_day(text);
DROP FUNCTION cygni_private.make_partition(regclass, text, text);
ALTER TABLE cygni.log_lines DROP COLUMN retention_class;
DROP FUNCTION cygni.current_retention_class();
DROP FUNCTION cygni.retention_class(uuid);
DROP TABLE cygni.retention_classes;
