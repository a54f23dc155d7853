-- The steps of the roll-up. Each is called in a transaction of its own by cygni-metrics-rollup, which holds the job's
-- lock: nobody else makes, refreshes or merges relations. A step leaves everything consistent, so a run may end between
-- any two.

-- migrate:up
-- Makes a relation and enters it; maker is build or gather.
CREATE FUNCTION cygni_rollup.make_relation(
    of_level text, of_grain text, range_start timestamptz, maker text, as_state text DEFAULT 'open'
) RETURNS name
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off SET work_mem = '64MB'
SET maintenance_work_mem = '64MB' SET max_parallel_maintenance_workers = 0 AS $$
DECLARE
    started constant timestamptz := clock_timestamp();
    range_end constant timestamptz := (range_start AT TIME ZONE 'UTC' + ('1 ' || of_grain)::interval) AT TIME ZONE 'UTC';
    stem constant text := CASE of_level WHEN '1m' THEN 'minutes_' WHEN '1h' THEN 'hours_' ELSE 'days_' END
        || to_char(range_start AT TIME ZONE 'UTC', CASE of_grain WHEN 'hour' THEN 'YYYYMMDD_HH24' WHEN 'day' THEN 'YYYYMMDD' ELSE 'YYYYMM' END);
    name text := stem;
    attempt integer := 1;
    samples bigint;
BEGIN
    WHILE to_regclass('cygni_rollup.' || name) IS NOT NULL LOOP
        attempt := attempt + 1;
        name := stem || '_r' || attempt;
    END LOOP;
    EXECUTE format('CREATE MATERIALIZED VIEW cygni_rollup.%I AS SELECT * FROM cygni_rollup.%I(%L, %L, %L)',
        name, maker, of_level, range_start, range_end);
    -- Whoever may SELECT from a relation without policies reads its commonest values in pg_stats, and cygni_app may, for
    -- the views: ids and metrics of other tenants. So no statistics are kept; the indexes serve every read.
    EXECUTE (
        SELECT format('ALTER MATERIALIZED VIEW cygni_rollup.%I %s', name,
            string_agg(format('ALTER COLUMN %I SET STATISTICS 0', attname), ', '))
        FROM pg_attribute WHERE attrelid = to_regclass(format('cygni_rollup.%I', name)) AND attnum > 0
    );
    EXECUTE format('CREATE UNIQUE INDEX ON cygni_rollup.%I (tenant_id, metric, project_id, bucket)', name);
    IF of_grain <> 'hour' THEN
        -- For reads of all of a tenant's metrics: without it each costs the tenant's whole history, not its own range.
        EXECUTE format('CREATE INDEX ON cygni_rollup.%I (tenant_id, bucket)', name);
    END IF;
    EXECUTE format('SELECT coalesce(sum(count + nan_count + positive_infinity_count + negative_infinity_count), 0) FROM cygni_rollup.%I', name)
    INTO samples;
    INSERT INTO cygni_rollup.relations (relation, level, grain, range_start, range_end, state, revision, source_rows,
        definition_hash, refreshed_at, cost_ms)
    VALUES (name, of_level, of_grain, range_start, range_end, as_state,
        coalesce((
            SELECT max(r.revision) + 1 FROM cygni_rollup.relations AS r
            WHERE r.level = of_level AND r.range_start = make_relation.range_start AND r.grain = of_grain AND samples > 0
        ), (samples > 0)::integer),
        samples, cygni_rollup.definition_hash(), clock_timestamp(), extract(epoch FROM clock_timestamp() - started) * 1000);
    RETURN name;
END $$;

-- The server compares what is new with what is there in a temporary table, which it analyzes first; the smallest sample
-- serves, since nearly every row joins to one or none.
CREATE FUNCTION cygni_rollup.refresh_relation(name name) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off SET work_mem = '64MB'
SET default_statistics_target = 1 SET max_parallel_workers_per_gather = 0 AS $$
DECLARE
    started constant timestamptz := clock_timestamp();
    samples bigint;
BEGIN
    EXECUTE format('REFRESH MATERIALIZED VIEW CONCURRENTLY cygni_rollup.%I', name);
    EXECUTE format('SELECT coalesce(sum(count + nan_count + positive_infinity_count + negative_infinity_count), 0) FROM cygni_rollup.%I', name)
    INTO samples;
    UPDATE cygni_rollup.relations
    SET revision = revision + 1, source_rows = samples, refreshed_at = clock_timestamp(),
        definition_hash = cygni_rollup.definition_hash(),
        cost_ms = extract(epoch FROM clock_timestamp() - started) * 1000
    WHERE relation = name;
    RETURN samples;
