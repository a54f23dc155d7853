-- Closing a day: certifying it, merging its relations, and proving that what was rolled up is what was measured.

-- migrate:up
-- Whether every transaction that wrote to a day has ended. The oldest one that runs is the watermark: whoever wrote to
-- the day's partition holds ROW EXCLUSIVE on it until the end, so when nobody does, all that was written is either
-- undone or stands in the raw table with its note. Asked before the samples are counted, never after.
CREATE FUNCTION cygni_rollup.is_settled(of_day date) RETURNS boolean
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT NOT EXISTS (
        SELECT FROM pg_locks AS l
        WHERE l.locktype = 'relation' AND l.mode = 'RowExclusiveLock' AND l.pid IS DISTINCT FROM pg_backend_pid()
            AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
            AND l.relation = to_regclass('cygni.metric_samples_p' || to_char(of_day, 'YYYYMMDD'))
    )
$$;

-- What to do about changes of an hour:
--   refresh  compute it again. If its day was sealed and all that was certified is still there, the seal is broken;
--   ignore   samples were only removed, which is what happens to raw samples of a sealed day;
--   park     samples came late but certified ones are gone: computing the hour again would lose what is rolled up.
CREATE FUNCTION cygni_rollup.admit_late(of_hour timestamptz, as_of timestamptz) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    of_day constant date := (of_hour AT TIME ZONE 'UTC')::date;
    is_sealed constant boolean := EXISTS (SELECT FROM cygni_rollup.days WHERE day = of_day AND state = 'sealed');
    was_pruned constant boolean := EXISTS (SELECT FROM cygni_rollup.hours WHERE hour = of_hour AND raw_pruned);
    certified bigint;
    present bigint := 0;
    removed_only boolean;
    noted bigint;
BEGIN
    IF NOT is_sealed AND NOT was_pruned THEN
        RETURN 'refresh';
    END IF;
    SELECT bool_and(kind = 'delete'), coalesce(sum(rows) FILTER (WHERE kind <> 'delete'), 0) INTO removed_only, noted
    FROM cygni_rollup.changes WHERE hour = of_hour;
    IF removed_only THEN
        DELETE FROM cygni_rollup.changes WHERE hour = of_hour AND kind = 'delete';
        UPDATE cygni_rollup.hours SET raw_pruned = true WHERE hour = of_hour;
        RETURN 'ignore';
    END IF;
    SELECT raw_rows INTO certified FROM cygni_rollup.hours WHERE hour = of_hour;
    IF to_regclass('cygni.metric_samples_p' || to_char(of_day, 'YYYYMMDD')) IS NOT NULL THEN
        EXECUTE 'SELECT count(*) FROM ' || cygni_rollup.raw_source(tstzrange(of_hour, of_hour + interval '1 hour')) || ' AS raw' INTO present;
    END IF;
    IF was_pruned OR present < coalesce(certified, 0) THEN
        INSERT INTO cygni_rollup.parked (hour, rows, reason)
        VALUES (of_hour, noted, format('%s samples were certified, %s are in the raw table now', certified, present));
        DELETE FROM cygni_rollup.changes WHERE hour = of_hour;
        UPDATE cygni_rollup.hours SET raw_pruned = true WHERE hour = of_hour;
        RETURN 'park';
    END IF;
    PERFORM cygni_rollup.reopen_day(of_day, as_of);
    RETURN 'refresh';
END $$;

-- Hours of a day whose roll-ups do not hold as many samples as the raw table, in one snapshot.
CREATE FUNCTION cygni_rollup.compare_day(of_day date)
RETURNS TABLE (hour timestamptz, raw_rows bigint, raw_digest numeric, minute_rows bigint, hour_rows bigint)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    midnight constant timestamptz := of_day::timestamp AT TIME ZONE 'UTC';
    wanted constant tstzrange := tstzrange(midnight, midnight + interval '24 hours');
    samples constant text := 'sum(count + nan_count + positive_infinity_count + negative_infinity_count)::bigint';
