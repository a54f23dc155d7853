-- The interlock where a part of a partition goes: what stays is copied and takes its place, or what goes is deleted; and the way
-- back out of quarantine.

-- migrate:up
-- Rows that were in the archive were moved to a new table: what comes to it from the next transaction on is late.
CREATE FUNCTION cygni_private.note_moved(relation regclass, archive_source text, first timestamptz, after timestamptz) RETURNS void
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT pg_stat_force_next_flush();
    -- A snapshot that sees this very transaction, and else what the present one sees.
    WITH present AS (
        SELECT pg_current_xact_id()::text::bigint AS own, pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS after
    ), running AS (
        SELECT x.id::text::bigint AS id FROM pg_snapshot_xip(pg_current_snapshot()) AS x (id), present WHERE x.id::text::bigint <> present.own
        UNION SELECT id FROM present, generate_series(present.after, present.own - 1) AS id
    ), seen AS (
        SELECT format('%s:%s:%s', coalesce((SELECT min(id) FROM running), greatest(own + 1, after)), greatest(own + 1, after),
            (SELECT string_agg(id::text, ',' ORDER BY id) FROM running)) AS snapshot
        FROM present
    )
    UPDATE cygni.archives AS a
    SET source_state = a.source_state || cygni_private.table_state(relation) || jsonb_build_object('snapshot', seen.snapshot)
    FROM seen
    WHERE a.source = archive_source AND a.verified_at IS NOT NULL AND a.purging_at IS NULL
        AND a.range_start < after AND a.range_end > first;
$$;