END $$;

-- Refreshes the relation of a level and grain that starts at a moment, or makes it; returns the samples behind it.
CREATE FUNCTION cygni_rollup.bring_up_to_date(of_level text, of_grain text, of_start timestamptz) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found name;
BEGIN
    SELECT r.relation INTO found FROM cygni_rollup.relations AS r
    WHERE r.level = of_level AND r.grain = of_grain AND r.range_start = of_start AND r.state IN ('open', 'sealed');
    IF found IS NOT NULL THEN
        RETURN cygni_rollup.refresh_relation(found);
    END IF;
    found := cygni_rollup.make_relation(of_level, of_grain, of_start, 'build');
    RETURN (SELECT r.source_rows FROM cygni_rollup.relations AS r WHERE r.relation = found);
END $$;

-- Readies a day for rolling up hour by hour: its relations at once, so that the views change once a day and not once an
-- hour. Hours with notes are left out, since refresh_hour() makes theirs with what is in them.
CREATE FUNCTION cygni_rollup.open_day(of_day date) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    midnight constant timestamptz := of_day::timestamp AT TIME ZONE 'UTC';
    missing record;
BEGIN
    FOR missing IN
        SELECT l.level, h.hour
        FROM generate_series(midnight, midnight + interval '23 hours', '1 hour') AS h (hour), unnest(ARRAY['1m', '1h']) AS l (level)
        WHERE NOT EXISTS (SELECT FROM cygni_rollup.changes AS c WHERE c.hour = h.hour)
            AND NOT EXISTS (
                SELECT FROM cygni_rollup.relations AS r
                WHERE r.level = l.level AND r.range_start <= h.hour AND r.range_end > h.hour AND r.state IN ('open', 'sealed')
            )
    LOOP
        PERFORM cygni_rollup.make_relation(missing.level, 'hour', missing.hour, 'build');
    END LOOP;
    INSERT INTO cygni_rollup.days (day) VALUES (of_day) ON CONFLICT DO NOTHING;
END $$;

-- The cardinality fuse: where a tenant has more series in an hour than its plan allows, the largest keep their name and
-- the rest becomes one series. Returns how many tenant hours were folded; their buckets have to be computed again.
CREATE FUNCTION cygni_rollup.apply_fuse(wanted tstzrange, limit_of_plan jsonb, default_limit integer) RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    crowd record;
    folded integer := 0;
BEGIN
    FOR crowd IN EXECUTE format($sql$
        SELECT s.tenant_id, s.bucket AS hour, count(*) AS series, coalesce(($1 ->> t.plan)::integer, $2) AS series_limit
        FROM %s AS s LEFT JOIN cygni.tenants AS t ON t.id = s.tenant_id
        GROUP BY s.tenant_id, s.bucket, t.plan
        HAVING count(*) FILTER (WHERE s.metric <> '(other)') > coalesce(($1 ->> t.plan)::integer, $2)$sql$,
        cygni_rollup.source('1h', wanted)) USING limit_of_plan, default_limit
    LOOP
        EXECUTE format($sql$
            WITH series AS (
                SELECT project_id, metric, count(*) AS samples, row_number() OVER (ORDER BY count(*) DESC, project_id, metric) AS place
                FROM %s AS raw WHERE tenant_id = $1 GROUP BY project_id, metric
            ),
            kept AS (
                INSERT INTO cygni_rollup.kept_series (hour, tenant_id, project_id, metric)
                SELECT $2, $1, project_id, metric FROM series WHERE place <= $3
            ),
            -- Exploding names differ in their numbers and identifiers; with those starred out the culprit shows.
            offenders AS (
                SELECT project_id, regexp_replace(metric, '[0-9a-f]{6,}|[0-9]+', '*', 'g') AS pattern, count(*) AS series
                FROM series GROUP BY 1, 2 ORDER BY count(*) DESC, 1, 2 LIMIT 5
            )
            INSERT INTO cygni_rollup.folds (hour, tenant_id, series_limit, series_seen, samples_folded, top_offenders)
            SELECT $2, $1, $3, (SELECT count(*) FROM series), (SELECT sum(samples) FROM series WHERE place > $3),
                (SELECT jsonb_agg(jsonb_build_object('project_id', project_id, 'pattern', pattern, 'series', series) ORDER BY series DESC) FROM offenders)
        $sql$, cygni_rollup.raw_source(tstzrange(crowd.hour, crowd.hour + interval '1 hour')))
        USING crowd.tenant_id, crowd.hour, crowd.series_limit;
        folded := folded + 1;
    END LOOP;
    RETURN folded;