BEGIN
    RETURN QUERY EXECUTE format($sql$
        SELECT h.hour, coalesce(r.rows, 0), coalesce(r.digest, 0), coalesce(m.rows, 0), coalesce(u.rows, 0)
        FROM generate_series(%L::timestamptz, %L::timestamptz, '1 hour') AS h (hour)
        LEFT JOIN (
            SELECT date_bin('1 hour', ts, 'epoch') AS hour, count(*) AS rows,
                sum(hash_record_extended(ROW(ts, tenant_id, project_id, metric, value), 0)::numeric) AS digest
            FROM cygni.%I GROUP BY 1
        ) AS r USING (hour)
        LEFT JOIN (SELECT date_bin('1 hour', bucket, 'epoch') AS hour, %s AS rows FROM %s AS minutes GROUP BY 1) AS m USING (hour)
        LEFT JOIN (SELECT bucket AS hour, %s AS rows FROM %s AS hours GROUP BY 1) AS u USING (hour)$sql$,
        midnight, midnight + interval '23 hours', 'metric_samples_p' || to_char(of_day, 'YYYYMMDD'),
        samples, cygni_rollup.source('1m', wanted), samples, cygni_rollup.source('1h', wanted));
END $$;

-- Seals a day, or returns the hours that differ from the raw samples; those are noted, so that the next run computes
-- them again. Does nothing while samples are noted or somebody writes, to a day that is sealed, and to one whose raw
-- samples were removed in part: those left cannot be told from those that are rolled up. The caller has seen that the
-- day is past.
CREATE FUNCTION cygni_rollup.seal_day(of_day date) RETURNS SETOF timestamptz
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    midnight constant timestamptz := of_day::timestamp AT TIME ZONE 'UTC';
    facts record;
    of_level text;
BEGIN
    IF NOT cygni_rollup.is_settled(of_day)
        OR NOT EXISTS (SELECT FROM cygni_rollup.days WHERE day = of_day AND state = 'open')
        OR EXISTS (SELECT FROM cygni_rollup.hours WHERE hour >= midnight AND hour < midnight + interval '24 hours' AND raw_pruned)
    THEN
        RETURN;
    END IF;
    SELECT sum(c.raw_rows)::bigint AS rows, sum(c.raw_digest) AS digest,
        array_agg(c.hour) FILTER (WHERE c.raw_rows <> c.minute_rows OR c.raw_rows <> c.hour_rows) AS wrong,
        (SELECT count(*) FROM cygni_rollup.changes AS n WHERE n.hour >= midnight AND n.hour < midnight + interval '24 hours') AS noted
    INTO facts FROM cygni_rollup.compare_day(of_day) AS c;
    IF facts.noted > 0 THEN
        RETURN;  -- samples came in meanwhile: not an error, and the next run's work
    END IF;
    IF facts.wrong IS NOT NULL THEN
        INSERT INTO cygni_rollup.changes (hour, kind, rows) SELECT unnest(facts.wrong), 'audit', 0;
        RETURN QUERY SELECT unnest(facts.wrong);
        RETURN;
    END IF;
    INSERT INTO cygni_rollup.certificates (day, revision, raw_rows, raw_digest, definition_hash)
    SELECT day, revision, facts.rows, facts.digest, cygni_rollup.definition_hash() FROM cygni_rollup.days WHERE day = of_day;
    UPDATE cygni_rollup.days SET state = 'sealed' WHERE day = of_day;
    FOREACH of_level IN ARRAY ARRAY['1m', '1h'] LOOP
        PERFORM cygni_rollup.merge_relations(of_level, 'day', midnight);
    END LOOP;
    UPDATE cygni_rollup.relations SET state = 'sealed'
    WHERE range_start >= midnight AND range_end <= midnight + interval '24 hours' AND state = 'open';
END $$;

-- Makes one relation of what several of a level hold, unless it is one already.
CREATE FUNCTION cygni_rollup.merge_relations(of_level text, into_grain text, of_start timestamptz) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    of_end constant timestamptz := (of_start AT TIME ZONE 'UTC' + ('1 ' || into_grain)::interval) AT TIME ZONE 'UTC';
    parts name[];
    samples bigint;
    merged name;
