-- One new hour of :series series, a sample a minute.
INSERT INTO cygni.metric_samples
SELECT ts, md5('t' || s / 10)::uuid, md5('p' || s / 10)::uuid, 'metric_' || s % 10, exp(s % 10 + 2 * random() + sin(extract(epoch FROM ts) / 5000 + s))
FROM generate_series(:'hour'::timestamptz, :'hour'::timestamptz + interval '59 minutes', '1 minute') AS ts,
    generate_series(0, :series - 1) AS s;
