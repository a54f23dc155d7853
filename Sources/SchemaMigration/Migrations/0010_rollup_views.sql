-- How roll-ups are read: three views over whatever relations there are, rewritten when those change.
--
-- A view over one relation a day would be slow to plan: measured at 730 branches, 24 ms with and 150 ms without
-- predicates, for PostgreSQL prunes no UNION ALL of materialized views. The roll-up keeps them few instead: days merge
-- into months, so that 1,000 days are 33 branches and those of the last weeks.
--
-- The views are security_invoker. Their readers have SELECT on the relations but no USAGE on schema cygni_rollup, so they
-- cannot name one. Each branch is bound to the tenants that the reader may see, from tenant_floor() to
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
FROM (%s) AS buckets$sql$,
        coalesce(
            string_agg(
                format('SELECT * FROM cygni_rollup.%I WHERE tenant_id BETWEEN (SELECT cygni.tenant_floor()) AND (SELECT cygni.tenant_ceiling())', relation)
                || CASE WHEN is_whole THEN '' ELSE format(' AND bucket >= %L AND bucket < %L', lower(piece), upper(piece)) END,
                E'\nUNION ALL\n' ORDER BY piece),
            'SELECT (NULL::cygni_rollup.bucket_row).* LIMIT 0'))
    FROM cygni_rollup.branches(level, '(,)')
$$;

-- The levels whose view does not read the relations that the registry has.
CREATE FUNCTION cygni_rollup.unpublished() RETURNS SETOF text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT l.level
    FROM unnest(ARRAY['1m', '1h', '1d']) AS l (level)
    LEFT JOIN cygni_rollup.published AS p USING (level)
    WHERE p.definition IS DISTINCT FROM cygni_rollup.view_text(l.level)
$$;

-- Rewrites the views that are behind. Each takes ACCESS EXCLUSIVE on its view for some milliseconds, so the caller sets a
-- short lock_timeout and comes again: a reader that holds the view must not make the next readers queue behind us.
CREATE FUNCTION cygni_rollup.publish() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    stale text;
    rewritten integer := 0;
BEGIN
    FOR stale IN SELECT cygni_rollup.unpublished() LOOP
        EXECUTE format('CREATE OR REPLACE VIEW cygni.%I WITH (security_invoker, security_barrier) AS %s',
            'metrics_' || stale, cygni_rollup.view_text(stale));
        INSERT INTO cygni_rollup.published (level, definition) VALUES (stale, cygni_rollup.view_text(stale))
        ON CONFLICT (level) DO UPDATE SET definition = EXCLUDED.definition;
        rewritten := rewritten + 1;
    END LOOP;
    RETURN rewritten;
END $$;
REVOKE ALL ON FUNCTION cygni_rollup.view_text(text), cygni_rollup.unpublished(), cygni_rollup.publish() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cygni_rollup.view_text(text), cygni_rollup.unpublished(), cygni_rollup.publish() TO cygni_jobs;

SELECT cygni_rollup.publish();
COMMENT ON VIEW cygni.metrics_1m IS 'Metrics by minute; written by cygni-metrics-rollup.';
COMMENT ON VIEW cygni.metrics_1h IS 'Metrics by hour; written by cygni-metrics-rollup.';
COMMENT ON VIEW cygni.metrics_1d IS 'Metrics by UTC day; written by cygni-metrics-rollup.';
GRANT SELECT ON cygni.metrics_1m, cygni.metrics_1h, cygni.metrics_1d TO cygni_jobs, cygni_app;

-- Percentiles over any span, from merged histograms: never from averages of percentiles.
CREATE FUNCTION cygni.metric_quantiles(
    quantiles double precision[], of_tenant uuid, of_metric text, from_time timestamptz, to_time timestamptz,
    of_project uuid DEFAULT NULL
) RETURNS TABLE (metric text, quantile double precision, value double precision, count bigint)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET jit = off AS $$
BEGIN
    RETURN QUERY EXECUTE format($sql$
        WITH hours AS MATERIALIZED (
            SELECT m.metric, m.min, m.max, m.histogram_keys, m.histogram_counts
            FROM cygni.metrics_1h AS m
            WHERE m.tenant_id = $2 AND m.bucket >= %L AND m.bucket < %L %s %s
        ),
        bounds AS (SELECT h.metric, min(h.min) AS min, max(h.max) AS max FROM hours AS h GROUP BY h.metric),
        merged AS (
            SELECT a.metric, array_agg(a.key ORDER BY a.key) AS keys, array_agg(a.count ORDER BY a.key) AS counts, sum(a.count)::bigint AS count
            FROM (
                SELECT h.metric, part.key, sum(part.count)::bigint AS count
                FROM hours AS h, unnest(h.histogram_keys, h.histogram_counts) AS part (key, count) GROUP BY h.metric, part.key
            ) AS a GROUP BY a.metric
        )
        SELECT merged.metric, q.quantile, cygni.histogram_quantile(q.quantile, merged.keys, merged.counts, bounds.min, bounds.max), merged.count
        FROM merged JOIN bounds USING (metric) CROSS JOIN unnest($1) AS q (quantile)$sql$,
        from_time, to_time,
        CASE WHEN of_metric IS NOT NULL THEN 'AND m.metric = $3' END,
        CASE WHEN of_project IS NOT NULL THEN 'AND m.project_id = $4' END)
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
