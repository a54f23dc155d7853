-- How buckets are computed: minutes from raw samples, hours from minutes, days from hours.
--
-- A relation's definition is one call of build() or gather() with constant bounds. Which relations such a call reads is
-- looked up at refresh time, so that a relation never depends on one that was merged away since.
--
-- lint:ignore change-all-rows: on the way down the registry is emptied with the relations it lists

-- migrate:up
CREATE TYPE cygni_rollup.bucket_row AS (
    tenant_id uuid,
    project_id uuid,
    metric text,
    bucket timestamptz,
    -- Finite samples; the three counts at the end are beside it.
    count bigint,
    sum double precision,
    min double precision,
    max double precision,
    p50 double precision,
    p95 double precision,
    p99 double precision,
    nan_count bigint,
    positive_infinity_count bigint,
    negative_infinity_count bigint,
    -- Parallel arrays, keys ascending. NULL where all finite samples are equal: min tells the one key, count its count.
    keys smallint[],
    counts bigint[]
);

-- The relations to read for a range of one level, and the piece of each: the finer grain wins where two overlap.
CREATE FUNCTION cygni_rollup.branches(wanted_level text, wanted tstzrange)
RETURNS TABLE (relation name, piece tstzrange, is_whole boolean)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH active AS (
        SELECT r.relation, tstzrange(r.range_start, r.range_end) AS range,
            array_position(ARRAY['hour', 'day', 'month'], r.grain) AS coarseness
        FROM cygni_rollup.relations AS r
        WHERE r.level = wanted_level AND r.state IN ('open', 'sealed')
            AND r.range_start < coalesce(upper(wanted), 'infinity') AND r.range_end > coalesce(lower(wanted), '-infinity')
    )
    SELECT a.relation, p.piece, p.piece = a.range
    FROM active AS a, LATERAL (
        SELECT unnest(tstzmultirange(a.range * wanted) - coalesce(range_agg(f.range), '{}'::tstzmultirange)) AS piece
        FROM active AS f
        WHERE f.coarseness < a.coarseness AND f.range && a.range
    ) AS p
    ORDER BY p.piece
$$;

-- A subquery over all buckets of one level that start within a range.
CREATE FUNCTION cygni_rollup.source(level text, wanted tstzrange) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT '(' || coalesce(
        string_agg(
            CASE
                WHEN is_whole THEN format('SELECT * FROM cygni_rollup.%I', relation)
                ELSE format('SELECT * FROM cygni_rollup.%I WHERE bucket >= %L AND bucket < %L', relation, lower(piece), upper(piece))
            END, E'\nUNION ALL\n' ORDER BY piece),
        'SELECT (NULL::cygni_rollup.bucket_row).* LIMIT 0') || ')'
    FROM cygni_rollup.branches(level, wanted)
$$;

-- The raw samples of a range within one UTC day, the excess series of folded tenants renamed.
CREATE FUNCTION cygni_rollup.raw_source(wanted tstzrange) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    -- The partition by its name: planning over the parent costs more with each day of history.
    partition constant text := 'cygni.metric_samples_p' || to_char(lower(wanted) AT TIME ZONE 'UTC', 'YYYYMMDD');
