-- One day of log lines, :rows of them, old enough to go.
INSERT INTO cygni.tenants (id, slug) SELECT md5('b' || i)::uuid, 'b' || i FROM generate_series(1, 70) AS i;
SELECT cygni.ensure_partitions('log_lines', current_date - 40, current_date - 40);
SELECT cygni.ensure_partitions('log_lines', current_date, current_date);
INSERT INTO cygni.log_lines (ts, tenant_id, project_id, message)
SELECT (current_date - 40)::timestamp AT TIME ZONE 'UTC' + i * (interval '23 hours' / :rows), md5('b' || 1 + i % 70)::uuid, md5('p' || i % 140)::uuid,
    'GET /api/v1/items/' || i || ' 200'
FROM generate_series(1, :rows) AS i;
ANALYZE cygni.log_lines;
