-- How roll-ups are read: three views over whatever relations there are, rewritten when those change.
--
-- A view over one relation a day would be slow to plan: measured at 730 branches, 24 ms with and 150 ms without
-- predicates, for PostgreSQL prunes no UNION ALL of materialized views. The roll-up keeps them few instead: days merge
-- into months, so that 1,000 days are 33 branches and those of the last weeks.
--
-- The views are security_invoker. Their readers have SELECT on the relations but no USAGE on schema cygni_rollup, so they
-- cannot name one. Each view is bound to the tenants that the reader may see, from tenant_floor() to
-- tenant_ceiling(): a range that an index on tenant_id serves, for one tenant and for the platform's own roles alike.

-- migrate:up
CREATE FUNCTION cygni.tenant_floor() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE
    WHEN pg_has_role(current_user, 'cygni_jobs', 'USAGE') THEN '00000000-0000-0000-0000-000000000000'::uuid
    ELSE cygni.current_tenant()
END;
CREATE FUNCTION cygni.tenant_ceiling() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE
    WHEN pg_has_role(current_user, 'cygni_jobs', 'USAGE') THEN 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid
    ELSE cygni.current_tenant()
END;
COMMENT ON FUNCTION cygni.tenant_floor() IS 'The lowest tenant_id the current role may read roll-ups of; NULL: none.';
COMMENT ON FUNCTION cygni.tenant_ceiling() IS 'The highest tenant_id the current role may read roll-ups of; NULL: none.';
REVOKE ALL ON FUNCTION cygni.tenant_floor(), cygni.tenant_ceiling() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cygni.tenant_floor(), cygni.tenant_ceiling() TO cygni_jobs, cygni_app;

-- What each view was last made to read.
CREATE TABLE cygni_rollup.published (
    level text NOT NULL PRIMARY KEY CHECK (level IN ('1m', '1h', '1d')),
    definition text NOT NULL
);
COMMENT ON TABLE cygni_rollup.published IS 'The text of each view as last published.';
GRANT SELECT ON cygni_rollup.published TO cygni_jobs;