BEGIN
    IF to_regclass(partition) IS NULL THEN
        IF EXISTS (SELECT FROM cygni_rollup.hours WHERE hour >= lower(wanted) AND hour < upper(wanted) AND raw_rows > 0) THEN
            RAISE EXCEPTION 'the raw samples of % are gone, so its roll-up cannot be computed again', partition
                USING ERRCODE = 'object_not_in_prerequisite_state',
                    HINT = 'What is rolled up stands. To recompute it, restore the partition from its archive first.';
        END IF;
        RETURN '(SELECT NULL::uuid AS tenant_id, NULL::uuid AS project_id, NULL::text AS metric, NULL::timestamptz AS ts,
            NULL::double precision AS value LIMIT 0)';
    END IF;
    IF NOT EXISTS (SELECT FROM cygni_rollup.folds WHERE hour >= lower(wanted) AND hour < upper(wanted)) THEN
        RETURN format('(SELECT tenant_id, project_id, metric, ts, value FROM %s WHERE ts >= %L AND ts < %L)',
            partition, lower(wanted), upper(wanted));
    END IF;
    RETURN format($sql$(
        SELECT s.tenant_id,
            CASE WHEN f.tenant_id IS NULL OR k.metric IS NOT NULL THEN s.project_id ELSE '00000000-0000-0000-0000-000000000000' END AS project_id,
            CASE WHEN f.tenant_id IS NULL OR k.metric IS NOT NULL THEN s.metric ELSE '(other)' END AS metric,
            s.ts, s.value
        FROM %s AS s
        LEFT JOIN cygni_rollup.folds AS f ON f.tenant_id = s.tenant_id AND f.hour = date_bin('1 hour', s.ts, 'epoch')
        LEFT JOIN cygni_rollup.kept_series AS k
            ON k.tenant_id = f.tenant_id AND k.hour = f.hour AND k.project_id = s.project_id AND k.metric = s.metric
        WHERE s.ts >= %L AND s.ts < %L)$sql$, partition, lower(wanted), upper(wanted));
END $$;

-- Joins the arrays of a group end to end.
CREATE AGGREGATE cygni_rollup.array_concat(anycompatiblearray) (SFUNC = array_cat, STYPE = anycompatiblearray);

-- The end that both queries below share, after their WITH lists named bucket: its keys and counts are those of all that
-- was merged, in any order and with repetitions. Sorting and adding them bucket by bucket costs a third of doing it for
-- all buckets at once, where ids and names are compared for every key.
CREATE FUNCTION cygni_rollup.finish() RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT $sql$
    SELECT b.tenant_id, b.project_id, b.metric, b.bucket, b.count, b.sum, b.min, b.max,
        CASE WHEN b.min < b.max THEN least(greatest(cygni.histogram_value(h.p50), b.min), b.max) ELSE b.min END,
        CASE WHEN b.min < b.max THEN least(greatest(cygni.histogram_value(h.p95), b.min), b.max) ELSE b.min END,
        CASE WHEN b.min < b.max THEN least(greatest(cygni.histogram_value(h.p99), b.min), b.max) ELSE b.min END,
        b.nan_count, b.positive_infinity_count, b.negative_infinity_count, h.keys, h.counts
    FROM bucket AS b
    LEFT JOIN LATERAL (
        -- A window over the keys in order serves all three percentiles.
        SELECT array_agg(key) AS keys, array_agg(count::bigint) AS counts,
            min(key) FILTER (WHERE below >= 0.50 * b.count) AS p50,
            min(key) FILTER (WHERE below >= 0.95 * b.count) AS p95,
            min(key) FILTER (WHERE below >= 0.99 * b.count) AS p99
        FROM (
            SELECT key, count, sum(count) OVER (ORDER BY key) AS below
            FROM (
                SELECT part.key, sum(part.count::double precision) AS count
                FROM unnest(b.keys, b.counts) AS part (key, count) GROUP BY part.key
            ) AS added
        ) AS running
    ) AS h ON b.min < b.max
    $sql$
$$;

