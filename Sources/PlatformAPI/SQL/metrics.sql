-- Metrics out of the roll-ups, as cygni_app within the tenant.

-- name: points
-- $1 metric, $2 from, $3 to, $4 step, $5 project or NULL, $6 quantiles from 0 to 1, $7 the level; the other two are not looked at.
WITH level AS (
    SELECT bucket, count, sum, min, max, nan_count, positive_infinity_count, negative_infinity_count, histogram_keys, histogram_counts
    FROM cygni.metrics_1m
    WHERE $7 = '1m' AND metric = $1 AND bucket >= $2 AND bucket < $3 AND ($5::uuid IS NULL OR project_id = $5)
    UNION ALL
    SELECT bucket, count, sum, min, max, nan_count, positive_infinity_count, negative_infinity_count, histogram_keys, histogram_counts
    FROM cygni.metrics_1h
    WHERE $7 = '1h' AND metric = $1 AND bucket >= $2 AND bucket < $3 AND ($5::uuid IS NULL OR project_id = $5)
    UNION ALL
    SELECT bucket, count, sum, min, max, nan_count, positive_infinity_count, negative_infinity_count, histogram_keys, histogram_counts
    FROM cygni.metrics_1d
    WHERE $7 = '1d' AND metric = $1 AND bucket >= $2 AND bucket < $3 AND ($5::uuid IS NULL OR project_id = $5)
), buckets AS MATERIALIZED (
    SELECT date_bin($4::interval, bucket, 'epoch') AS at, count, sum, min, max, nan_count, positive_infinity_count,
        negative_infinity_count, histogram_keys, histogram_counts
    FROM level
), totals AS (
    SELECT at, sum(count)::bigint AS count, sum(sum) AS sum, min(min) AS min, max(max) AS max,
        sum(nan_count + positive_infinity_count + negative_infinity_count)::bigint AS not_finite
    FROM buckets GROUP BY at
), merged AS (
    SELECT at, array_agg(key ORDER BY key) AS keys, array_agg(count ORDER BY key) AS counts
    FROM (
        SELECT b.at, part.key, sum(part.count)::bigint AS count
        FROM buckets AS b, unnest(b.histogram_keys, b.histogram_counts) AS part (key, count)
        GROUP BY b.at, part.key
    ) AS parts
    GROUP BY at
)
SELECT t.at, t.count, t.sum, t.min, t.max, t.not_finite,
    ARRAY(
        SELECT cygni.histogram_quantile(q.quantile, m.keys, m.counts, t.min, t.max)
        FROM unnest($6::double precision[]) WITH ORDINALITY AS q (quantile, place) ORDER BY q.place
    ) AS quantiles
FROM totals AS t LEFT JOIN merged AS m USING (at)
ORDER BY t.at