CREATE FUNCTION cygni_rollup.view_text(level text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT format($sql$
SELECT tenant_id, project_id, metric, bucket, count, sum, min, max, p50, p95, p99,
    nan_count, positive_infinity_count, negative_infinity_count,
    CASE WHEN keys IS NULL AND count > 0 THEN ARRAY[cygni.histogram_key(min)] ELSE keys END AS histogram_keys,
    CASE WHEN keys IS NULL AND count > 0 THEN ARRAY[count] ELSE counts END AS histogram_counts
FROM (%s) AS buckets
WHERE tenant_id BETWEEN (SELECT cygni.tenant_floor()) AND (SELECT cygni.tenant_ceiling())$sql$,
        coalesce(
            string_agg(
                -- The bounds of a whole relation, too: with constraint_exclusion = on the planner drops branches by them.
                format('SELECT * FROM cygni_rollup.%I WHERE bucket >= %L AND bucket < %L', relation, lower(piece), upper(piece)),
                E'\nUNION ALL\n' ORDER BY piece),
            'SELECT (NULL::cygni_rollup.bucket_row).* LIMIT 0'))
    FROM cygni_rollup.branches(level, '(,)')
$$;

-- The levels whose view does not read the relations that the registry has, and what it should read.
CREATE FUNCTION cygni_rollup.unpublished() RETURNS TABLE (level text, definition text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT wanted.level, wanted.definition
    FROM (SELECT l.level, cygni_rollup.view_text(l.level) AS definition FROM unnest(ARRAY['1m', '1h', '1d']) AS l (level)) AS wanted
    LEFT JOIN cygni_rollup.published AS p USING (level)
    WHERE p.definition IS DISTINCT FROM wanted.definition
$$;

-- Rewrites one view that is behind; false when none is. It takes ACCESS EXCLUSIVE on the view for some milliseconds, so
-- the caller commits after each, sets a short lock_timeout and comes again: a reader that holds the view must not make the
-- next readers queue behind us.
CREATE FUNCTION cygni_rollup.publish() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    stale record;
BEGIN
    SELECT u.level, u.definition INTO stale FROM cygni_rollup.unpublished() AS u LIMIT 1;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE OR REPLACE VIEW cygni.%I WITH (security_invoker, security_barrier) AS %s',
        'metrics_' || stale.level, stale.definition);
    INSERT INTO cygni_rollup.published (level, definition) VALUES (stale.level, stale.definition)
    ON CONFLICT (level) DO UPDATE SET definition = EXCLUDED.definition;
    RETURN true;
END $$;
REVOKE ALL ON FUNCTION cygni_rollup.view_text(text), cygni_rollup.unpublished(), cygni_rollup.publish() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cygni_rollup.view_text(text), cygni_rollup.unpublished(), cygni_rollup.publish() TO cygni_jobs;

SELECT cygni_rollup.publish() FROM generate_series(1, 3);
COMMENT ON VIEW cygni.metrics_1m IS 'Metrics by minute; written by cygni-metrics-rollup.';
COMMENT ON VIEW cygni.metrics_1h IS 'Metrics by hour; written by cygni-metrics-rollup.';
COMMENT ON VIEW cygni.metrics_1d IS 'Metrics by UTC day; written by cygni-metrics-rollup.';
GRANT SELECT ON cygni.metrics_1m, cygni.metrics_1h, cygni.metrics_1d TO cygni_jobs, cygni_app;

-- Percentiles over any span, from merged histograms: never from averages of percentiles. Whole days are read as days, the
-- rest as hours.
CREATE FUNCTION cygni.metric_quantiles(
    quantiles double precision[], of_tenant uuid, of_metric text, from_time timestamptz, to_time timestamptz,
    of_project uuid DEFAULT NULL
) RETURNS TABLE (metric text, quantile double precision, value double precision, count bigint)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET jit = off SET constraint_exclusion = on AS $$
DECLARE
    first_day constant timestamptz := date_bin('1 day', from_time + interval '24 hours' - interval '1 microsecond', 'epoch');
    last_day constant timestamptz := greatest(first_day, date_bin('1 day', to_time, 'epoch'));
    pieces text;
BEGIN
    SELECT string_agg(format('SELECT metric, min, max, histogram_keys, histogram_counts FROM cygni.metrics_%s
            WHERE tenant_id = $2 AND bucket >= %L AND bucket < %L', level, piece_start, piece_end)
        || CASE WHEN of_metric IS NOT NULL THEN ' AND metric = $3' ELSE '' END
        || CASE WHEN of_project IS NOT NULL THEN ' AND project_id = $4' ELSE '' END, ' UNION ALL ')
    INTO pieces
    FROM (VALUES ('1h', from_time, least(first_day, to_time)), ('1d', first_day, last_day), ('1h', last_day, to_time))
        AS p (level, piece_start, piece_end)
    WHERE piece_start < piece_end;
    IF pieces IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY EXECUTE format($sql$
        WITH buckets AS MATERIALIZED (%s),
        bounds AS (SELECT b.metric, min(b.min) AS min, max(b.max) AS max FROM buckets AS b GROUP BY b.metric),
        merged AS (
            SELECT a.metric, array_agg(a.key ORDER BY a.key) AS keys, array_agg(a.count ORDER BY a.key) AS counts, sum(a.count)::bigint AS count
            FROM (
                SELECT b.metric, part.key, sum(part.count)::bigint AS count
                FROM buckets AS b, unnest(b.histogram_keys, b.histogram_counts) AS part (key, count) GROUP BY b.metric, part.key
            ) AS a GROUP BY a.metric
        )
        SELECT merged.metric, q.quantile, cygni.histogram_quantile(q.quantile, merged.keys, merged.counts, bounds.min, bounds.max), merged.count
        FROM merged JOIN bounds USING (metric) CROSS JOIN unnest($1) AS q (quantile)$sql$, pieces)
    USING quantiles, of_tenant, of_metric, of_project;
END $$;
COMMENT ON FUNCTION cygni.metric_quantiles(double precision[], uuid, text, timestamptz, timestamptz, uuid) IS
    'Quantiles of a tenant''s metric (NULL: of each) over whole hours from from_time to before to_time, within 4.33 % of the exact ones.';
REVOKE ALL ON FUNCTION cygni.metric_quantiles(double precision[], uuid, text, timestamptz, timestamptz, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cygni.metric_quantiles(double precision[], uuid, text, timestamptz, timestamptz, uuid)
    TO cygni_jobs, cygni_app;

-- migrate:down
DROP FUNCTION cygni.metric_quantiles(double precision[], uuid, text, timestamptz, timestamptz, uuid);
DROP VIEW cygni.metrics_1m, cygni.metrics_1h, cygni.metrics_1d;
DROP FUNCTION cygni_rollup.publish(), cygni_rollup.unpublished(), cygni_rollup.view_text(text);
DROP TABLE cygni_rollup.published;
DROP FUNCTION cygni.tenant_ceiling(), cygni.tenant_floor();
