-- The interlock: what takes a day of log lines or samples away demands its proof here, inside the database, whoever asks. The
-- role of the jobs has no DELETE, no TRUNCATE and no DROP of its own on these tables.
--
-- over-400-lines: who judges whether the interlock can be got round reads it as one.

-- migrate:up
REVOKE UPDATE, DELETE, TRUNCATE ON cygni.metric_samples, cygni.log_lines FROM cygni_jobs;
DO $$
DECLARE
    partition regclass;
BEGIN
    FOR partition IN
        SELECT t.relid FROM pg_partition_tree('cygni.metric_samples') AS t UNION ALL
        SELECT t.relid FROM pg_partition_tree('cygni.log_lines') AS t
    LOOP
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %s FROM cygni_jobs', partition);
    END LOOP;
END $$;
CREATE OR REPLACE FUNCTION cygni_private.make_partition(parent regclass, partition_name text, divided_by text DEFAULT '') RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('CREATE TABLE cygni.%I (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE) %s',
        partition_name, parent, divided_by);
    EXECUTE format('ALTER TABLE cygni.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', partition_name);
    EXECUTE format('CREATE POLICY platform_all ON cygni.%I TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true)',
        partition_name);
    EXECUTE format('GRANT SELECT, INSERT ON cygni.%I TO cygni_jobs', partition_name);
END $$;

-- A partition as the purger sees it: its table, its day, its class, and the name that its archives carry. No row: it is none.
CREATE FUNCTION cygni.retention_leaf(leaf regclass) RETURNS TABLE (
    source text, partition text, archive_source text, parent regclass, bound text, retention_class text,
    range_start timestamptz, range_end timestamptz
)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT root.relname::text, c.relname::text,
        -- The default of a day is what the day was before it was divided.
        CASE WHEN own.text = 'DEFAULT' THEN day.relname ELSE c.relname END::text,
        day.oid::regclass, own.text, (regexp_match(own.text, $re$^FOR VALUES IN \('(.*)'\)$re$))[1],
        b.bounds[1]::timestamptz, b.bounds[2]::timestamptz
    FROM pg_class AS c
    JOIN pg_inherits AS i ON i.inhrelid = c.oid AND NOT i.inhdetachpending
    JOIN pg_class AS day ON day.oid = i.inhparent
    JOIN pg_class AS root ON root.oid = pg_partition_root(c.oid)
    CROSS JOIN LATERAL (SELECT pg_get_expr(c.relpartbound, c.oid)) AS own (text)
    CROSS JOIN LATERAL regexp_match(
        CASE WHEN day.oid = root.oid THEN own.text ELSE pg_get_expr(day.relpartbound, day.oid) END,
        $re$^FOR VALUES FROM \('([^']+)'\) TO \('([^']+)'\)$re$
    ) AS b (bounds)
    WHERE c.oid = leaf AND c.relkind = 'r' AND root.relnamespace = 'cygni'::regnamespace AND b.bounds IS NOT NULL
        AND EXISTS (SELECT FROM cygni.retention_guards AS g WHERE g.source = root.relname)
$$;
COMMENT ON FUNCTION cygni.retention_leaf(regclass) IS 'The table, day and class of a partition that the purger may take; no row: it is none.';

-- How a table stands: the server's counters, which cost nothing to read and move with every row written. A row
-- that is removed changes nothing of what an archive must hold.
CREATE FUNCTION cygni_private.table_state(relation regclass) RETURNS jsonb
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT jsonb_build_object(
        'changes', pg_stat_get_tuples_inserted(relation) + pg_stat_get_tuples_updated(relation),
        'filenode', pg_relation_filenode(relation)::bigint)
$$;

-- Why the archives of a partition do not prove it; NULL: each of its rows is in one that was read back. The counters of the
-- receipts are those of now, so nothing was written since; a time that no receipt covers has no rows.
CREATE FUNCTION cygni_private.archive_gap(
    relation regclass, archive_source text, range_start timestamptz, range_end timestamptz, state jsonb
) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    receipt record;
    covered timestamptz := range_start;
    has_rows boolean;
