-- What issuing and renewing certificates keeps: accounts and keys under seal, orders, quotas, and how a certificate stands.

-- migrate:up
ALTER TABLE cygni.certificates
    ADD COLUMN reason text,
    ADD COLUMN state_since timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN authority text,
    ADD COLUMN profile text,
    ADD COLUMN key_type text,
    ADD COLUMN key_id uuid,
    ADD COLUMN serial text,
    ADD COLUMN fingerprint text,
    ADD COLUMN issued_at timestamptz,
    ADD COLUMN ari_id text,
    ADD COLUMN window_start timestamptz,
    ADD COLUMN window_end timestamptz,
    ADD COLUMN window_explanation text,
    ADD COLUMN window_failures integer NOT NULL DEFAULT 0,
    ADD COLUMN window_next_at timestamptz,
    ADD COLUMN failures integer NOT NULL DEFAULT 0,
    ADD COLUMN failed_at timestamptz,
    ADD COLUMN problem jsonb,
    ADD COLUMN seen text,
    ADD COLUMN look_at timestamptz,
    ADD COLUMN order_id uuid,
    ADD COLUMN lease bigint NOT NULL DEFAULT 0,
    ADD COLUMN leased_by uuid,
    ADD COLUMN leased_until timestamptz,
    ADD COLUMN deployed_fingerprint text,
    ADD COLUMN deployed_at timestamptz,
    ADD COLUMN served integer,
    ADD COLUMN edges integer,
    ADD COLUMN probed_at timestamptz,
    ADD COLUMN probe_at timestamptz,
    ADD COLUMN deploy_failures integer NOT NULL DEFAULT 0,
    ADD COLUMN replace_reason text,
    ADD COLUMN replace_asked_at timestamptz,
    ADD COLUMN revoked_at timestamptz,
    ADD COLUMN revocation_reason integer;
ALTER TABLE cygni.certificates SET (fillfactor = 70);
-- What a run looks for: each index is read from its start.
-- lint:ignore create-index-blocking: a row a certificate; built in milliseconds
CREATE INDEX certificates_due ON cygni.certificates (next_attempt_at NULLS FIRST, id)
    WHERE state NOT IN ('retired', 'revoked');
-- lint:ignore create-index-blocking: the same
CREATE INDEX certificates_window ON cygni.certificates (window_next_at, id) WHERE window_next_at IS NOT NULL;
-- lint:ignore create-index-blocking: the same
CREATE INDEX certificates_probe ON cygni.certificates (probe_at, id) WHERE probe_at IS NOT NULL;
-- lint:ignore create-index-blocking: the same
CREATE INDEX certificates_look ON cygni.certificates (look_at, id) WHERE look_at IS NOT NULL;
-- lint:ignore create-index-blocking: the same
CREATE INDEX certificates_names ON cygni.certificates USING gin (domain_names);
COMMENT ON COLUMN cygni.certificates.state IS
    'pending, issued, deployed, served, unserved, quarantined (its names do not validate), retired (no longer wanted), revoked.';
COMMENT ON COLUMN cygni.certificates.next_attempt_at IS
    'When it is to be renewed, or the next order may be tried; NULL: to be decided by the next run.';