BEGIN
    SELECT array_agg(r.relation), sum(r.source_rows) FILTER (WHERE r.grain <> into_grain) INTO parts, samples
    FROM cygni_rollup.relations AS r
    WHERE r.level = of_level AND r.state IN ('open', 'sealed')
        AND r.range_start >= of_start AND r.range_end <= of_end;
    IF parts IS NULL OR samples IS NULL THEN
        RETURN false;
    END IF;
    merged := cygni_rollup.make_relation(of_level, into_grain, of_start, 'gather', 'sealed');
    UPDATE cygni_rollup.relations SET state = 'retired' WHERE relation = ANY (parts);
    RETURN true;
END $$;

-- Months whose relations of a level can become one: past and without an open day. A month that was merged before is
-- merged again only when seven days lie over it, since each merge copies the month.
CREATE FUNCTION cygni_rollup.mergeable_months(before timestamptz) RETURNS TABLE (level text, month timestamptz, pieces bigint)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT m.level, m.month, m.pieces
    FROM (
        SELECT r.level, date_trunc('month', r.range_start, 'UTC') AS month, count(*) AS pieces
        FROM cygni_rollup.relations AS r WHERE r.grain = 'day' AND r.state = 'sealed' GROUP BY 1, 2
    ) AS m
    WHERE m.month + interval '1 month' <= before
        AND NOT EXISTS (
            SELECT FROM cygni_rollup.days AS d
            WHERE d.state = 'open' AND date_trunc('month', d.day::timestamp) = m.month AT TIME ZONE 'UTC'
        )
        AND (m.pieces >= 7 OR NOT EXISTS (
            SELECT FROM cygni_rollup.relations AS r
            WHERE r.level = m.level AND r.grain = 'month' AND r.range_start = m.month AND r.state = 'sealed'
        ))
$$;

-- Drops a retired relation. No view reads it any more, so nothing waits for it but a reader that still does.
CREATE FUNCTION cygni_rollup.drop_relation(name name) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM cygni_rollup.relations WHERE relation = name AND state = 'retired') THEN
        RAISE EXCEPTION 'relation % is in use', name USING ERRCODE = 'object_in_use';
    END IF;
    EXECUTE format('DROP MATERIALIZED VIEW IF EXISTS cygni_rollup.%I', name);
    DELETE FROM cygni_rollup.relations WHERE relation = name;
END $$;

-- Whether an hour has fewer raw samples than were once certified; from then on it is known to be pruned. Its partition may
-- be there again, made for one late sample.
CREATE FUNCTION cygni_rollup.note_pruned(of_hour timestamptz) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    wanted constant tstzrange := tstzrange(of_hour, of_hour + interval '1 hour');
    present bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM cygni_rollup.certificates WHERE day = (of_hour AT TIME ZONE 'UTC')::date) THEN
        RETURN false;
    END IF;
    EXECUTE 'SELECT count(*) FROM ' || cygni_rollup.raw_source(wanted) || ' AS raw' INTO present;
    UPDATE cygni_rollup.hours SET raw_pruned = true WHERE hour = of_hour AND raw_rows > present;
    RETURN FOUND;
END $$;

-- The self-audit: computes an hour of one tenant, drawn at random, again from raw samples, in another way than the roll-up
-- did, and tells each series that differs. Percentiles are held against the exact ones and the stated bound.
CREATE FUNCTION cygni_rollup.audit_hour(of_hour timestamptz, draw uuid DEFAULT gen_random_uuid()) RETURNS SETOF text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    wanted constant tstzrange := tstzrange(of_hour, of_hour + interval '1 hour');
    raw constant text := cygni_rollup.raw_source(wanted);
    hours constant text := cygni_rollup.source('1h', wanted);
    tenant uuid;