BEGIN
    FOR receipt IN
        SELECT a.range_start AS first, a.range_end AS after, (array_agg(a.source_state ORDER BY a.part DESC))[1] AS state
        FROM cygni.archives AS a
        WHERE a.source = archive_source AND a.verified_at IS NOT NULL AND a.purging_at IS NULL
            AND a.range_start < archive_gap.range_end AND a.range_end > archive_gap.range_start
        GROUP BY 1, 2 ORDER BY 1
    LOOP
        IF receipt.state ->> 'changes' IS DISTINCT FROM state ->> 'changes'
            OR receipt.state ->> 'filenode' IS DISTINCT FROM state ->> 'filenode'
            OR receipt.state ->> 'cluster' IS DISTINCT FROM (SELECT system_identifier::text FROM pg_control_system())
        THEN
            RETURN 'written to since it was archived; cygni-log-archive looks at it';
        END IF;
        IF receipt.first > covered THEN
            EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE ts >= $1 AND ts < $2)', relation)
            INTO has_rows USING covered, receipt.first;
            EXIT WHEN has_rows;
        END IF;
        covered := greatest(covered, receipt.after);
    END LOOP;
    IF has_rows IS NOT TRUE AND covered < range_end THEN
        EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE ts >= $1 AND ts < $2)', relation)
        INTO has_rows USING covered, range_end;
    END IF;
    RETURN CASE WHEN has_rows THEN format('rows from %s on have no archive', to_char(covered AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI"Z"')) END;
END $$;

-- What a partition goes by: its receipts, its certificate.
CREATE FUNCTION cygni_private.retention_proof(of_source text, archive_source text, range_start timestamptz, range_end timestamptz)
RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'archives', (
            SELECT jsonb_agg(jsonb_build_object('id', a.id, 'object_key', a.object_key, 'rows', a.rows, 'sha256', a.sha256,
                'row_digest', a.row_digest, 'verified_at', a.verified_at) ORDER BY a.range_start, a.part)
            FROM cygni.archives AS a
            WHERE a.source = archive_source AND a.verified_at IS NOT NULL AND a.purging_at IS NULL
                AND a.range_start < retention_proof.range_end AND a.range_end > retention_proof.range_start
        ),
        'certificate', (
            SELECT jsonb_build_object('id', c.id, 'day', c.day, 'rows', c.raw_rows, 'digest', c.raw_digest::text, 'issued_at', c.issued_at)
            FROM cygni_rollup.certificates AS c
            WHERE of_source = 'metric_samples' AND c.voided_at IS NULL AND c.day = (retention_proof.range_start AT TIME ZONE 'UTC')::date
        )))
$$;

-- Everything that stands against rows of a partition going: all of them; those of some tenants; or, with spares, those of all
-- others. The plan, the explanation and the deed ask the same question. No row: nothing stands against it.
CREATE FUNCTION cygni.retention_obstacles(leaf regclass, tenants uuid[] DEFAULT NULL, spares boolean DEFAULT false)
RETURNS TABLE (code text, reason text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found record;
    guard record;
    hold record;
    of_day date;
    is_there boolean;
    gap text;
BEGIN
    SELECT * INTO found FROM cygni.retention_leaf(leaf);
    IF found.source IS NULL THEN
        RETURN QUERY SELECT 'unknown', format('%s is not a partition of a table that is purged by days', leaf);
        RETURN;
    END IF;
    SELECT * INTO guard FROM cygni.retention_guards AS g WHERE g.source = found.source;
    IF found.range_end > now() - guard.floor THEN
        RETURN QUERY SELECT 'floor', format('nothing of %s goes before %s after its day', found.source, guard.floor);
    END IF;
    FOR hold IN SELECT * FROM cygni.holds_over(ARRAY[found.source, found.partition, found.archive_source], found.range_start, found.range_end) LOOP
        is_there := true;
        IF hold.tenant_id IS NOT NULL THEN
            CONTINUE WHEN tenants IS NOT NULL AND (hold.tenant_id = ANY (tenants)) = spares;
            EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE tenant_id = $1)', leaf) INTO is_there USING hold.tenant_id;
        END IF;
        IF is_there THEN
            RETURN QUERY SELECT 'hold', format('legal hold %s%s: %s', hold.id,
                coalesce(' on tenant ' || (SELECT slug FROM cygni.tenants WHERE id = hold.tenant_id), ''), hold.reason);
        END IF;
    END LOOP;
    IF guard.needs_archive THEN
        gap := cygni_private.archive_gap(leaf, found.archive_source, found.range_start, found.range_end, cygni_private.table_state(leaf));
        IF gap IS NOT NULL THEN
            RETURN QUERY SELECT 'archive', gap;
        END IF;
    END IF;
    IF guard.needs_certificate THEN
        of_day := (found.range_start AT TIME ZONE 'UTC')::date;
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', leaf) INTO is_there;
        IF is_there AND NOT EXISTS (SELECT FROM cygni_rollup.certificates AS c WHERE c.day = of_day AND c.voided_at IS NULL) THEN
            RETURN QUERY SELECT 'certificate', 'the roll-up has not certified the day; cygni-metrics-rollup does once it is past';
        ELSIF EXISTS (
            SELECT FROM cygni_rollup.changes AS c
            WHERE c.hour >= found.range_start AND c.hour < found.range_end AND c.kind <> 'delete'
        ) THEN
            RETURN QUERY SELECT 'certificate', 'samples came in since the roll-up certified the day';
        END IF;
    END IF;