-- Puts a partition back, while it is in quarantine. Where its place was taken meanwhile (survivors of a rewrite, a new default
-- for late rows), the rows that went are put into what stands there.
CREATE FUNCTION cygni.retention_restore(quarantine uuid, actor text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found record;
    parent regclass;
    place regclass;
    day text;
    gap text;
    is_used boolean;
    back bigint;
BEGIN
    SELECT * INTO found FROM cygni.quarantined_partitions WHERE id = quarantine FOR UPDATE;
    IF found.id IS NULL OR found.ended_at IS NOT NULL THEN
        RAISE EXCEPTION '% is not in quarantine', coalesce(found.partition, quarantine::text)
            USING ERRCODE = 'no_data_found', HINT = coalesce(format('It was %s at %s.', found.end_state, found.ended_at), 'There is no such entry.');
    END IF;
    day := format('%s_p%s', found.source, to_char(found.range_start AT TIME ZONE 'UTC', 'YYYYMMDD'));
    IF found.partition <> day THEN
        PERFORM cygni.ensure_partitions(found.source, (found.range_start AT TIME ZONE 'UTC')::date, (found.range_start AT TIME ZONE 'UTC')::date);
    END IF;
    place := to_regclass(format('cygni.%I', found.partition));
    IF place IS NOT NULL THEN
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', place) INTO is_used;
        IF NOT is_used THEN
            EXECUTE format('DROP TABLE %s', place);
            place := NULL;
        END IF;
    END IF;
    IF place IS NULL THEN
        parent := format('cygni.%I', CASE WHEN found.partition = day THEN found.source ELSE day END)::regclass;
        EXECUTE format('ALTER TABLE cygni_quarantine.%I RENAME TO %I', found.relation, found.partition);
        EXECUTE format('ALTER TABLE cygni_quarantine.%I SET SCHEMA cygni', found.partition);
        EXECUTE format('GRANT SELECT, INSERT ON cygni.%I TO cygni_jobs', found.partition);
        EXECUTE format('ALTER TABLE %s ATTACH PARTITION cygni.%I %s', parent, found.partition, found.proof ->> 'bound');
    ELSE
        -- Beside rows that stand there now. Their archives must be whole, as moved rows look like new ones from then on.
        gap := CASE WHEN (SELECT g.needs_archive FROM cygni.retention_guards AS g WHERE g.source = found.source)
            THEN cygni_private.archive_gap(place, found.proof ->> 'archive_source', found.range_start, found.range_end, cygni_private.table_state(place)) END;
        IF gap IS NOT NULL THEN
            RAISE EXCEPTION '% cannot be put back now: what stands in its place was %', found.partition, gap
                USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Run cygni-log-archive, then try again.';
        END IF;
        EXECUTE format('INSERT INTO %s SELECT * FROM cygni_quarantine.%I WHERE $1 IS NULL OR (tenant_id = ANY ($1)) <> $2', place, found.relation)
        USING found.tenants, found.spares_tenants;
        GET DIAGNOSTICS back = ROW_COUNT;
        EXECUTE format('DROP TABLE cygni_quarantine.%I', found.relation);
        PERFORM cygni_private.note_moved(place, found.proof ->> 'archive_source', found.range_start, found.range_end);
    END IF;
    UPDATE cygni.quarantined_partitions SET ended_at = clock_timestamp(), end_state = 'restored' WHERE id = quarantine;
    PERFORM cygni.audit_append(NULL, actor, 'retention.restored', found.partition,
        jsonb_build_object('quarantine', quarantine, 'rows_put_back', back));
    RETURN found.partition;
END $$;
COMMENT ON FUNCTION cygni.retention_restore(uuid, text) IS 'Puts a partition back from quarantine; returns its name.';

-- Copies what stays of a partition, beside it. Readers go on; a writer of this very partition, days late, waits.
CREATE FUNCTION cygni.retention_copy(leaf regclass, tenants uuid[], spares boolean) RETURNS TABLE (kept bigint, gone bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found record;
    copy text;
BEGIN
    SELECT * INTO found FROM cygni.retention_leaf(leaf);
    PERFORM cygni_private.demand_no_obstacle(leaf, tenants, spares);
    copy := left(found.partition, 58) || '_kept';
    PERFORM set_config('lock_timeout', '50ms', true);
    EXECUTE format('LOCK TABLE %s IN SHARE MODE', leaf);
    EXECUTE format('DROP TABLE IF EXISTS cygni_quarantine.%I', copy);
    EXECUTE format('CREATE TABLE cygni_quarantine.%I (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING INDEXES)', copy, leaf);
    EXECUTE format('ALTER TABLE cygni_quarantine.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', copy);
    EXECUTE format('CREATE POLICY platform_all ON cygni_quarantine.%I TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true)', copy);
    EXECUTE format('INSERT INTO cygni_quarantine.%I SELECT * FROM %s WHERE (tenant_id = ANY ($1)) = $2', copy, leaf) USING tenants, spares;
    GET DIAGNOSTICS kept = ROW_COUNT;
    PERFORM pg_stat_force_next_flush();
    EXECUTE format('SELECT count(*) FROM %s WHERE (tenant_id = ANY ($1)) <> $2', leaf) INTO gone USING tenants, spares;
    -- So that ATTACH need not read it.
    EXECUTE format('ALTER TABLE cygni_quarantine.%I ADD CONSTRAINT retention_day CHECK (ts >= %L AND ts < %L)', copy, found.range_start, found.range_end);
    -- What the copy was made from; the swap asks whether that still stands.
    EXECUTE format('COMMENT ON TABLE cygni_quarantine.%I IS %L', copy, jsonb_build_object('state', cygni_private.table_state(leaf),
        'leaf', leaf::oid::bigint, 'tenants', tenants, 'spares', spares, 'kept', kept, 'gone', gone)::text);
    RETURN NEXT;
END $$;
COMMENT ON FUNCTION cygni.retention_copy(regclass, uuid[], boolean) IS 'Copies the rows of a partition that stay; the swap puts the copy in its place.';

-- Copies that no swap came to use: their run ended early. To be asked by the job under its lock, as no copy is in the making then.
CREATE FUNCTION cygni.retention_copies() RETURNS SETOF regclass
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT c.oid::regclass FROM pg_class AS c
    WHERE c.relnamespace = 'cygni_quarantine'::regnamespace AND c.relkind = 'r' AND c.relname LIKE '%\_kept'
        AND NOT EXISTS (SELECT FROM cygni.quarantined_partitions AS q WHERE q.relation = c.relname AND q.ended_at IS NULL)
    ORDER BY c.relname
$$;
COMMENT ON FUNCTION cygni.retention_copies() IS 'Copies of what stays of a partition that did not take its place.';

CREATE FUNCTION cygni.drop_copies() RETURNS SETOF text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    copy regclass;
BEGIN
    PERFORM set_config('lock_timeout', '50ms', true);
    FOR copy IN SELECT * FROM cygni.retention_copies() LOOP
        RETURN NEXT copy::text;
        EXECUTE format('DROP TABLE %s', copy);
    END LOOP;
END $$;
COMMENT ON FUNCTION cygni.drop_copies() IS 'Drops copies that no swap came to use; returns their names.';

-- Puts the copy in the place of its partition, which goes into quarantine.
CREATE FUNCTION cygni.retention_swap(leaf regclass, run uuid, grace interval, policy jsonb, tenants uuid[], spares boolean) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found record;
    copy text;
    made jsonb;
    quarantine uuid;
BEGIN
    SELECT * INTO found FROM cygni.retention_leaf(leaf);
    copy := left(found.partition, 58) || '_kept';
    made := obj_description(to_regclass(format('cygni_quarantine.%I', copy)), 'pg_class')::jsonb;
    IF made IS NULL OR made -> 'state' <> cygni_private.table_state(leaf) OR made -> 'leaf' <> to_jsonb(leaf::oid::bigint)
        OR made -> 'tenants' <> to_jsonb(tenants) OR made -> 'spares' <> to_jsonb(spares)
    THEN
        RAISE EXCEPTION '% stays: it was written to since what stays was copied', leaf USING ERRCODE = 'CY001', DETAIL = 'moved';
    END IF;
    quarantine := cygni.retention_detach(leaf, run, grace, policy, tenants, spares, copy);
    UPDATE cygni.quarantined_partitions SET proof = proof || jsonb_build_object('kept', made -> 'kept', 'gone', made -> 'gone') WHERE id = quarantine;
    EXECUTE format('ALTER TABLE cygni_quarantine.%I RENAME TO %I', copy, found.partition);
    EXECUTE format('COMMENT ON TABLE cygni_quarantine.%I IS NULL', found.partition);
    EXECUTE format('ALTER TABLE cygni_quarantine.%I SET SCHEMA cygni', found.partition);
    EXECUTE format('GRANT SELECT, INSERT ON cygni.%I TO cygni_jobs', found.partition);
    EXECUTE format('ALTER TABLE %s ATTACH PARTITION cygni.%I %s', found.parent, found.partition, found.bound);
    EXECUTE format('ALTER TABLE cygni.%I DROP CONSTRAINT retention_day', found.partition);
    PERFORM cygni_private.partition_created(found.source, to_regclass(format('cygni.%I', found.partition)));
    PERFORM cygni_private.note_moved(format('cygni.%I', found.partition)::regclass, found.archive_source, found.range_start, found.range_end);
    RETURN quarantine;
END $$;
COMMENT ON FUNCTION cygni.retention_swap(regclass, uuid, interval, jsonb, uuid[], boolean) IS 'Puts what stays in the place of a partition, which goes into quarantine.';

-- Whether a row was written by a transaction before a horizon. xmin has 32 bits; next tells what its upper half was.
CREATE FUNCTION cygni_private.was_written_before(row_xmin xid, horizon bigint, next bigint) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN row_xmin::text::bigint < 3 THEN 0
    WHEN next / 4294967296 * 4294967296 + row_xmin::text::bigint > next
        THEN next / 4294967296 * 4294967296 + row_xmin::text::bigint - 4294967296
    ELSE next / 4294967296 * 4294967296 + row_xmin::text::bigint
END::bigint < horizon;

-- Deletes rows of a partition in a range of its pages: those of some tenants, or of all others. The first call of a run opens
-- the receipt and asks for everything; each later one asks again for holds. A row that came after the archive was made, or
-- while the certificate was looked at, stays.
CREATE FUNCTION cygni.retention_delete(
    leaf regclass, purge uuid, run uuid, policy jsonb, tenants uuid[], spares boolean, first_page bigint, pages bigint
) RETURNS TABLE (receipt uuid, deleted bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found record;
    guard record;
    hold record;
    next constant bigint := pg_snapshot_xmax(pg_current_snapshot())::text::bigint;
    horizon bigint := pg_snapshot_xmin(pg_current_snapshot())::text::bigint;
    started constant timestamptz := clock_timestamp();
    took double precision;
BEGIN
    LOCK TABLE cygni.legal_holds IN SHARE MODE;
    SELECT * INTO found FROM cygni.retention_leaf(leaf);
    SELECT * INTO guard FROM cygni.retention_guards AS g WHERE g.source = found.source;
    IF purge IS NULL THEN
        PERFORM cygni_private.demand_no_obstacle(leaf, tenants, spares);
    ELSE
        FOR hold IN SELECT * FROM cygni.holds_over(ARRAY[found.source, found.partition, found.archive_source], found.range_start, found.range_end) LOOP
            IF hold.tenant_id IS NULL OR (hold.tenant_id = ANY (tenants)) <> spares THEN
                RAISE EXCEPTION '% stays: legal hold %: %', leaf, hold.id, hold.reason USING ERRCODE = 'CY001', DETAIL = 'hold';
            END IF;
        END LOOP;
    END IF;
    IF guard.needs_archive THEN
        SELECT least(horizon, min(pg_snapshot_xmin((a.source_state ->> 'snapshot')::pg_snapshot)::text::bigint)) INTO horizon
        FROM cygni.archives AS a
        WHERE a.source = found.archive_source AND a.verified_at IS NOT NULL AND a.purging_at IS NULL
            AND a.part = (SELECT max(b.part) FROM cygni.archives AS b WHERE b.source = a.source AND b.range_start = a.range_start
                AND b.range_end = a.range_end AND b.verified_at IS NOT NULL AND b.purging_at IS NULL);
    ELSIF guard.needs_certificate AND purge IS NOT NULL AND EXISTS (
        SELECT FROM cygni_rollup.changes AS c WHERE c.hour >= found.range_start AND c.hour < found.range_end AND c.kind <> 'delete'
    ) THEN
        RAISE EXCEPTION '% stays: samples came in since the roll-up certified the day', leaf USING ERRCODE = 'CY001', DETAIL = 'certificate';
    END IF;
    EXECUTE format('DELETE FROM %s WHERE ctid >= $1 AND ctid < $2 AND (tenant_id = ANY ($3)) <> $4
        AND cygni_private.was_written_before(xmin, $5, $6)', leaf)
    USING format('(%s,0)', first_page)::tid, format('(%s,0)', first_page + pages)::tid, tenants, spares, horizon, next;
    GET DIAGNOSTICS deleted = ROW_COUNT;
    took := extract(epoch FROM clock_timestamp() - started) * 1000;
    receipt := purge;
    IF receipt IS NULL AND deleted > 0 THEN
        INSERT INTO cygni.purges (run_id, policy, source, item, weapon, range_start, range_end, proof, actor)
        VALUES (run, retention_delete.policy, found.source, found.partition, 'delete', found.range_start, found.range_end,
            cygni_private.retention_proof(found.source, found.archive_source, found.range_start, found.range_end)
                || jsonb_build_object('tenants', tenants, 'spares_tenants', spares), 'job:retention-purge')
        RETURNING id INTO receipt;
    END IF;
    UPDATE cygni.purges SET rows = rows + deleted, statements = statements + 1, longest_ms = greatest(longest_ms, took)
    WHERE id = receipt AND deleted > 0;
    RETURN NEXT;
END $$;
COMMENT ON FUNCTION cygni.retention_delete(regclass, uuid, uuid, jsonb, uuid[], boolean, bigint, bigint) IS
    'Deletes tenants'' rows from some pages of a partition and counts them in a receipt, which the first call opens.';

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'cygni.retention_copies()', 'cygni.drop_copies()', 'cygni.retention_restore(uuid, text)',
        'cygni.retention_copy(regclass, uuid[], boolean)',
        'cygni.retention_swap(regclass, uuid, interval, jsonb, uuid[], boolean)',
        'cygni.retention_delete(regclass, uuid, uuid, jsonb, uuid[], boolean, bigint, bigint)'
    ] LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', name);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO cygni_jobs', name);
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION cygni_private.was_written_before(xid, bigint, bigint),
    cygni_private.note_moved(regclass, text, timestamptz, timestamptz) FROM PUBLIC;

-- migrate:down
DROP FUNCTION cygni.retention_delete(regclass, uuid, uuid, jsonb, uuid[], boolean, bigint, bigint);
DROP FUNCTION cygni_private.was_written_before(xid, bigint, bigint);
DROP FUNCTION cygni.retention_swap(regclass, uuid, interval, jsonb, uuid[], boolean);
DROP FUNCTION cygni.drop_copies();
DROP FUNCTION cygni.retention_copies();
DROP FUNCTION cygni.retention_copy(regclass, uuid[], boolean);
DROP FUNCTION cygni.retention_restore(uuid, text);
DROP FUNCTION cygni_private.note_moved(regclass, text, timestamptz, timestamptz);
