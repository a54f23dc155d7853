-- A plain materialized view over all samples, by :unit, the way the manual would have one write it.
CREATE MATERIALIZED VIEW plain_:unit AS
WITH spread AS (
    SELECT tenant_id, project_id, metric, date_trunc(:'unit', ts, 'UTC') AS bucket, cygni.histogram_key(value) AS key,
        count(*) AS count, sum(value) AS sum, min(value) AS min, max(value) AS max
    FROM cygni.metric_samples GROUP BY 1, 2, 3, 4, 5
)
SELECT tenant_id, project_id, metric, bucket, sum(count)::bigint AS count, sum(sum) AS sum, min(min) AS min, max(max) AS max,
    array_agg(key ORDER BY key) AS keys, array_agg(count ORDER BY key) AS counts
FROM spread GROUP BY 1, 2, 3, 4;
CREATE UNIQUE INDEX ON plain_:unit (tenant_id, metric, project_id, bucket);