END $$;
COMMENT ON FUNCTION cygni.retention_obstacles(regclass, uuid[], boolean) IS
    'What stands against rows of a partition going: holds, the floor, a missing archive or certificate.';

-- Raises what stands against it, for the deeds below.
CREATE FUNCTION cygni_private.demand_no_obstacle(leaf regclass, tenants uuid[], spares boolean) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found record;
BEGIN
    SELECT o.code, string_agg(o.reason, '; ') AS reasons INTO found
    FROM cygni.retention_obstacles(leaf, tenants, spares) AS o GROUP BY o.code ORDER BY o.code LIMIT 1;
    IF found.code IS NOT NULL THEN
        RAISE EXCEPTION '% stays: %', leaf, found.reasons USING ERRCODE = 'CY001', DETAIL = found.code;
    END IF;
END $$;

-- Takes the locks that moving a partition needs. The parent's is waited for up to 50 ms, during which others queue behind
-- us; the rest are had at once or not at all. The caller tries again after a pause: nobody ever waits longer than that.
CREATE FUNCTION cygni_private.lock_for_detach(parent regclass, leaf regclass) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    root constant regclass := pg_partition_root(parent);
    is_last constant boolean := (SELECT count(*) = 1 FROM pg_inherits WHERE inhparent = parent);
    neighbour regclass;
BEGIN
    PERFORM set_config('lock_timeout', '50ms', true);
    IF is_last AND root <> parent THEN
        EXECUTE format('LOCK TABLE ONLY %s IN ACCESS EXCLUSIVE MODE', root);
        EXECUTE format('LOCK TABLE ONLY %s IN ACCESS EXCLUSIVE MODE NOWAIT', parent);
    ELSE
        EXECUTE format('LOCK TABLE ONLY %s IN ACCESS EXCLUSIVE MODE', parent);
    END IF;
    FOR neighbour IN
        SELECT leaf UNION SELECT c.oid FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
        WHERE i.inhparent = parent AND pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT'
    LOOP
        EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE NOWAIT', neighbour);
    END LOOP;
    LOCK TABLE cygni.legal_holds IN SHARE MODE NOWAIT;
END $$;

-- Takes a partition out and into quarantine. What stands against it is asked before the locks, as a look for a tenant's rows
-- may take long; under them, only whether anything moved meanwhile.
CREATE FUNCTION cygni.retention_detach(
    leaf regclass, run uuid, grace interval, policy jsonb, tenants uuid[] DEFAULT NULL, spares boolean DEFAULT false,
    successor text DEFAULT NULL
) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found record;
    state constant jsonb := cygni_private.table_state(leaf);
    seen_at constant timestamptz := clock_timestamp();
    quarantine uuid := gen_random_uuid();
    relation text;
    proof jsonb;
    index record;