END $$;

CREATE FUNCTION cygni_rollup.forget_folds(wanted tstzrange) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    DELETE FROM cygni_rollup.folds WHERE hour >= lower(wanted) AND hour < upper(wanted);
    DELETE FROM cygni_rollup.kept_series AS k
    WHERE k.hour >= lower(wanted) AND k.hour < upper(wanted);
$$;

-- The day's seal is broken: its raw samples changed (as of a moment), or its roll-ups are computed again (NULL).
CREATE FUNCTION cygni_rollup.reopen_day(of_day date, as_of timestamptz) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    UPDATE cygni_rollup.certificates SET voided_at = clock_timestamp() WHERE day = of_day AND voided_at IS NULL;
    INSERT INTO cygni_rollup.days (day, reopened_at) VALUES (of_day, as_of)
    ON CONFLICT (day) DO UPDATE SET state = 'open', revision = days.revision + 1, reopened_at = EXCLUDED.reopened_at;
$$;

-- Rolls up one hour from what is committed now: its minutes, then the hour.
--
-- The notes are deleted by an earlier statement than the one that reads the samples, so a sample whose note goes here is
-- read, and one that commits in between keeps its note for the next run.
CREATE FUNCTION cygni_rollup.refresh_hour(of_hour timestamptz, limit_of_plan jsonb, default_limit integer) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    wanted constant tstzrange := tstzrange(of_hour, of_hour + interval '1 hour');
    noted bigint;
    samples bigint;
BEGIN
    WITH gone AS (DELETE FROM cygni_rollup.changes WHERE hour = of_hour RETURNING kind, rows)
    SELECT coalesce(sum(rows) FILTER (WHERE kind = 'insert'), 0) INTO noted FROM gone;
    IF EXISTS (SELECT FROM cygni_rollup.folds WHERE hour = of_hour) THEN
        PERFORM cygni_rollup.forget_folds(wanted);
    END IF;
    PERFORM cygni_rollup.bring_up_to_date('1m', 'hour', of_hour);
    samples := cygni_rollup.bring_up_to_date('1h', 'hour', of_hour);
    IF cygni_rollup.apply_fuse(wanted, limit_of_plan, default_limit) > 0 THEN
        PERFORM cygni_rollup.bring_up_to_date('1m', 'hour', of_hour);
        samples := cygni_rollup.bring_up_to_date('1h', 'hour', of_hour);
    END IF;
    INSERT INTO cygni_rollup.hours (hour, raw_rows) VALUES (of_hour, samples)
    ON CONFLICT (hour) DO UPDATE SET revision = hours.revision + 1, raw_rows = EXCLUDED.raw_rows,
        late_rows = hours.late_rows + CASE WHEN hours.refreshed_at >= of_hour + interval '1 hour' THEN noted ELSE 0 END,
        refreshed_at = EXCLUDED.refreshed_at;
    INSERT INTO cygni_rollup.days (day, is_stale) VALUES ((of_hour AT TIME ZONE 'UTC')::date, true)
    ON CONFLICT (day) DO UPDATE SET is_stale = true;
    RETURN samples;
END $$;

CREATE FUNCTION cygni_rollup.refresh_day(of_day date) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE cygni_rollup.days SET is_stale = false WHERE day = of_day;
    RETURN cygni_rollup.bring_up_to_date('1d', 'day', of_day::timestamp AT TIME ZONE 'UTC');
END $$;

-- Rolls up a whole day at once, for days that are past: an import, a rebuild. Replaces whatever held the day.
CREATE FUNCTION cygni_rollup.build_day(of_day date, limit_of_plan jsonb, default_limit integer) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    midnight constant timestamptz := of_day::timestamp AT TIME ZONE 'UTC';
    wanted constant tstzrange := tstzrange(midnight, midnight + interval '24 hours');
    incomplete bigint;
    samples bigint;
