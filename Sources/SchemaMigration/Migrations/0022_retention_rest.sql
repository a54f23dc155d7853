-- What ends beside days of lines and samples: relations of the roll-ups, old entries of the audit log, and tenants.
--
-- lint:ignore table-without-primary-key: the platform's chain has no tenant_id, and a primary key takes no NULL

-- migrate:up
-- Ends a sealed relation of a roll-up's level: the view lets go of it, then it is dropped. The roll-up's own lock is held
-- meanwhile, as nobody else may change its registry while it works.
CREATE FUNCTION cygni_rollup.expire_relation(name name, run uuid, policy jsonb) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found record;
    hold record;
    purge uuid;
    entry bigint;
    size bigint;
BEGIN
    -- The number that the lock of job metrics-rollup has.
    IF NOT pg_try_advisory_xact_lock(1472933827897567738) THEN
        RAISE EXCEPTION '% stays: the roll-up is at work', name USING ERRCODE = 'lock_not_available';
    END IF;
    PERFORM cygni.freeze_holds();
    SELECT * INTO found FROM cygni_rollup.relations AS r WHERE r.relation = name AND r.state = 'sealed';
    IF found.relation IS NULL THEN
        RETURN 0;
    END IF;
    SELECT * INTO hold FROM cygni.holds_over(ARRAY['metrics_' || found.level, 'metric_samples'], found.range_start, found.range_end) LIMIT 1;
    IF hold.id IS NOT NULL THEN
        RAISE EXCEPTION '% stays: legal hold %: %', name, hold.id, hold.reason USING ERRCODE = 'CY001', DETAIL = 'hold';
    END IF;
    size := pg_total_relation_size(format('cygni_rollup.%I', name)::regclass);
    UPDATE cygni_rollup.relations SET state = 'retired' WHERE relation = name;
    PERFORM set_config('lock_timeout', '50ms', true);
    WHILE cygni_rollup.publish() LOOP
    END LOOP;
    PERFORM cygni_rollup.drop_relation(name);
    INSERT INTO cygni.purges (run_id, policy, source, item, weapon, range_start, range_end, rows, bytes, proof, actor, statements, finished_at)
    VALUES (run, expire_relation.policy, 'metrics_' || found.level, name, 'roll-up', found.range_start, found.range_end, found.source_rows, size,
        jsonb_build_object('definition_hash', found.definition_hash, 'revision', found.revision), 'job:retention-purge', 1, clock_timestamp())
    RETURNING id INTO purge;
    entry := cygni.audit_append(NULL, 'job:retention-purge', 'retention.purged', name::text,
        (SELECT to_jsonb(p) - 'audit_id' - 'longest_ms' FROM cygni.purges AS p WHERE p.id = purge));
    UPDATE cygni.purges SET audit_id = entry WHERE id = purge;
    RETURN found.source_rows;
