-- What verification knows of a domain, and the evidence of each look at it.

-- migrate:up
CREATE FUNCTION cygni.domain_token() RETURNS text
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT string_agg(
        substr('abcdefghijklmnopqrstuvwxyz234567', substring(random.bits FROM place * 5 + 1 FOR 5)::bit(5)::int + 1, 1), ''
        ORDER BY place
    )
    FROM (
        SELECT ('x' || encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'hex'))::bit(256) AS bits
    ) AS random
    CROSS JOIN generate_series(0, 31) AS place
$$;
COMMENT ON FUNCTION cygni.domain_token() IS '160 random bits in base32, lower case: what a claimant puts into DNS.';
REVOKE ALL ON FUNCTION cygni.domain_token() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cygni.domain_token() TO cygni_app, cygni_jobs;

-- lint:ignore add-check-without-not-valid: a row a domain, and every new column the same in each: read in milliseconds
ALTER TABLE cygni.domains
    ALTER COLUMN verification_token SET DEFAULT cygni.domain_token(),
    ADD COLUMN scope text NOT NULL DEFAULT 'host' CONSTRAINT domains_scope CHECK (scope IN ('host', 'domain')),
    ADD COLUMN reason text CONSTRAINT domains_reason CHECK (reason ~ '^[a-z][a-z_]{0,62}$'),
    ADD COLUMN state_since timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN token_made_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN misses integer NOT NULL DEFAULT 0 CONSTRAINT domains_misses CHECK (misses >= 0),
    ADD COLUMN zone text,
    ADD COLUMN provider text,
    ADD COLUMN last_checked_at timestamptz,
    ADD COLUMN surveyed_at timestamptz,
    ADD COLUMN claimed_by uuid;
-- Claiming a row then finds room on its page, and no index is written to.
ALTER TABLE cygni.domains SET (fillfactor = 70);
COMMENT ON COLUMN cygni.domains.verification_token IS
    'What the claimant puts into DNS to prove the claim; 160 random bits by default.';
COMMENT ON COLUMN cygni.domains.scope IS
    'What a proof is for: host, this name; domain, all names below it too. A name that begins with *. is its wildcard.';
COMMENT ON COLUMN cygni.domains.reason IS 'Why it stands as it does, as a code; NULL: never looked at.';
COMMENT ON COLUMN cygni.domains.state_since IS 'When it came into its state.';
COMMENT ON COLUMN cygni.domains.token_made_at IS 'When the token was made that counts now.';
COMMENT ON COLUMN cygni.domains.misses IS 'Looks in a row that found something gone.';
COMMENT ON COLUMN cygni.domains.zone IS 'Who served the zone when the proof was given: apex, SOA, DS and NS in one text.';
COMMENT ON COLUMN cygni.domains.provider IS 'Whose name servers serve it, by their registered names.';
COMMENT ON COLUMN cygni.domains.last_checked_at IS 'When it was last looked at, whatever was found.';
COMMENT ON COLUMN cygni.domains.surveyed_at IS 'When each of its name servers was last asked by itself.';
COMMENT ON COLUMN cygni.domains.claimed_by IS 'The run that looks at it; void once that run is not running.';

CREATE FUNCTION cygni_private.domain_guard() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT pg_has_role(current_user, 'cygni_jobs', 'USAGE') THEN
        IF TG_OP = 'INSERT' THEN
            IF NEW.state <> 'pending' OR NEW.verified_at IS NOT NULL OR NEW.reason IS NOT NULL THEN
                RAISE EXCEPTION 'a domain begins as pending, not as %', NEW.state
                    USING ERRCODE = 'insufficient_privilege', HINT = 'Only cygni-dns-verify says what was proven.';
            END IF;
            -- A token that somebody chose may be another's, or be guessed.
            NEW.verification_token := cygni.domain_token();
            NEW.token_made_at := clock_timestamp();
            NEW.state_since := clock_timestamp();
            RETURN NEW;
        END IF;
        IF (NEW.state IS DISTINCT FROM OLD.state AND NEW.state <> 'removed')
            OR (NEW.name, NEW.tenant_id, NEW.scope, NEW.verified_at, NEW.reason, NEW.state_since, NEW.token_made_at, NEW.zone)
                IS DISTINCT FROM
                (OLD.name, OLD.tenant_id, OLD.scope, OLD.verified_at, OLD.reason, OLD.state_since, OLD.token_made_at, OLD.zone)
        THEN
            RAISE EXCEPTION 'a tenant may remove a domain, ask for a look or another token, and move it to another project'
                USING ERRCODE = 'insufficient_privilege', HINT = 'Only cygni-dns-verify says what was proven.';
        END IF;
        IF NEW.verification_token IS DISTINCT FROM OLD.verification_token THEN
            NEW.verification_token := cygni.domain_token();
        END IF;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF NEW.verification_token IS DISTINCT FROM OLD.verification_token AND NEW.token_made_at = OLD.token_made_at THEN
            NEW.token_made_at := clock_timestamp();
        END IF;
        IF NEW.state IS DISTINCT FROM OLD.state AND NEW.state_since = OLD.state_since THEN
            NEW.state_since := clock_timestamp();
            NEW.misses := 0;
        END IF;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION cygni_private.domain_guard() IS
    'Keeps a tenant from saying what was proven, and notes when a state or a token changed.';
