-- What the rows of :rows are deleted from, a tenth of it older than thirty days: a primary key and two indexes, as in most tables.
CREATE TABLE public.events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ts timestamptz NOT NULL,
    tenant_id uuid NOT NULL,
    payload text NOT NULL
);
INSERT INTO public.events (ts, tenant_id, payload)
SELECT now() - interval '40 days' + CASE WHEN i <= :rows / 10 THEN i * (interval '9 days' / (:rows / 10))
        ELSE interval '11 days' + (i - :rows / 10) * (interval '28 days' / (:rows - :rows / 10)) END,
    md5('b' || i % 70)::uuid, 'GET /api/v1/items/' || i || ' 200 "Mozilla/5.0 (X11; Linux x86_64)" ' || md5(i::text)
FROM generate_series(1, :rows) AS i;
CREATE INDEX events_ts ON public.events (ts);
CREATE INDEX events_tenant ON public.events (tenant_id);
GRANT SELECT, INSERT, DELETE ON public.events TO cygni_jobs;
VACUUM (ANALYZE, FREEZE) public.events;
-- The same days by partition, kept by pg_partman; the oldest has a tenth of the rows.
CREATE SCHEMA partman;
CREATE EXTENSION pg_partman SCHEMA partman;
CREATE TABLE public.parted (ts timestamptz NOT NULL, tenant_id uuid NOT NULL, payload text NOT NULL) PARTITION BY RANGE (ts);
CREATE INDEX parted_ts ON public.parted (ts);
SELECT partman.create_parent('public.parted', 'ts', 'native', 'daily', p_start_partition := (now() - interval '32 days')::text);
UPDATE partman.part_config SET retention = '30 days', retention_keep_table = false, infinite_time_partitions = true;
INSERT INTO public.parted
SELECT date_trunc('day', now() - interval '32 days') + i * (interval '23 hours' / (:rows / 10)), md5('b' || i % 70)::uuid, md5(i::text)
FROM generate_series(1, :rows / 10) AS i;
ANALYZE public.parted;