BEGIN
    -- From both sides, so that a tenant is found whom one of them lacks.
    EXECUTE format('SELECT tenant_id FROM (SELECT tenant_id FROM %s AS raw UNION ALL SELECT tenant_id FROM %s AS hours) AS seen
        ORDER BY tenant_id < $1, tenant_id LIMIT 1', raw, hours) INTO tenant USING draw;
    RETURN QUERY EXECUTE format($sql$
        WITH exact AS (
            SELECT tenant_id, project_id, metric, count(*) FILTER (WHERE usable) AS count, count(*) AS samples,
                coalesce(sum(value) FILTER (WHERE usable), 0) AS sum, min(value) FILTER (WHERE usable) AS min, max(value) FILTER (WHERE usable) AS max,
                percentile_disc(0.95) WITHIN GROUP (ORDER BY value) FILTER (WHERE usable) AS p95,
                coalesce(sum(abs(value)) FILTER (WHERE usable), 0) AS scale
            FROM (SELECT *, abs(value) <= 1e290 AS usable FROM %s AS raw WHERE tenant_id = $1) AS samples GROUP BY 1, 2, 3
        ),
        rolled AS (
            SELECT *, count + nan_count + positive_infinity_count + negative_infinity_count AS samples FROM %s AS hours WHERE tenant_id = $1
        ),
        minutes AS (
            SELECT tenant_id, project_id, metric, sum(count) AS count, sum(sum) AS sum FROM %s AS minutes WHERE tenant_id = $1 GROUP BY 1, 2, 3
        )
        SELECT format('tenant %%s, project %%s, metric %%L: raw has %%s samples, sum %%s, the hour %%s and %%s, its minutes %%s and %%s',
            tenant_id, project_id, metric, coalesce(e.samples, 0), coalesce(e.sum, 0), coalesce(r.samples, 0), coalesce(r.sum, 0),
            coalesce(m.count, 0), coalesce(m.sum, 0))
        FROM exact AS e FULL JOIN rolled AS r USING (tenant_id, project_id, metric) FULL JOIN minutes AS m USING (tenant_id, project_id, metric)
        WHERE (e.samples = r.samples AND e.count = r.count AND e.count = m.count
            AND e.min IS NOT DISTINCT FROM r.min AND e.max IS NOT DISTINCT FROM r.max
            -- The order of addition differs, so sums may in their last digits.
            AND abs(e.sum - r.sum) <= 1e-9 * e.scale AND abs(e.sum - m.sum) <= 1e-9 * e.scale
            AND (e.p95 IS NULL AND r.p95 IS NULL OR abs(e.p95 - r.p95) <= 0.0433 * abs(e.p95) + 2.94e-39)) IS NOT TRUE
        ORDER BY 1 LIMIT 100$sql$,
        raw, hours, cygni_rollup.source('1m', wanted)) USING tenant;
END $$;

REVOKE ALL ON FUNCTION cygni_rollup.is_settled(date), cygni_rollup.admit_late(timestamptz, timestamptz), cygni_rollup.compare_day(date), cygni_rollup.seal_day(date),
    cygni_rollup.merge_relations(text, text, timestamptz), cygni_rollup.mergeable_months(timestamptz),
    cygni_rollup.drop_relation(name), cygni_rollup.note_pruned(timestamptz), cygni_rollup.audit_hour(timestamptz, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cygni_rollup.is_settled(date), cygni_rollup.admit_late(timestamptz, timestamptz), cygni_rollup.compare_day(date), cygni_rollup.seal_day(date),
    cygni_rollup.merge_relations(text, text, timestamptz), cygni_rollup.mergeable_months(timestamptz),
    cygni_rollup.drop_relation(name), cygni_rollup.note_pruned(timestamptz), cygni_rollup.audit_hour(timestamptz, uuid) TO cygni_jobs;

-- migrate:down
DROP FUNCTION cygni_rollup.audit_hour(timestamptz, uuid), cygni_rollup.note_pruned(timestamptz), cygni_rollup.drop_relation(name),
    cygni_rollup.mergeable_months(timestamptz), cygni_rollup.merge_relations(text, text, timestamptz),
    cygni_rollup.seal_day(date), cygni_rollup.compare_day(date), cygni_rollup.admit_late(timestamptz, timestamptz),
    cygni_rollup.is_settled(date);