CREATE TRIGGER domain_guard BEFORE INSERT ON cygni.domains
    FOR EACH ROW EXECUTE FUNCTION cygni_private.domain_guard();
-- A look that changes nothing is not held up.
CREATE TRIGGER domain_change_guard BEFORE UPDATE ON cygni.domains
    FOR EACH ROW WHEN (
        NEW.state IS DISTINCT FROM OLD.state OR NEW.verification_token IS DISTINCT FROM OLD.verification_token
        OR NOT pg_has_role(current_user, 'cygni_jobs', 'USAGE')
    )
    EXECUTE FUNCTION cygni_private.domain_guard();

CREATE TABLE cygni.domain_checks (
    id bigint GENERATED BY DEFAULT AS IDENTITY,
    tenant_id uuid NOT NULL,
    domain_id uuid NOT NULL,
    name text NOT NULL,
    at timestamptz NOT NULL,
    run_id uuid,
    state text NOT NULL,
    reason text NOT NULL,
    found jsonb NOT NULL DEFAULT '{}' CONSTRAINT domain_checks_found CHECK (jsonb_typeof(found) = 'object'),
    fix text,
    next_check_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX domain_checks_domain ON cygni.domain_checks (tenant_id, domain_id, at);
CREATE INDEX domain_checks_at ON cygni.domain_checks (at);
COMMENT ON TABLE cygni.domain_checks IS 'The evidence of every look at a domain; its age is retention''s.';
COMMENT ON COLUMN cygni.domain_checks.id IS 'In the order they were written.';
COMMENT ON COLUMN cygni.domain_checks.tenant_id IS 'Whose claim it was.';
COMMENT ON COLUMN cygni.domain_checks.domain_id IS 'The claim; it may be gone.';
COMMENT ON COLUMN cygni.domain_checks.name IS 'Its name at that time.';
COMMENT ON COLUMN cygni.domain_checks.at IS 'When it was looked at.';
COMMENT ON COLUMN cygni.domain_checks.run_id IS 'The run that looked.';
COMMENT ON COLUMN cygni.domain_checks.state IS 'Its state after the look.';
COMMENT ON COLUMN cygni.domain_checks.reason IS 'Why, as a code.';
COMMENT ON COLUMN cygni.domain_checks.found IS 'What was asked and answered: verdicts, records, servers, concerns.';
COMMENT ON COLUMN cygni.domain_checks.fix IS 'The one thing to change, for a person; NULL: nothing.';
COMMENT ON COLUMN cygni.domain_checks.next_check_at IS 'When it was to be looked at again.';
ALTER TABLE cygni.domain_checks ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON cygni.domain_checks TO cygni_app
    USING (tenant_id = (SELECT cygni.current_tenant())) WITH CHECK (tenant_id = (SELECT cygni.current_tenant()));
CREATE POLICY platform_all ON cygni.domain_checks TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true);
GRANT SELECT ON cygni.domain_checks TO cygni_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON cygni.domain_checks TO cygni_jobs;

-- migrate:down
DROP TABLE cygni.domain_checks;
DROP TRIGGER domain_guard ON cygni.domains;
DROP TRIGGER domain_change_guard ON cygni.domains;
DROP FUNCTION cygni_private.domain_guard();
ALTER TABLE cygni.domains RESET (fillfactor);
ALTER TABLE cygni.domains
    ALTER COLUMN verification_token SET DEFAULT replace(gen_random_uuid()::text, '-', ''),
    DROP COLUMN scope, DROP COLUMN reason, DROP COLUMN state_since, DROP COLUMN token_made_at, DROP COLUMN misses,
    DROP COLUMN zone, DROP COLUMN provider, DROP COLUMN last_checked_at, DROP COLUMN surveyed_at, DROP COLUMN claimed_by;
COMMENT ON COLUMN cygni.domains.verification_token IS
    'What the claimant puts into DNS to prove the claim; 122 random bits by default.';
DROP FUNCTION cygni.domain_token();