-- Buckets of a minute from raw samples. Few scrapes come more often than once a minute, so most buckets hold one value
-- and need no histogram: only the others are joined to their samples a second time.
CREATE FUNCTION cygni_rollup.minutes_query(source text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT format($sql$
    WITH source AS NOT MATERIALIZED (SELECT * FROM %s AS raw),
    total AS MATERIALIZED (
        SELECT tenant_id, project_id, metric, date_bin('1 minute', ts, 'epoch') AS bucket,
            count(*) FILTER (WHERE abs(value) <= 1e290) AS count,
            coalesce(sum(value) FILTER (WHERE abs(value) <= 1e290), 0) AS sum,
            min(value) FILTER (WHERE abs(value) <= 1e290) AS min,
            max(value) FILTER (WHERE abs(value) <= 1e290) AS max,
            count(*) FILTER (WHERE value = 'NaN') AS nan_count,
            count(*) FILTER (WHERE value > 1e290 AND value < 'NaN') AS positive_infinity_count,
            count(*) FILTER (WHERE value < -1e290) AS negative_infinity_count
        FROM source GROUP BY 1, 2, 3, 4
    ),
    spread AS (
        SELECT s.tenant_id, s.project_id, s.metric, t.bucket, array_agg(cygni.histogram_key(s.value)) AS keys,
            array_agg(1::bigint) AS counts
        FROM source AS s JOIN (SELECT * FROM total WHERE min < max) AS t
            ON t.tenant_id = s.tenant_id AND t.project_id = s.project_id AND t.metric = s.metric
            AND t.bucket = date_bin('1 minute', s.ts, 'epoch')
        WHERE abs(s.value) <= 1e290
        GROUP BY 1, 2, 3, 4
    ),
    bucket AS (SELECT * FROM total LEFT JOIN spread USING (tenant_id, project_id, metric, bucket))
    $sql$, source) || cygni_rollup.finish()
$$;

-- Wider buckets from narrower ones.
CREATE FUNCTION cygni_rollup.merge_query(source text, width interval) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT format($sql$
    WITH bucket AS (
        SELECT tenant_id, project_id, metric, date_bin(%L, bucket, 'epoch') AS bucket,
            sum(count)::bigint AS count, sum(sum) AS sum, min(min) AS min, max(max) AS max, sum(nan_count)::bigint AS nan_count,
            sum(positive_infinity_count)::bigint AS positive_infinity_count,
            sum(negative_infinity_count)::bigint AS negative_infinity_count,
            cygni_rollup.array_concat(keys) || array_agg(cygni.histogram_key(min)) FILTER (WHERE keys IS NULL AND count > 0) AS keys,
            cygni_rollup.array_concat(counts) || array_agg(count) FILTER (WHERE keys IS NULL AND count > 0) AS counts
        FROM %s AS narrower GROUP BY 1, 2, 3, 4
    )$sql$, width, source) || cygni_rollup.finish()
$$;

-- Not in parallel: the order in which floats are added would differ from run to run, and with it their last bits, and a
-- refresh would rewrite rows that did not change. Not compiled: each query runs once. Hash joins alone:
-- the planner cannot know that few minutes need a histogram, and partitions that fill are not analyzed yet, so it would
-- sort every sample for a merge join, or take thousands of rows for a few and loop over them for minutes.
CREATE FUNCTION cygni_rollup.build(level text, range_start timestamptz, range_end timestamptz)
RETURNS SETOF cygni_rollup.bucket_row
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET jit = off SET max_parallel_workers_per_gather = 0
SET enable_mergejoin = off SET enable_nestloop = off SET synchronize_seqscans = off SET work_mem = '64MB' AS $$
DECLARE
    day_start timestamptz := range_start;
    day_end timestamptz;
BEGIN
    CASE level
        WHEN '1h' THEN
            RETURN QUERY EXECUTE cygni_rollup.merge_query(cygni_rollup.source('1m', tstzrange(range_start, range_end)), '1 hour');
        WHEN '1d' THEN
            RETURN QUERY EXECUTE cygni_rollup.merge_query(cygni_rollup.source('1h', tstzrange(range_start, range_end)), '1 day');
        WHEN '1m' THEN
            WHILE day_start < range_end LOOP
                day_end := least(range_end, date_bin('1 day', day_start, 'epoch') + interval '24 hours');
                RETURN QUERY EXECUTE cygni_rollup.minutes_query(cygni_rollup.raw_source(tstzrange(day_start, day_end)));
                day_start := day_end;
            END LOOP;
    END CASE;
END $$;
COMMENT ON FUNCTION cygni_rollup.build(text, timestamptz, timestamptz) IS
    'Computes the buckets of a range from the level below, minutes from raw samples.';

CREATE FUNCTION cygni_rollup.gather(level text, range_start timestamptz, range_end timestamptz)
RETURNS SETOF cygni_rollup.bucket_row
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET jit = off SET max_parallel_workers_per_gather = 0 AS $$
BEGIN
    RETURN QUERY EXECUTE 'SELECT * FROM ' || cygni_rollup.source(level, tstzrange(range_start, range_end)) || ' AS finer';
END $$;
COMMENT ON FUNCTION cygni_rollup.gather(text, timestamptz, timestamptz) IS
    'The buckets of a range as the relations of the same level hold them now; once merged, a relation gathers itself.';

-- Changes whenever a function does that decides what is in a bucket.
CREATE FUNCTION cygni_rollup.definition_hash() RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT left(encode(sha256(convert_to(string_agg(pg_get_functiondef(p.oid), '' ORDER BY p.proname), 'UTF8')), 'hex'), 16)
    FROM pg_proc AS p
    WHERE p.oid IN ('cygni.histogram_key'::regproc, 'cygni.histogram_value'::regproc, 'cygni_rollup.finish'::regproc,
        'cygni_rollup.minutes_query'::regproc, 'cygni_rollup.merge_query'::regproc)
$$;

REVOKE ALL ON FUNCTION cygni_rollup.array_concat(anycompatiblearray), cygni_rollup.branches(text, tstzrange),
    cygni_rollup.source(text, tstzrange), cygni_rollup.raw_source(tstzrange), cygni_rollup.finish(), cygni_rollup.minutes_query(text),
    cygni_rollup.merge_query(text, interval), cygni_rollup.build(text, timestamptz, timestamptz),
    cygni_rollup.gather(text, timestamptz, timestamptz), cygni_rollup.definition_hash() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cygni_rollup.array_concat(anycompatiblearray), cygni_rollup.branches(text, tstzrange),
    cygni_rollup.source(text, tstzrange), cygni_rollup.raw_source(tstzrange), cygni_rollup.finish(), cygni_rollup.minutes_query(text),
    cygni_rollup.merge_query(text, interval), cygni_rollup.build(text, timestamptz, timestamptz),
    cygni_rollup.gather(text, timestamptz, timestamptz), cygni_rollup.definition_hash() TO cygni_jobs;

-- migrate:down
-- The relations are made of these functions and go with them; what they were computed from is noted as new, so that coming
-- back rolls it up again. Roll-ups whose raw samples are gone are lost.
DO $$
DECLARE
    name name;
BEGIN
    FOR name IN SELECT relation FROM cygni_rollup.relations LOOP
        EXECUTE format('DROP MATERIALIZED VIEW IF EXISTS cygni_rollup.%I', name);
    END LOOP;
END $$;
DELETE FROM cygni_rollup.changes;
INSERT INTO cygni_rollup.changes (hour, kind, rows)
SELECT date_bin('1 hour', ts, 'epoch'), 'insert', count(*) FROM cygni.metric_samples GROUP BY 1;
DELETE FROM cygni_rollup.relations;
DELETE FROM cygni_rollup.certificates;
DELETE FROM cygni_rollup.days;
DELETE FROM cygni_rollup.hours;
DELETE FROM cygni_rollup.folds;
DELETE FROM cygni_rollup.kept_series;
DROP FUNCTION cygni_rollup.definition_hash(), cygni_rollup.gather(text, timestamptz, timestamptz),
    cygni_rollup.build(text, timestamptz, timestamptz), cygni_rollup.merge_query(text, interval),
    cygni_rollup.minutes_query(text), cygni_rollup.finish(), cygni_rollup.raw_source(tstzrange),
    cygni_rollup.source(text, tstzrange), cygni_rollup.branches(text, tstzrange);
DROP AGGREGATE cygni_rollup.array_concat(anycompatiblearray);
DROP TYPE cygni_rollup.bucket_row;
