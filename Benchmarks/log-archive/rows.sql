-- Log lines of one day, made on the spot: :rows of them, 70 tenants, about 480 bytes each as JSON.
INSERT INTO cygni.tenants (id, slug) SELECT md5('b' || i)::uuid, 'b' || i FROM generate_series(1, 70) AS i;
SELECT cygni.ensure_partitions('log_lines', '2026-03-05', '2026-03-05');
INSERT INTO cygni.log_lines
SELECT
    timestamptz '2026-03-05 00:00+00' + (i::float8 / :rows) * interval '86399 seconds',
    md5('b' || 1 + (hashint4(i) & 2147483647) % 70)::uuid, md5('p' || i % 140)::uuid, md5('d' || i % 500)::uuid,
    (ARRAY['info', 'info', 'info', 'warn', 'error', 'debug'])[1 + (hashint4(i * 7) & 2147483647) % 6],
    'GET /api/v1/items/' || (hashint4(i % 65536 * 3) & 65535) || ' 200 in ' || (hashint4(i % 65536 * 5) & 511) || ' ms "ua ' || i % 97 || '"',
    jsonb_build_object('method', 'GET', 'status', 200, 'duration_ms', hashint4(i % 65536 * 5) & 511, 'request_id', md5(i::text),
        'remote_addr', '10.0.' || i % 255 || '.' || i % 199, 'user_agent', 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36')
FROM generate_series(1, :rows) AS i;
VACUUM (ANALYZE, FREEZE) cygni.log_lines_p20260305;