COMMENT ON COLUMN cygni.certificates.reason IS 'Why it stands as it does, as a code.';
COMMENT ON COLUMN cygni.certificates.state_since IS 'When it came into its state.';
COMMENT ON COLUMN cygni.certificates.authority IS 'The CA that issued it, by its name in the settings.';
COMMENT ON COLUMN cygni.certificates.profile IS 'The CA''s profile that is asked for; NULL: as the settings say.';
COMMENT ON COLUMN cygni.certificates.key_type IS 'p256, p384, rsa2048, rsa3072 or rsa4096; NULL: as the settings say.';
COMMENT ON COLUMN cygni.certificates.key_id IS 'Its key, of cygni.certificate_keys.';
COMMENT ON COLUMN cygni.certificates.serial IS 'In hexadecimal digits.';
COMMENT ON COLUMN cygni.certificates.fingerprint IS 'SHA-256 of the leaf, hexadecimal.';
COMMENT ON COLUMN cygni.certificates.issued_at IS 'When we got it.';
COMMENT ON COLUMN cygni.certificates.ari_id IS 'What the CA knows it by when asked when to renew (RFC 9773, 4.1).';
COMMENT ON COLUMN cygni.certificates.window_start IS 'The start of the window in which the CA would like it renewed.';
COMMENT ON COLUMN cygni.certificates.window_end IS 'The end of that window.';
COMMENT ON COLUMN cygni.certificates.window_explanation IS 'Where the CA explains the window.';
COMMENT ON COLUMN cygni.certificates.window_failures IS 'Questions in a row for the window that failed.';
COMMENT ON COLUMN cygni.certificates.window_next_at IS 'When the CA is asked again; NULL: never.';
COMMENT ON COLUMN cygni.certificates.failures IS 'Attempts in a row that failed.';
COMMENT ON COLUMN cygni.certificates.failed_at IS 'When the last one of them did.';
COMMENT ON COLUMN cygni.certificates.problem IS 'What the last failure was, the CA''s words among it; NULL: none.';
COMMENT ON COLUMN cygni.certificates.seen IS 'What DNS said of its names when they last failed, as a digest.';
COMMENT ON COLUMN cygni.certificates.look_at IS 'When DNS is looked at for a change, in quarantine.';
COMMENT ON COLUMN cygni.certificates.order_id IS 'The order in hand, of cygni.certificate_orders.';
COMMENT ON COLUMN cygni.certificates.lease IS 'Counts who worked on it: a fence for writes.';
COMMENT ON COLUMN cygni.certificates.leased_by IS 'The run that works on it.';
COMMENT ON COLUMN cygni.certificates.leased_until IS 'Until when others keep off.';
COMMENT ON COLUMN cygni.certificates.deployed_fingerprint IS 'Which leaf was last deployed.';
COMMENT ON COLUMN cygni.certificates.deployed_at IS 'When.';
COMMENT ON COLUMN cygni.certificates.served IS 'So many edge addresses showed this leaf in a TLS handshake.';
COMMENT ON COLUMN cygni.certificates.edges IS 'Of so many that were asked.';
COMMENT ON COLUMN cygni.certificates.probed_at IS 'When they were asked.';
COMMENT ON COLUMN cygni.certificates.probe_at IS 'When they are to be asked next; NULL: never by itself.';
COMMENT ON COLUMN cygni.certificates.deploy_failures IS 'Deployments in a row that failed or were not served.';
COMMENT ON COLUMN cygni.certificates.replace_reason IS 'Why an operator wants it replaced; NULL: not asked for.';
COMMENT ON COLUMN cygni.certificates.replace_asked_at IS 'When that was asked.';
COMMENT ON COLUMN cygni.certificates.revoked_at IS 'When it was revoked.';
COMMENT ON COLUMN cygni.certificates.revocation_reason IS 'Why, as a number of RFC 5280, 5.3.1.';

CREATE TABLE cygni.acme_accounts (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    authority text NOT NULL,
    directory text NOT NULL,
    url text,
    thumbprint text NOT NULL,
    sealed bytea NOT NULL,
    key_version text NOT NULL,
    next_sealed bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    rotated_at timestamptz,
    UNIQUE (directory)
);
COMMENT ON TABLE cygni.acme_accounts IS 'Our accounts with CAs; their keys are sealed.';
COMMENT ON COLUMN cygni.acme_accounts.id IS 'Random.';
COMMENT ON COLUMN cygni.acme_accounts.authority IS 'The CA''s name in the settings when it was made.';
COMMENT ON COLUMN cygni.acme_accounts.directory IS 'The URL of the CA''s directory.';
COMMENT ON COLUMN cygni.acme_accounts.url IS 'The account''s URL; NULL: not registered yet.';
COMMENT ON COLUMN cygni.acme_accounts.thumbprint IS 'Of the key (RFC 7638).';
COMMENT ON COLUMN cygni.acme_accounts.sealed IS 'The private key, sealed for this row.';
COMMENT ON COLUMN cygni.acme_accounts.key_version IS 'The key-encryption key that it is sealed with.';
COMMENT ON COLUMN cygni.acme_accounts.next_sealed IS 'The key that a change of keys is on its way to.';
COMMENT ON COLUMN cygni.acme_accounts.created_at IS 'When the row was made.';
COMMENT ON COLUMN cygni.acme_accounts.rotated_at IS 'When its key was last changed.';
ALTER TABLE cygni.acme_accounts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY platform_all ON cygni.acme_accounts TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON cygni.acme_accounts TO cygni_jobs;

