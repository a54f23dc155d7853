-- One new hour: 700 series, a sample a minute, 42,000 samples.
INSERT INTO cygni.metric_samples
SELECT ts, md5('t' || t)::uuid, md5('p' || t)::uuid, 'metric_' || m, exp(m + 2 * random() + sin(extract(epoch FROM ts) / 5000 + t))
FROM generate_series(:'hour'::timestamptz, :'hour'::timestamptz + interval '59 minutes', '1 minute') AS ts,
    generate_series(1, 70) AS t, generate_series(1, 10) AS m;