BEGIN
    SELECT * INTO found FROM cygni.retention_leaf(leaf);
    PERFORM cygni_private.demand_no_obstacle(leaf, tenants, spares);
    PERFORM cygni_private.lock_for_detach(found.parent, leaf);
    IF EXISTS (SELECT FROM cygni.legal_holds AS h WHERE h.created_at >= seen_at - interval '1 minute' AND h.released_at IS NULL) THEN
        -- A hold that was set while we looked: look again, at the cost of time under the lock.
        PERFORM cygni_private.demand_no_obstacle(leaf, tenants, spares);
    END IF;
    PERFORM pg_stat_clear_snapshot();
    IF cygni_private.table_state(leaf) <> state THEN
        RAISE EXCEPTION '% stays: it was written to just now', leaf USING ERRCODE = 'CY001', DETAIL = 'moved';
    END IF;
    proof := cygni_private.retention_proof(found.source, found.archive_source, found.range_start, found.range_end)
        || jsonb_build_object('state', state, 'archive_source', found.archive_source, 'bound', found.bound);
    relation := left(found.partition, 50) || '_' || left(replace(quarantine::text, '-', ''), 8);
    EXECUTE format('ALTER TABLE %s DETACH PARTITION %s', found.parent, leaf);
    IF successor IS NULL AND found.parent <> format('cygni.%I', found.source)::regclass
        AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhparent = found.parent)
    THEN
        -- The day's last: without a partition it would refuse rows for a reason that nobody understands.
        EXECUTE format('DROP TABLE %s', found.parent);
    END IF;
    EXECUTE format('REVOKE ALL ON %s FROM cygni_jobs', leaf);
    EXECUTE format('GRANT SELECT ON %s TO cygni_jobs', leaf);
    -- Under names that nothing there has, of a copy that is being made for instance.
    FOR index IN SELECT i.indexrelid::regclass::text AS name, row_number() OVER () AS place FROM pg_index AS i WHERE i.indrelid = leaf LOOP
        EXECUTE format('ALTER INDEX %s RENAME TO %I', index.name, relation || '_' || index.place);
    END LOOP;
    EXECUTE format('ALTER TABLE %s SET SCHEMA cygni_quarantine', leaf);
    EXECUTE format('ALTER TABLE cygni_quarantine.%I RENAME TO %I', found.partition, relation);
    INSERT INTO cygni.quarantined_partitions (id, source, partition, relation, range_start, range_end, retention_class, weapon,
        tenants, spares_tenants, bytes, proof, policy, run_id, drop_after)
    VALUES (quarantine, found.source, found.partition, relation, found.range_start, found.range_end, found.retention_class,
        CASE WHEN tenants IS NULL THEN 'drop' ELSE 'rewrite' END, tenants, spares,
        pg_total_relation_size(format('cygni_quarantine.%I', relation)), proof, policy, run, clock_timestamp() + grace);
    PERFORM cygni.audit_append(NULL, 'job:retention-purge', 'retention.detached', found.partition,
        jsonb_build_object('quarantine', quarantine, 'run', run, 'policy', policy, 'drop_after', clock_timestamp() + grace, 'proof', proof));
    RETURN quarantine;
END $$;
COMMENT ON FUNCTION cygni.retention_detach(regclass, uuid, interval, jsonb, uuid[], boolean, text) IS
    'Moves a partition into quarantine, if nothing stands against it; CY001 says what does, 55P03 that its locks are not to be had now.';

-- Why a partition in quarantine may not end yet; NULL: nothing stands against it.
CREATE FUNCTION cygni.quarantine_obstacle(quarantine uuid) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found record;
    guard record;
    hold record;
    target regclass;
    state jsonb;
    is_there boolean;