CREATE TABLE cygni.certificate_keys (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    certificate_id uuid NOT NULL,
    key_type text NOT NULL,
    spki text NOT NULL,
    sealed bytea NOT NULL,
    key_version text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX certificate_keys_certificate ON cygni.certificate_keys (certificate_id, created_at);
CREATE INDEX certificate_keys_version ON cygni.certificate_keys (key_version);
CREATE INDEX certificate_keys_spki ON cygni.certificate_keys (spki);
COMMENT ON TABLE cygni.certificate_keys IS 'Private keys of certificates, sealed; a row before the order that uses it.';
COMMENT ON COLUMN cygni.certificate_keys.id IS 'Random.';
COMMENT ON COLUMN cygni.certificate_keys.certificate_id IS 'The certificate it is for.';
COMMENT ON COLUMN cygni.certificate_keys.key_type IS 'p256, p384, rsa2048, rsa3072 or rsa4096.';
COMMENT ON COLUMN cygni.certificate_keys.spki IS 'SHA-256 of the public half (SubjectPublicKeyInfo), hexadecimal.';
COMMENT ON COLUMN cygni.certificate_keys.sealed IS 'The private key, sealed for this row.';
COMMENT ON COLUMN cygni.certificate_keys.key_version IS 'The key-encryption key that it is sealed with.';
COMMENT ON COLUMN cygni.certificate_keys.created_at IS 'When it was made.';
ALTER TABLE cygni.certificate_keys ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY platform_all ON cygni.certificate_keys TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON cygni.certificate_keys TO cygni_jobs;

-- Its key is (tenant_id, id), as that of certificates: a primary key cannot hold a NULL.
-- lint:ignore table-without-primary-key: a unique constraint that treats NULLs as equal does the same
CREATE TABLE cygni.certificate_orders (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    tenant_id uuid,
    certificate_id uuid NOT NULL,
    authority text NOT NULL,
    directory text NOT NULL,
    url text,
    state text NOT NULL DEFAULT 'open' CONSTRAINT certificate_orders_state
        CHECK (state IN ('open', 'issued', 'failed', 'lost')),
    names text[] NOT NULL,
    key_id uuid NOT NULL,
    is_renewal boolean NOT NULL,
    replaces text,
    problem jsonb,
    run_id uuid NOT NULL,
    host text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    UNIQUE NULLS NOT DISTINCT (tenant_id, id)
);
CREATE INDEX certificate_orders_id ON cygni.certificate_orders (id);
CREATE INDEX certificate_orders_certificate ON cygni.certificate_orders (certificate_id, started_at);
CREATE INDEX certificate_orders_started ON cygni.certificate_orders (started_at);
COMMENT ON TABLE cygni.certificate_orders IS 'Every order that a CA was or may have been asked for.';
COMMENT ON COLUMN cygni.certificate_orders.id IS 'Random.';
COMMENT ON COLUMN cygni.certificate_orders.tenant_id IS 'Whose certificate it is for; NULL: the platform''s.';
COMMENT ON COLUMN cygni.certificate_orders.certificate_id IS 'The certificate.';
COMMENT ON COLUMN cygni.certificate_orders.authority IS 'The CA, by its name in the settings.';
COMMENT ON COLUMN cygni.certificate_orders.directory IS 'The URL of the CA''s directory.';
COMMENT ON COLUMN cygni.certificate_orders.url IS 'The order''s URL; NULL: the CA''s answer has not come, or was lost.';
COMMENT ON COLUMN cygni.certificate_orders.state IS 'open, issued, failed, or lost: whoever sent it died before the CA answered.';
COMMENT ON COLUMN cygni.certificate_orders.names IS 'What it was for.';
COMMENT ON COLUMN cygni.certificate_orders.key_id IS 'The key that it is to be for.';
COMMENT ON COLUMN cygni.certificate_orders.is_renewal IS 'The same names had a certificate before.';
COMMENT ON COLUMN cygni.certificate_orders.replaces IS 'The certificate that the CA was told it replaces (RFC 9773, 5).';
COMMENT ON COLUMN cygni.certificate_orders.problem IS 'Why it failed, the CA''s words among it.';
COMMENT ON COLUMN cygni.certificate_orders.run_id IS 'The run that began it.';
COMMENT ON COLUMN cygni.certificate_orders.host IS 'Where.';
COMMENT ON COLUMN cygni.certificate_orders.started_at IS 'When.';
COMMENT ON COLUMN cygni.certificate_orders.ended_at IS 'When it ended; NULL: in hand.';
ALTER TABLE cygni.certificate_orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON cygni.certificate_orders TO cygni_app
    USING (tenant_id = (SELECT cygni.current_tenant())) WITH CHECK (tenant_id = (SELECT cygni.current_tenant()));
CREATE POLICY platform_all ON cygni.certificate_orders TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true);
GRANT SELECT ON cygni.certificate_orders TO cygni_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON cygni.certificate_orders TO cygni_jobs;

CREATE TABLE cygni.acme_buckets (
    authority text NOT NULL,
    bucket text NOT NULL,
    level double precision NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (authority, bucket)
);
COMMENT ON TABLE cygni.acme_buckets IS 'How much of each limit of a CA is left: token buckets that all hosts share.';
COMMENT ON COLUMN cygni.acme_buckets.authority IS 'The CA, by its name in the settings.';
COMMENT ON COLUMN cygni.acme_buckets.bucket IS 'orders, registered:NAME, names:NAMES or failures:NAME.';
COMMENT ON COLUMN cygni.acme_buckets.level IS 'What was left then.';
COMMENT ON COLUMN cygni.acme_buckets.at IS 'When; it fills up with time.';
ALTER TABLE cygni.acme_buckets ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY platform_all ON cygni.acme_buckets TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON cygni.acme_buckets TO cygni_jobs;