END $$;
COMMENT ON FUNCTION cygni_rollup.expire_relation(name, uuid, jsonb) IS 'Ends a sealed relation of a roll-up, with its receipt; returns the samples behind it.';
REVOKE ALL ON FUNCTION cygni_rollup.expire_relation(name, uuid, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cygni_rollup.expire_relation(name, uuid, jsonb) TO cygni_jobs;

-- The hold that keeps an archived object, in words; NULL: none does. One on a tenant keeps every object of that time, as they hold
-- lines of many.
CREATE FUNCTION cygni.archive_hold(archive uuid) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT format('legal hold %s: %s', h.id, h.reason)
    FROM cygni.archives AS a
    CROSS JOIN LATERAL cygni.holds_over(
        ARRAY[a.source, regexp_replace(a.source, '(_p[0-9]{8}.*|/.*)$', '')], a.range_start, coalesce(a.range_end, a.created_at)) AS h
    WHERE a.id = archive ORDER BY h.created_at, h.id LIMIT 1
$$;
COMMENT ON FUNCTION cygni.archive_hold(uuid) IS 'The hold that keeps an archived object, in words; NULL: none does.';
REVOKE ALL ON FUNCTION cygni.archive_hold(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cygni.archive_hold(uuid) TO cygni_jobs;

-- What is left of the beginning of a chain: where it ended, and how long it was. The chain goes on from there.
CREATE TABLE cygni.audit_segments (
    tenant_id uuid,
    first_seq bigint NOT NULL CHECK (first_seq > 0),
    last_seq bigint NOT NULL CHECK (last_seq >= first_seq),
    entries bigint NOT NULL CHECK (entries > 0),
    head_hash bytea NOT NULL CHECK (octet_length(head_hash) = 32),
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    closed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE NULLS NOT DISTINCT (tenant_id, last_seq)
);
COMMENT ON TABLE cygni.audit_segments IS 'Beginnings of chains of the audit log that were let go of.';
COMMENT ON COLUMN cygni.audit_segments.tenant_id IS 'The chain; NULL: the platform''s.';
COMMENT ON COLUMN cygni.audit_segments.first_seq IS 'Place of its first entry.';
COMMENT ON COLUMN cygni.audit_segments.last_seq IS 'Place of its last entry.';
COMMENT ON COLUMN cygni.audit_segments.entries IS 'How many there were.';
COMMENT ON COLUMN cygni.audit_segments.head_hash IS 'Hash of its last entry, which the next one continues.';
COMMENT ON COLUMN cygni.audit_segments.first_at IS 'Time of its first entry.';
COMMENT ON COLUMN cygni.audit_segments.last_at IS 'Time of its last entry.';
COMMENT ON COLUMN cygni.audit_segments.closed_at IS 'When its entries went.';
ALTER TABLE cygni.audit_segments ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY platform_all ON cygni.audit_segments TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true);
GRANT SELECT ON cygni.audit_segments TO cygni_jobs;

-- Lets go of a chain's entries up to a place. They must be all there, each continuing the one before.
CREATE FUNCTION cygni.audit_close_segment(tenant uuid, through_seq bigint, run uuid, policy jsonb) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    head record;
    found record;
    hold record;
    before record;
    purge uuid;
    entry bigint;
BEGIN
    LOCK TABLE cygni.legal_holds IN SHARE MODE;
    SELECT * INTO head FROM cygni_private.audit_heads AS h WHERE h.tenant_id IS NOT DISTINCT FROM tenant FOR UPDATE;
    SELECT s.last_seq, s.head_hash INTO before FROM cygni.audit_segments AS s
    WHERE s.tenant_id IS NOT DISTINCT FROM tenant ORDER BY s.last_seq DESC LIMIT 1;
    SELECT count(*) AS entries, min(a.seq) AS first_seq, min(a.at) AS first_at, max(a.at) AS last_at,
        (array_agg(a.hash ORDER BY a.seq DESC))[1] AS hash,
        bool_and(a.prev_hash = coalesce(a.should_be, CASE WHEN a.seq = coalesce(before.last_seq, 0) + 1
            THEN coalesce(before.head_hash, decode(repeat('00', 32), 'hex')) END)) AS is_linked
    INTO found
    FROM (
        SELECT *, lag(l.hash) OVER (ORDER BY l.seq) AS should_be FROM cygni.audit_log AS l
        WHERE l.tenant_id IS NOT DISTINCT FROM tenant AND l.seq <= through_seq
    ) AS a;
    IF found.entries = 0 THEN
        RETURN 0;
    END IF;
    SELECT * INTO hold FROM cygni.holds_over(ARRAY['audit_log'], found.first_at, found.last_at + interval '1 microsecond') AS h
    WHERE h.tenant_id IS NULL OR h.tenant_id = tenant LIMIT 1;
    IF hold.id IS NOT NULL THEN
        RAISE EXCEPTION 'the audit log stays: legal hold %: %', hold.id, hold.reason USING ERRCODE = 'CY001', DETAIL = 'hold';
    ELSIF through_seq >= head.seq THEN
        RAISE EXCEPTION 'the last entry of a chain stays' USING ERRCODE = 'CY001', DETAIL = 'head';
    ELSIF found.is_linked IS NOT TRUE OR found.entries <> through_seq - coalesce(before.last_seq, 0) THEN
        RAISE EXCEPTION 'the audit log stays: its entries up to % are not one unbroken chain; see cygni audit verify', through_seq
            USING ERRCODE = 'CY001', DETAIL = 'broken';
    ELSIF found.last_at > now() - interval '30 days' THEN
        RAISE EXCEPTION 'the audit log stays: its entries are kept for 30 days at the least' USING ERRCODE = 'CY001', DETAIL = 'floor';
    END IF;
    DELETE FROM cygni.audit_log AS l WHERE l.tenant_id IS NOT DISTINCT FROM tenant AND l.seq <= through_seq;
    INSERT INTO cygni.audit_segments (tenant_id, first_seq, last_seq, entries, head_hash, first_at, last_at)
    VALUES (tenant, found.first_seq, through_seq, found.entries, found.hash, found.first_at, found.last_at);
    INSERT INTO cygni.purges (run_id, policy, source, item, weapon, range_start, range_end, rows, digest, proof, actor, statements, finished_at)
    VALUES (run, audit_close_segment.policy, 'audit_log', coalesce(tenant::text, 'platform') || ' ' || found.first_seq || '-' || through_seq, 'segment',
        found.first_at, found.last_at, found.entries, encode(found.hash, 'hex'), '{}', 'job:retention-purge', 1, clock_timestamp())
    RETURNING id INTO purge;
    entry := cygni.audit_append(NULL, 'job:retention-purge', 'retention.purged', 'audit_log',
        (SELECT to_jsonb(p) - 'audit_id' - 'longest_ms' FROM cygni.purges AS p WHERE p.id = purge));
    UPDATE cygni.purges SET audit_id = entry WHERE id = purge;
    RETURN found.entries;
END $$;
COMMENT ON FUNCTION cygni.audit_close_segment(uuid, bigint, uuid, jsonb) IS
    'Lets go of a chain''s entries up to a place; the hash of the last and their count stay.';
REVOKE ALL ON FUNCTION cygni.audit_close_segment(uuid, bigint, uuid, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cygni.audit_close_segment(uuid, bigint, uuid, jsonb) TO cygni_jobs;

-- Tenants that were erased: a relation that gathers itself, when it is refreshed, leaves them out.
CREATE TABLE cygni_rollup.erased_tenants (
    tenant_id uuid NOT NULL PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE cygni_rollup.erased_tenants IS 'Tenants whose buckets are left out of every roll-up from then on.';
ALTER TABLE cygni_rollup.erased_tenants ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY platform_all ON cygni_rollup.erased_tenants TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true);
GRANT SELECT ON cygni_rollup.erased_tenants TO cygni_jobs;
CREATE OR REPLACE FUNCTION cygni_rollup.gather(level text, range_start timestamptz, range_end timestamptz)
RETURNS SETOF cygni_rollup.bucket_row
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET jit = off SET max_parallel_workers_per_gather = 0 AS $$
BEGIN
    RETURN QUERY EXECUTE 'SELECT * FROM ' || cygni_rollup.source(level, tstzrange(range_start, range_end))
        || ' AS finer WHERE tenant_id NOT IN (SELECT e.tenant_id FROM cygni_rollup.erased_tenants AS e)';
END $$;

-- Leaves tenants that were erased out of a relation. One of a day that is past is gathered anew from itself: what it was once
-- built from may be gone.
CREATE FUNCTION cygni_rollup.leave_out_erased(name name) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found record;
BEGIN
    -- The number that the lock of job metrics-rollup has.
    IF NOT pg_try_advisory_xact_lock(1472933827897567738) THEN
        RAISE EXCEPTION '% stays: the roll-up is at work', name USING ERRCODE = 'lock_not_available';
    END IF;
    SELECT * INTO found FROM cygni_rollup.relations AS r WHERE r.relation = name AND r.state IN ('open', 'sealed');
    IF found.state = 'sealed' THEN
        PERFORM cygni_rollup.make_relation(found.level, found.grain, found.range_start, 'gather', 'sealed');
        UPDATE cygni_rollup.relations SET state = 'retired' WHERE relation = name;
        PERFORM set_config('lock_timeout', '50ms', true);
        WHILE cygni_rollup.publish() LOOP
        END LOOP;
        PERFORM cygni_rollup.drop_relation(name);
    ELSIF found.state = 'open' THEN
        PERFORM cygni_rollup.refresh_relation(name);
    END IF;
END $$;
COMMENT ON FUNCTION cygni_rollup.leave_out_erased(name) IS 'Makes a relation anew without the tenants that were erased.';
REVOKE ALL ON FUNCTION cygni_rollup.leave_out_erased(name) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cygni_rollup.leave_out_erased(name) TO cygni_jobs;

-- What tells whether the server is hard pressed. It asks as cygni_owner, who sees the sessions of the platform's own roles;
-- those of others and replicas only as a member of pg_read_all_stats.
CREATE FUNCTION cygni.pressure() RETURNS TABLE (wal bigint, lag double precision, oldest double precision)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint,
        coalesce((SELECT max(extract(epoch FROM coalesce(r.replay_lag, interval '0'))) FROM pg_stat_replication AS r), 0)::float8,
        coalesce((
            SELECT max(extract(epoch FROM clock_timestamp() - a.xact_start)) FROM pg_stat_activity AS a
            WHERE a.backend_xmin IS NOT NULL AND a.backend_type = 'client backend' AND a.pid <> pg_backend_pid()
                AND a.datname = current_database()
        ), 0)::float8
$$;
COMMENT ON FUNCTION cygni.pressure() IS
    'Bytes of WAL since ever, seconds that the slowest replica lags, seconds that the oldest snapshot of this database has been held.';
REVOKE ALL ON FUNCTION cygni.pressure() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cygni.pressure() TO cygni_jobs;

-- migrate:down
DROP FUNCTION cygni.pressure();
DROP FUNCTION cygni_rollup.leave_out_erased(name);
CREATE OR REPLACE FUNCTION cygni_rollup.gather(level text, range_start timestamptz, range_end timestamptz)
RETURNS SETOF cygni_rollup.bucket_row
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET jit = off SET max_parallel_workers_per_gather = 0 AS $$
BEGIN
    RETURN QUERY EXECUTE 'SELECT * FROM ' || cygni_rollup.source(level, tstzrange(range_start, range_end)) || ' AS finer';
END $$;
DROP TABLE cygni_rollup.erased_tenants;
DROP FUNCTION cygni.audit_close_segment(uuid, bigint, uuid, jsonb);
DROP TABLE cygni.audit_segments;
DROP FUNCTION cygni.archive_hold(uuid);
DROP FUNCTION cygni_rollup.expire_relation(name, uuid, jsonb);
