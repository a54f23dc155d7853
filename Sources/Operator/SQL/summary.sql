-- What `cygni sample summary` shows.

-- name: platform
SELECT
    (SELECT count(*) FROM cygni.tenants) AS tenants, (SELECT count(*) FROM cygni.projects) AS projects,
    (SELECT count(*) FROM cygni.deployments) AS deployments, (SELECT count(*) FROM cygni.domains) AS domains

-- name: sources
-- The sample platform as one source, every other tenant by itself.
WITH samples AS (
    SELECT tenant_id, count(*) AS samples, count(DISTINCT ts::date) AS days, min(ts) AS first, max(ts) AS last
    FROM cygni.metric_samples GROUP BY tenant_id
),
lines AS (
    SELECT tenant_id, count(*) AS lines, min(ts) AS first, max(ts) AS last FROM cygni.log_lines GROUP BY tenant_id
)
SELECT
    CASE WHEN t.id = md5('cygni sample tenant ' || t.slug)::uuid THEN 'sample platform' ELSE t.slug END AS source,
    count(*) AS tenants, coalesce(sum(s.samples), 0)::bigint AS samples, coalesce(sum(l.lines), 0)::bigint AS lines,
    least(min(s.first), min(l.first)) AS first, greatest(max(s.last), max(l.last)) AS last
FROM cygni.tenants AS t LEFT JOIN samples AS s ON s.tenant_id = t.id LEFT JOIN lines AS l ON l.tenant_id = t.id
GROUP BY 1
ORDER BY coalesce(sum(s.samples), 0) + coalesce(sum(l.lines), 0) DESC, 1

-- name: runs
SELECT job, state, started_at, finished_at,
    coalesce(
        (
            SELECT string_agg(replace(key, '_', ' ') || ' ' || to_char(value::bigint, 'FM999,999,999,990'), ', ' ORDER BY key)
            FROM jsonb_each_text(counts) WHERE value <> '0' AND key NOT LIKE 'items%'
        ), ''
    ) AS counts
FROM (SELECT * FROM cygni.job_runs WHERE job = $1 ORDER BY started_at DESC LIMIT 5) AS last
ORDER BY started_at

-- name: slowest
-- The series that measure how long something took, by tenant, over all the hours there are of the last two weeks of data;
-- points in time and Prometheus' counters do not. Ranked in milliseconds, whatever their unit.
WITH hours AS MATERIALIZED (
    SELECT tenant_id, metric, bucket, max(p95) AS p95
    FROM cygni.metrics_1h
    WHERE bucket >= $1 AND count > 0 AND split_part(metric, '{', 1) ~ '(duration|latency|seconds|_ms)'
        AND split_part(metric, '{', 1) !~ '(offset|timestamp|start_time|_time_seconds$|_(total|sum|count|bucket|created)$)'
    GROUP BY tenant_id, metric, bucket
),
series AS (
    SELECT tenant_id, metric, min(bucket) AS first, max(bucket) + interval '1 hour' AS last FROM hours GROUP BY tenant_id, metric
)
SELECT t.slug AS tenant, s.metric, q.values[1] AS p50, q.values[2] AS p95, q.values[3] AS p99, q.count,
    (
        SELECT array_agg(coalesce(h.p95, 'NaN') ORDER BY slot)
        FROM generate_series(s.last - $2::bigint * interval '1 hour', s.last - interval '1 hour', interval '1 hour') AS slot
        LEFT JOIN hours AS h ON h.tenant_id = s.tenant_id AND h.metric = s.metric AND h.bucket = slot
    ) AS hourly
FROM series AS s
JOIN cygni.tenants AS t ON t.id = s.tenant_id
CROSS JOIN LATERAL (
    SELECT array_agg(value ORDER BY quantile) AS values, max(count) AS count
    FROM cygni.metric_quantiles(ARRAY[0.5, 0.95, 0.99], s.tenant_id, s.metric, s.first, s.last)
) AS q
ORDER BY
    q.values[3] * CASE
        WHEN split_part(s.metric, '{', 1) ~ '(nanoseconds|_ns$)' THEN 0.000001
        WHEN split_part(s.metric, '{', 1) ~ '(microseconds|_us$)' THEN 0.001
        WHEN split_part(s.metric, '{', 1) ~ 'milliseconds' THEN 1
        WHEN split_part(s.metric, '{', 1) ~ 'seconds' THEN 1000
        ELSE 1
    END DESC NULLS LAST, 1, 2
LIMIT 8

-- name: relations
SELECT level, state, count(*) AS relations, coalesce(sum(bytes), 0)::bigint AS bytes
FROM cygni_rollup.registry
GROUP BY level, state
ORDER BY array_position(ARRAY['1m', '1h', '1d'], level), state