CREATE TABLE cygni.acme_authorities (
    authority text PRIMARY KEY,
    failures integer NOT NULL DEFAULT 0,
    closed_until timestamptz,
    reason text,
    changed_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE cygni.acme_authorities IS 'Which CAs are not asked for now, and why.';
COMMENT ON COLUMN cygni.acme_authorities.authority IS 'The CA, by its name in the settings.';
COMMENT ON COLUMN cygni.acme_authorities.failures IS 'Calls in a row that the CA itself failed.';
COMMENT ON COLUMN cygni.acme_authorities.closed_until IS 'Until when it is not asked; NULL: it is asked.';
COMMENT ON COLUMN cygni.acme_authorities.reason IS 'Why.';
COMMENT ON COLUMN cygni.acme_authorities.changed_at IS 'Since when.';
ALTER TABLE cygni.acme_authorities ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY platform_all ON cygni.acme_authorities TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON cygni.acme_authorities TO cygni_jobs;

CREATE TABLE cygni.acme_challenges (
    token text PRIMARY KEY CONSTRAINT acme_challenges_token CHECK (token ~ '^[A-Za-z0-9_-]+$' AND length(token) BETWEEN 16 AND 256),
    name text NOT NULL,
    key_authorization text NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX acme_challenges_expires ON cygni.acme_challenges (expires_at);
COMMENT ON TABLE cygni.acme_challenges IS
    'What a CA is answered at /.well-known/acme-challenge/TOKEN; public while a name is validated (RFC 8555, 8.3).';
COMMENT ON COLUMN cygni.acme_challenges.token IS 'The last part of the path.';
COMMENT ON COLUMN cygni.acme_challenges.name IS 'The name that is validated.';
COMMENT ON COLUMN cygni.acme_challenges.key_authorization IS 'The answer.';
COMMENT ON COLUMN cygni.acme_challenges.expires_at IS 'When it is of no use any more.';
ALTER TABLE cygni.acme_challenges ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY platform_all ON cygni.acme_challenges TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON cygni.acme_challenges TO cygni_jobs;
CREATE FUNCTION cygni.acme_challenge(wanted text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$ SELECT key_authorization FROM cygni.acme_challenges WHERE token = wanted AND expires_at > now() $$;
COMMENT ON FUNCTION cygni.acme_challenge(text) IS
    'The answer to a CA that asks for a token; NULL: there is none. Whoever asks is no tenant.';
REVOKE ALL ON FUNCTION cygni.acme_challenge(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cygni.acme_challenge(text) TO cygni_app, cygni_jobs;

-- migrate:down
DROP FUNCTION cygni.acme_challenge(text);
DROP TABLE cygni.acme_challenges;
DROP TABLE cygni.acme_authorities;
DROP TABLE cygni.acme_buckets;
DROP TABLE cygni.certificate_orders;
DROP TABLE cygni.certificate_keys;
DROP TABLE cygni.acme_accounts;
-- lint:ignore drop-index-blocking: as on the way up
DROP INDEX cygni.certificates_due, cygni.certificates_window, cygni.certificates_probe, cygni.certificates_look,
    cygni.certificates_names;
ALTER TABLE cygni.certificates RESET (fillfactor);
ALTER TABLE cygni.certificates
    DROP COLUMN reason, DROP COLUMN state_since, DROP COLUMN authority, DROP COLUMN profile, DROP COLUMN key_type,
    DROP COLUMN key_id, DROP COLUMN serial, DROP COLUMN fingerprint, DROP COLUMN issued_at, DROP COLUMN ari_id,
    DROP COLUMN window_start, DROP COLUMN window_end, DROP COLUMN window_explanation, DROP COLUMN window_failures,
    DROP COLUMN window_next_at, DROP COLUMN failures, DROP COLUMN failed_at, DROP COLUMN problem, DROP COLUMN seen,
    DROP COLUMN look_at, DROP COLUMN order_id, DROP COLUMN lease, DROP COLUMN leased_by, DROP COLUMN leased_until,
    DROP COLUMN deployed_fingerprint, DROP COLUMN deployed_at, DROP COLUMN served, DROP COLUMN edges,
    DROP COLUMN probed_at, DROP COLUMN probe_at, DROP COLUMN deploy_failures, DROP COLUMN replace_reason,
    DROP COLUMN replace_asked_at, DROP COLUMN revoked_at, DROP COLUMN revocation_reason;
COMMENT ON COLUMN cygni.certificates.state IS 'Where issuing or renewing stands.';
COMMENT ON COLUMN cygni.certificates.next_attempt_at IS 'When the next order may be tried; NULL: the settings decide.';
