-- A bare INSERT ... SELECT of one hour at the same three levels, with the same arithmetic, and nothing around it: no
-- bookkeeping, no late samples, no lock, no way to run it twice.
BEGIN;
SET LOCAL jit = off;
SET LOCAL enable_mergejoin = off;
SET LOCAL enable_nestloop = off;
SET LOCAL max_parallel_workers_per_gather = 0;
SELECT 'INSERT INTO plain_1m ' || cygni_rollup.minutes_query(
    format('(SELECT tenant_id, project_id, metric, ts, value FROM cygni.%I WHERE ts >= %L AND ts < %L)',
        'metric_samples_p' || to_char(:'hour'::timestamptz, 'YYYYMMDD'), :'hour'::timestamptz, :'hour'::timestamptz + interval '1 hour')) \gexec
SELECT 'INSERT INTO plain_1h ' || cygni_rollup.merge_query(
    format('(SELECT *, histogram_keys AS keys, histogram_counts AS counts FROM plain_1m WHERE bucket >= %L AND bucket < %L)',
        :'hour'::timestamptz, :'hour'::timestamptz + interval '1 hour'), '1 hour') \gexec
DELETE FROM plain_1d WHERE bucket = date_trunc('day', :'hour'::timestamptz, 'UTC');
SELECT 'INSERT INTO plain_1d ' || cygni_rollup.merge_query(
    format('(SELECT *, histogram_keys AS keys, histogram_counts AS counts FROM plain_1h WHERE bucket >= %L AND bucket < %L)',
        date_trunc('day', :'hour'::timestamptz, 'UTC'), :'hour'::timestamptz + interval '1 hour'), '1 day') \gexec
COMMIT;