BEGIN
    SELECT * INTO found FROM cygni.quarantined_partitions WHERE id = quarantine;
    IF found.id IS NULL OR found.ended_at IS NOT NULL THEN
        RETURN 'it is not in quarantine';
    END IF;
    target := to_regclass(format('cygni_quarantine.%I', found.relation));
    IF target IS NULL THEN
        RETURN format('its table cygni_quarantine.%s is gone', found.relation);
    END IF;
    -- The counters of a session are told within ten seconds after its transaction.
    IF now() < greatest(found.drop_after, found.detached_at + interval '1 minute') THEN
        RETURN format('in quarantine until %s', to_char(greatest(found.drop_after, found.detached_at + interval '1 minute') AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS"Z"'));
    END IF;
    FOR hold IN
        SELECT * FROM cygni.holds_over(ARRAY[found.source, found.partition, found.proof ->> 'archive_source'], found.range_start, found.range_end)
    LOOP
        is_there := true;
        IF hold.tenant_id IS NOT NULL THEN
            CONTINUE WHEN found.tenants IS NOT NULL AND (hold.tenant_id = ANY (found.tenants)) = found.spares_tenants;
            EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE tenant_id = $1)', target) INTO is_there USING hold.tenant_id;
        END IF;
        IF is_there THEN
            RETURN format('legal hold %s: %s', hold.id, hold.reason);
        END IF;
    END LOOP;
    SELECT * INTO guard FROM cygni.retention_guards AS g WHERE g.source = found.source;
    state := cygni_private.table_state(target);
    IF state ->> 'filenode' = found.proof -> 'state' ->> 'filenode'
        AND (state ->> 'changes')::bigint < (found.proof -> 'state' ->> 'changes')::bigint
    THEN
        -- The server lost its counters in a crash: the rows are counted instead.
        EXECUTE format('SELECT count(*) = $1 FROM %s', target) INTO is_there USING
            coalesce((SELECT sum((a ->> 'rows')::bigint) FROM jsonb_array_elements(found.proof -> 'archives') AS a),
                (found.proof -> 'certificate' ->> 'rows')::bigint, 0)
            - (SELECT coalesce(sum(p.rows), 0) FROM cygni.purges AS p WHERE p.item = found.partition AND p.weapon IN ('delete', 'erase'));
    ELSE
        is_there := state = found.proof -> 'state';
    END IF;
    IF NOT is_there THEN
        RETURN 'rows were written to it just before it was taken out; cygni retention undo puts it back, to be archived anew';
    END IF;
    -- That the receipts are those of its rows was asked when it was taken out, and nothing was written to it since.
    IF guard.needs_archive AND EXISTS (
        SELECT FROM jsonb_array_elements(found.proof -> 'archives') AS p
        WHERE NOT EXISTS (
            SELECT FROM cygni.archives AS a
            WHERE a.id = (p ->> 'id')::uuid AND a.verified_at IS NOT NULL AND a.purging_at IS NULL
        )
    ) THEN
        RETURN 'an archive that it was taken out by is gone';
    END IF;
    IF (guard.needs_archive AND found.proof -> 'archives' IS NULL) OR (guard.needs_certificate AND found.proof -> 'certificate' IS NULL) THEN
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', target) INTO is_there;
        RETURN CASE WHEN is_there THEN 'it has rows, and nothing proves them' END;
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION cygni.quarantine_obstacle(uuid) IS 'Why a partition in quarantine may not be dropped now; NULL: it may.';

-- Drops a partition whose grace has ended, with its receipt.
CREATE FUNCTION cygni.retention_drop(quarantine uuid, run uuid, actor text) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found record;
    obstacle text;
    gone bigint;
    digest text;
    purge uuid;
    entry bigint;
    started constant timestamptz := clock_timestamp();
    wal constant pg_lsn := pg_current_wal_insert_lsn();
BEGIN
    SELECT * INTO found FROM cygni.quarantined_partitions WHERE id = quarantine FOR UPDATE;
    PERFORM set_config('lock_timeout', '50ms', true);
    LOCK TABLE cygni.legal_holds IN SHARE MODE;
    obstacle := cygni.quarantine_obstacle(quarantine);
    IF obstacle IS NOT NULL THEN
        RAISE EXCEPTION '% stays: %', coalesce(found.partition, quarantine::text), obstacle USING ERRCODE = 'CY001', DETAIL = 'quarantine';
    END IF;
    gone := coalesce(
        (found.proof ->> 'gone')::bigint,
        (SELECT sum((a ->> 'rows')::bigint) FROM jsonb_array_elements(found.proof -> 'archives') AS a),
        (found.proof -> 'certificate' ->> 'rows')::bigint, 0);
    digest := coalesce(
        (SELECT encode(sha256(convert_to(string_agg(a ->> 'row_digest', ',' ORDER BY ord), 'UTF8')), 'hex')
            FROM jsonb_array_elements(found.proof -> 'archives') WITH ORDINALITY AS e (a, ord)),
        found.proof -> 'certificate' ->> 'digest');
    EXECUTE format('DROP TABLE cygni_quarantine.%I', found.relation);
    UPDATE cygni.quarantined_partitions SET ended_at = clock_timestamp(), end_state = 'dropped' WHERE id = quarantine;
    INSERT INTO cygni.purges (run_id, policy, source, item, weapon, range_start, range_end, rows, bytes, digest, proof, actor, statements,
        longest_ms, wal_bytes, started_at, finished_at)
    VALUES (run, found.policy, found.source, found.partition, found.weapon, found.range_start, found.range_end, gone, found.bytes, digest,
        found.proof || jsonb_build_object('quarantine', quarantine, 'detached_at', found.detached_at,
            'tenants', found.tenants, 'spares_tenants', found.spares_tenants),
        actor, 1, extract(epoch FROM clock_timestamp() - started) * 1000, pg_current_wal_insert_lsn() - wal, started, clock_timestamp())
    RETURNING id INTO purge;
    entry := cygni.audit_append(NULL, actor, 'retention.purged', found.partition,
        (SELECT to_jsonb(p) - 'audit_id' - 'longest_ms' FROM cygni.purges AS p WHERE p.id = purge));
    UPDATE cygni.purges SET audit_id = entry WHERE id = purge;
    RETURN gone;
END $$;
COMMENT ON FUNCTION cygni.retention_drop(uuid, uuid, text) IS 'Drops a partition in quarantine whose time has come, and writes the receipt; returns its rows.';

-- Detachments that somebody began CONCURRENTLY and that never came to an end are brought to it, as nothing else can be detached
-- before. What was detached stays as a table of its own, for whoever began it.
CREATE FUNCTION cygni.finalize_detachments() RETURNS SETOF text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    pending record;
BEGIN
    PERFORM set_config('lock_timeout', '50ms', true);
    FOR pending IN
        SELECT i.inhparent::regclass AS parent, i.inhrelid::regclass AS leaf FROM pg_inherits AS i
        WHERE i.inhdetachpending AND pg_partition_root(i.inhparent) IN ('cygni.log_lines'::regclass, 'cygni.metric_samples'::regclass)
    LOOP
        EXECUTE format('ALTER TABLE %s DETACH PARTITION %s FINALIZE', pending.parent, pending.leaf);
        RETURN NEXT pending.leaf::text;
    END LOOP;
END $$;
COMMENT ON FUNCTION cygni.finalize_detachments() IS 'Ends detachments of partitions that were begun and cut off; returns what was detached.';

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'cygni.retention_leaf(regclass)', 'cygni.retention_obstacles(regclass, uuid[], boolean)',
        'cygni.retention_detach(regclass, uuid, interval, jsonb, uuid[], boolean, text)', 'cygni.quarantine_obstacle(uuid)',
        'cygni.retention_drop(uuid, uuid, text)', 'cygni.finalize_detachments()'
    ] LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', name);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO cygni_jobs', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY[
        'cygni_private.table_state(regclass)', 'cygni_private.archive_gap(regclass, text, timestamptz, timestamptz, jsonb)',
        'cygni_private.retention_proof(text, text, timestamptz, timestamptz)',
        'cygni_private.demand_no_obstacle(regclass, uuid[], boolean)', 'cygni_private.lock_for_detach(regclass, regclass)'
    ] LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', name);
    END LOOP;
