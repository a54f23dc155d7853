-- :days days of :series series, ten a tenant, with a sample each :step, up to the day before :today; as the past they are
-- sealed at once.
INSERT INTO cygni.tenants (id, slug) SELECT md5('t' || n)::uuid, 'bench-' || n FROM generate_series(0, 70) AS n ON CONFLICT DO NOTHING;
SELECT sum(cygni.ensure_partitions('metric_samples', day::date, day::date)) FROM generate_series(:'today'::date - :days, :'today'::date + 1, '1 day') AS day;
INSERT INTO cygni.metric_samples
SELECT ts, md5('t' || s / 10)::uuid, md5('p' || s / 10)::uuid, 'metric_' || s % 10, exp(s % 10 + 2 * random() + sin(extract(epoch FROM ts) / 5000))
FROM generate_series(:'today'::timestamptz - :days * interval '24 hours', :'today'::timestamptz - interval '1 second', :'step') AS ts,
    generate_series(0, :series - 1) AS s;
