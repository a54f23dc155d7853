-- Holds that expire, that name who set them, and that take a second person to lift.

-- migrate:up
ALTER TABLE cygni.legal_holds
    ADD COLUMN expires_at timestamptz,
    ADD COLUMN created_by text NOT NULL DEFAULT '',
    ADD COLUMN released_by text;
COMMENT ON COLUMN cygni.legal_holds.expires_at IS 'When the hold ends by itself; NULL: it must be released.';
COMMENT ON COLUMN cygni.legal_holds.created_by IS 'Who set it, as in user:anna; empty: entered by hand.';
COMMENT ON COLUMN cygni.legal_holds.released_by IS 'Who lifted it: never who set it.';
-- Through the functions below only. Setting a hold by a plain INSERT stays allowed: a doubt keeps data.
REVOKE UPDATE ON cygni.legal_holds FROM cygni_jobs;

-- Holds in force over data of a time, of any of some sources. A source is a table (log_lines) or a day (log_lines_p20261122).
CREATE FUNCTION cygni.holds_over(sources text[], first timestamptz, after timestamptz) RETURNS SETOF cygni.legal_holds
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT h.* FROM cygni.legal_holds AS h
    WHERE h.released_at IS NULL AND (h.expires_at IS NULL OR h.expires_at > now())
        AND (h.source IS NULL OR h.source = ANY (sources))
        AND tstzrange(h.starts_at, h.ends_at) && tstzrange(first, after)
$$;
COMMENT ON FUNCTION cygni.holds_over(text[], timestamptz, timestamptz) IS
    'The holds in force over data from first to before after; NULL is without end.';

-- Whoever destroys calls this first in the same transaction: holds that are being set are waited for, and none is set until
-- the transaction ends. Setting one waits for the batch in hand, no longer.
CREATE FUNCTION cygni.freeze_holds() RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    LOCK TABLE cygni.legal_holds IN SHARE MODE;
END $$;
COMMENT ON FUNCTION cygni.freeze_holds() IS 'Keeps holds as they are until the transaction ends.';

CREATE FUNCTION cygni.place_hold(
    actor text, reason text, tenant uuid DEFAULT NULL, source text DEFAULT NULL, starts_at timestamptz DEFAULT NULL,
    ends_at timestamptz DEFAULT NULL, expires_at timestamptz DEFAULT NULL
) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    hold uuid;
BEGIN
    IF coalesce(btrim(actor), '') = '' THEN
        RAISE EXCEPTION 'a hold names who sets it' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    INSERT INTO cygni.legal_holds (tenant_id, source, starts_at, ends_at, reason, expires_at, created_by)
    VALUES (tenant, source, starts_at, ends_at, reason, expires_at, actor) RETURNING id INTO hold;
    -- In the platform's chain, as its tenant may not be meant to know.
    PERFORM cygni.audit_append(NULL, actor, 'hold.placed', hold::text, jsonb_build_object(
        'tenant', tenant, 'source', source, 'starts_at', starts_at, 'ends_at', ends_at, 'reason', reason, 'expires_at', expires_at));
    RETURN hold;
END $$;
COMMENT ON FUNCTION cygni.place_hold(text, text, uuid, text, timestamptz, timestamptz, timestamptz) IS 'Sets a hold.';

CREATE FUNCTION cygni.release_hold(hold uuid, actor text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found record;
BEGIN
    SELECT * INTO found FROM cygni.legal_holds WHERE id = hold FOR UPDATE;
    IF found.id IS NULL THEN
        RAISE EXCEPTION 'there is no hold %', hold USING ERRCODE = 'no_data_found';
    ELSIF found.released_at IS NOT NULL THEN
        RAISE EXCEPTION 'hold % was released at %', hold, found.released_at USING ERRCODE = 'object_not_in_prerequisite_state';
    -- The same person on another host is the same person.
    ELSIF coalesce(btrim(actor), '') = '' OR split_part(actor, '@', 1) = split_part(found.created_by, '@', 1) THEN
        RAISE EXCEPTION 'hold % was set by %, and takes somebody else to release', hold, quote_literal(found.created_by)
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE cygni.legal_holds SET released_at = now(), released_by = actor WHERE id = hold;
    PERFORM cygni.audit_append(NULL, actor, 'hold.released', hold::text,
        jsonb_build_object('tenant', found.tenant_id, 'source', found.source, 'placed_by', found.created_by));
END $$;
COMMENT ON FUNCTION cygni.release_hold(uuid, text) IS 'Lifts a hold; who set it cannot.';

REVOKE ALL ON FUNCTION cygni.holds_over(text[], timestamptz, timestamptz), cygni.freeze_holds(),
    cygni.place_hold(text, text, uuid, text, timestamptz, timestamptz, timestamptz), cygni.release_hold(uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cygni.holds_over(text[], timestamptz, timestamptz), cygni.freeze_holds(),
    cygni.place_hold(text, text, uuid, text, timestamptz, timestamptz, timestamptz), cygni.release_hold(uuid, text) TO cygni_jobs;

-- migrate:down
DROP FUNCTION cygni.release_hold(uuid, text);
DROP FUNCTION cygni.place_hold(text, text, uuid, text, timestamptz, timestamptz, timestamptz);
DROP FUNCTION cygni.freeze_holds();
DROP FUNCTION cygni.holds_over(text[], timestamptz, timestamptz);
GRANT UPDATE ON cygni.legal_holds TO cygni_jobs;
ALTER TABLE cygni.legal_holds DROP COLUMN expires_at, DROP COLUMN created_by, DROP COLUMN released_by;
