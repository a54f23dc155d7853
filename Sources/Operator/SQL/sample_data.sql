-- The sample platform's metrics and logs. Every value follows from tenant, project, metric and minute alone: the same
-- minute is always the same, whenever it is loaded.

-- name: loaded_until
-- The last sample there is. Only days that may hold one are looked at.
SELECT max(ts) AS at
FROM cygni.metric_samples
WHERE ts >= $1 AND tenant_id IN (SELECT tenant_id FROM sample_projects)

-- name: samples
-- Minutes from $1 to before $2; $3: those that arrive late, else those that do not.
INSERT INTO cygni.metric_samples (ts, tenant_id, project_id, metric, value)
SELECT to_timestamp(minute * 60 + (h >> 56 & 31)), tenant_id, project_id, metric,
    CASE metric
        -- Log-normal over the day's wave, and now and then an outlier.
        WHEN 'http_request_duration_ms' THEN (20 + scale * 100) * (0.7 + 0.6 * wave) * exp(0.35 * noise)
            * CASE WHEN u3 > 0.997 THEN 8 + 20 * u1 ELSE 1 END
        WHEN 'cpu_percent' THEN least(100, greatest(0.4, 12 + 55 * wave + 7 * noise + CASE WHEN u3 > 0.995 THEN 35 ELSE 0 END))
        -- A leak, and a restart every three days.
        WHEN 'memory_bytes' THEN round((2e8 + scale * 6e8) * (1 + 0.6 * (minute % 4320) / 4320.0) + 4e6 * noise)
        -- Whole numbers, often zero, sometimes a jam.
        WHEN 'queue_depth' THEN greatest(0, floor(10 * wave - 3 + 3 * noise)) * CASE WHEN u3 > 0.99 THEN 25 ELSE 1 END
        -- No requests in that minute: not a number.
        WHEN 'error_rate' THEN CASE WHEN u3 < 0.0005 THEN 'NaN' WHEN u3 > 0.985 THEN 0.2 * u1 WHEN u2 < 0.6 THEN 0 ELSE 0.01 * u1 END
        -- To both sides of zero.
        ELSE CASE WHEN u3 < 0.05 THEN 0 ELSE 3 * noise + 2 * (scale - 0.5) END
    END
FROM (
    SELECT *, sqrt(-2 * ln(1 - u1)) * cos(2 * pi() * u2) AS noise
    FROM (
        SELECT s.tenant_id, s.project_id, s.metric, s.scale, minute, h,
            (h & 1048575) / 1048576.0::double precision AS u1, (h >> 20 & 1048575) / 1048576.0::double precision AS u2,
            (h >> 40 & 65535) / 65536.0::double precision AS u3,
            -- Quiet at 02:00 UTC and on weekends; 1970-01-01 was a Thursday.
            (0.5 - 0.45 * cos(2 * pi() * ((minute % 1440) / 1440.0 - 0.085)))
                * CASE WHEN (minute / 1440 + 4) % 7 IN (0, 6) THEN 0.6 ELSE 1 END AS wave
        FROM (
            SELECT tenant_id, project_id, metric, step, seed,
                hashtextextended(tenant || '/' || project || '/' || metric, 2026) AS series_seed,
                (hashtextextended(tenant || metric, 7) & 65535) / 65536.0::double precision AS scale
            FROM sample_projects
            CROSS JOIN unnest(ARRAY['http_request_duration_ms', 'cpu_percent', 'memory_bytes', 'queue_depth', 'error_rate', 'clock_offset_ms']) AS metric
        ) AS s
        CROSS JOIN LATERAL (
            SELECT slot * s.step AS minute, hashint8extended(slot * s.step, s.series_seed) AS h
            FROM generate_series(
                (extract(epoch FROM $1::timestamptz)::bigint / 60 + s.step - 1) / s.step,
                (extract(epoch FROM $2::timestamptz)::bigint / 60 - 1) / s.step
            ) AS slot
        ) AS m
        -- Gaps: an hour here and there, and for one project in thirteen the small hours of a day.
        WHERE hashint8extended(minute / 60, s.seed) & 127 <> 0
            AND NOT ((minute / 1440 + (s.seed & 1023)) % 13 = 0 AND minute % 1440 BETWEEN 60 AND 300)
    ) AS drawn
    WHERE (u3 BETWEEN 0.5 AND 0.505) = $3
) AS v
ORDER BY minute