END $$;
-- What the questions ask by; they run as whoever asks.
GRANT EXECUTE ON FUNCTION cygni_private.table_state(regclass),
    cygni_private.archive_gap(regclass, text, timestamptz, timestamptz, jsonb) TO cygni_jobs;

-- migrate:down
DROP FUNCTION cygni.finalize_detachments();
DROP FUNCTION cygni.retention_drop(uuid, uuid, text);
DROP FUNCTION cygni.quarantine_obstacle(uuid);
DROP FUNCTION cygni.retention_detach(regclass, uuid, interval, jsonb, uuid[], boolean, text);
DROP FUNCTION cygni_private.lock_for_detach(regclass, regclass);
DROP FUNCTION cygni_private.demand_no_obstacle(regclass, uuid[], boolean);
DROP FUNCTION cygni.retention_obstacles(regclass, uuid[], boolean);
DROP FUNCTION cygni_private.retention_proof(text, text, timestamptz, timestamptz);
DROP FUNCTION cygni_private.archive_gap(regclass, text, timestamptz, timestamptz, jsonb);
DROP FUNCTION cygni_private.table_state(regclass);
DROP FUNCTION cygni.retention_leaf(regclass);
CREATE OR REPLACE FUNCTION cygni_private.make_partition(parent regclass, partition_name text, divided_by text DEFAULT '') RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('CREATE TABLE cygni.%I (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE) %s',
        partition_name, parent, divided_by);
    EXECUTE format('ALTER TABLE cygni.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', partition_name);
    EXECUTE format('CREATE POLICY platform_all ON cygni.%I TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true)',
        partition_name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON cygni.%I TO cygni_jobs', partition_name);
END $$;
GRANT UPDATE, DELETE ON cygni.metric_samples, cygni.log_lines TO cygni_jobs;
DO $$
DECLARE
    partition regclass;
BEGIN
    FOR partition IN
        SELECT t.relid FROM pg_partition_tree('cygni.metric_samples') AS t UNION ALL
        SELECT t.relid FROM pg_partition_tree('cygni.log_lines') AS t
    LOOP
        EXECUTE format('GRANT UPDATE, DELETE ON %s TO cygni_jobs', partition);
    END LOOP;
END $$;