BEGIN
    IF EXISTS (SELECT FROM cygni_rollup.days WHERE day = of_day AND state = 'sealed')
        OR EXISTS (SELECT FROM cygni_rollup.hours WHERE hour >= lower(wanted) AND hour < upper(wanted) AND raw_pruned)
    THEN
        EXECUTE format($sql$
            SELECT count(*) FROM cygni_rollup.hours AS h
            WHERE h.hour >= %L AND h.hour < %L
                AND h.raw_rows > (SELECT count(*) FROM %s AS raw WHERE date_bin('1 hour', raw.ts, 'epoch') = h.hour)$sql$,
            lower(wanted), upper(wanted), cygni_rollup.raw_source(wanted)) INTO incomplete;
        IF incomplete > 0 THEN
            RAISE EXCEPTION '% hours of % have fewer raw samples than were certified, so the day cannot be computed again', incomplete, of_day
                USING ERRCODE = 'object_not_in_prerequisite_state',
                    HINT = 'What is rolled up stands. To recompute it, restore the samples from their archive first.';
        END IF;
    END IF;
    -- An error here leaves everything as it was: raw_source() refuses a day whose samples are gone.
    PERFORM cygni_rollup.raw_source(wanted);
    PERFORM cygni_rollup.reopen_day(of_day, NULL);
    DELETE FROM cygni_rollup.changes WHERE hour >= lower(wanted) AND hour < upper(wanted);
    PERFORM cygni_rollup.forget_folds(wanted);
    FOR pass IN 1..2 LOOP
        UPDATE cygni_rollup.relations SET state = 'retired'
        WHERE range_start >= lower(wanted) AND range_end <= upper(wanted) AND state IN ('open', 'sealed');
        PERFORM cygni_rollup.make_relation('1m', 'day', midnight, 'build');
        PERFORM cygni_rollup.make_relation('1h', 'day', midnight, 'build');
        EXIT WHEN cygni_rollup.apply_fuse(wanted, limit_of_plan, default_limit) = 0;
    END LOOP;
    PERFORM cygni_rollup.make_relation('1d', 'day', midnight, 'build');
    UPDATE cygni_rollup.days SET is_stale = false WHERE day = of_day;
    UPDATE cygni_rollup.hours SET raw_rows = 0 WHERE hour >= lower(wanted) AND hour < upper(wanted);
    EXECUTE format($sql$
        INSERT INTO cygni_rollup.hours (hour, raw_rows)
        SELECT bucket, sum(count + nan_count + positive_infinity_count + negative_infinity_count)
        FROM %s AS by_hour GROUP BY bucket
        ON CONFLICT (hour) DO UPDATE SET revision = hours.revision + 1, raw_rows = EXCLUDED.raw_rows,
            refreshed_at = EXCLUDED.refreshed_at$sql$,
        cygni_rollup.source('1h', wanted));
    SELECT coalesce(sum(raw_rows), 0) INTO samples FROM cygni_rollup.hours WHERE hour >= lower(wanted) AND hour < upper(wanted);
    RETURN samples;
END $$;

REVOKE ALL ON FUNCTION cygni_rollup.make_relation(text, text, timestamptz, text, text), cygni_rollup.refresh_relation(name),
    cygni_rollup.bring_up_to_date(text, text, timestamptz), cygni_rollup.open_day(date),
    cygni_rollup.apply_fuse(tstzrange, jsonb, integer), cygni_rollup.forget_folds(tstzrange), cygni_rollup.reopen_day(date, timestamptz),
    cygni_rollup.refresh_hour(timestamptz, jsonb, integer), cygni_rollup.refresh_day(date),
    cygni_rollup.build_day(date, jsonb, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cygni_rollup.make_relation(text, text, timestamptz, text, text), cygni_rollup.refresh_relation(name),
    cygni_rollup.bring_up_to_date(text, text, timestamptz), cygni_rollup.open_day(date),
    cygni_rollup.apply_fuse(tstzrange, jsonb, integer), cygni_rollup.forget_folds(tstzrange), cygni_rollup.reopen_day(date, timestamptz),
    cygni_rollup.refresh_hour(timestamptz, jsonb, integer), cygni_rollup.refresh_day(date),
    cygni_rollup.build_day(date, jsonb, integer) TO cygni_jobs;

-- migrate:down
DROP FUNCTION cygni_rollup.build_day(date, jsonb, integer), cygni_rollup.refresh_day(date),
    cygni_rollup.refresh_hour(timestamptz, jsonb, integer), cygni_rollup.reopen_day(date, timestamptz), cygni_rollup.forget_folds(tstzrange),
    cygni_rollup.apply_fuse(tstzrange, jsonb, integer), cygni_rollup.open_day(date),
    cygni_rollup.bring_up_to_date(text, text, timestamptz), cygni_rollup.refresh_relation(name),
    cygni_rollup.make_relation(text, text, timestamptz, text, text);
