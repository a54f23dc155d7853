-- The plain materialized view over all samples, by hour, the way the manual would have one write it.
CREATE MATERIALIZED VIEW plain_view AS
WITH spread AS (
    SELECT tenant_id, project_id, metric, date_trunc('hour', ts, 'UTC') AS bucket, cygni.histogram_key(value) AS key,
        count(*) AS count, sum(value) AS sum, min(value) AS min, max(value) AS max
    FROM cygni.metric_samples GROUP BY 1, 2, 3, 4, 5
)
SELECT tenant_id, project_id, metric, bucket, sum(count)::bigint AS count, sum(sum) AS sum, min(min) AS min, max(max) AS max,
    array_agg(key ORDER BY key) AS keys, array_agg(count ORDER BY key) AS counts
FROM spread GROUP BY 1, 2, 3, 4;
CREATE UNIQUE INDEX ON plain_view (tenant_id, metric, project_id, bucket);