-- name: lines
-- Hours from $1 to before $2.
INSERT INTO cygni.log_lines (ts, tenant_id, project_id, deployment_id, retention_class, level, message, fields)
SELECT to_timestamp(hour * 3600 + (h & 1048575) / 1048576.0 * 3600), tenant_id, project_id, deployment_id, retention_class, level,
    CASE level
        WHEN 'info' THEN format('%s %s %s in %s ms', method, path, status, took)
        WHEN 'warning' THEN format('slow query: %s ms in %s', took * 20, path)
        WHEN 'error' THEN format('%s %s %s: upstream did not answer', method, path, status)
        WHEN 'critical' THEN 'out of memory: worker restarted'
        ELSE format('cache miss for %s', path)
    END,
    jsonb_build_object('request_id', lpad(to_hex(h & 4294967295), 8, '0'), 'method', method, 'path', path, 'status', status, 'duration_ms', took)
FROM (
    SELECT *,
        CASE level WHEN 'error' THEN 502 WHEN 'critical' THEN 503 ELSE (ARRAY[200, 200, 200, 201, 304, 404])[1 + (h >> 44 & 65535) % 6] END AS status,
        (5 + exp(((h >> 8 & 1023) / 1023.0::double precision) * 5))::integer AS took
    FROM (
        SELECT s.tenant_id, s.project_id, s.deployment_id, s.retention_class, hour, h,
            CASE WHEN draw < 850 THEN 'info' WHEN draw < 930 THEN 'debug' WHEN draw < 975 THEN 'warning' WHEN draw < 998 THEN 'error' ELSE 'critical' END AS level,
            (ARRAY['GET', 'GET', 'GET', 'POST', 'PUT'])[1 + (h >> 20 & 65535) % 5] AS method,
            (ARRAY['/', '/cart', '/login', '/api/orders', '/api/items/7', '/static/app.js', '/search'])[1 + (h >> 30 & 65535) % 7] AS path
        FROM (SELECT *, cygni.retention_class(tenant_id) AS retention_class FROM sample_projects OFFSET 0) AS s
        CROSS JOIN LATERAL (
            SELECT hour, h, (h >> 36 & 65535) % 1000 AS draw
            FROM generate_series(extract(epoch FROM $1::timestamptz)::bigint / 3600, extract(epoch FROM $2::timestamptz)::bigint / 3600 - 1) AS hour,
                LATERAL (SELECT hashint8extended(hour * 1000 + number, s.seed) & 9223372036854775807 AS h FROM generate_series(1, s.lines) AS number) AS n
        ) AS l
    ) AS drawn
) AS v
ORDER BY 1

-- name: host_place
-- The tenant and project of this machine's own samples; made when they are missing.
WITH tenant AS (
    INSERT INTO cygni.tenants (slug) VALUES ('this-machine') ON CONFLICT (slug) DO UPDATE SET slug = EXCLUDED.slug RETURNING id
)
INSERT INTO cygni.projects (tenant_id, slug) SELECT id, 'host' FROM tenant
ON CONFLICT (tenant_id, slug) DO UPDATE SET slug = EXCLUDED.slug
RETURNING tenant_id, id AS project_id

-- name: host_samples
INSERT INTO cygni.metric_samples (ts, tenant_id, project_id, metric, value)
SELECT ts, $1, $2, metric, value FROM unnest($3::timestamptz[], $4::text[], $5::float8[]) AS s (ts, metric, value)
