-- Roles, schemas and default privileges: what must stand before the first migration.
--
-- Safe to run again, and by several at once. Three kinds of login can run it:
--   * a superuser;
--   * a login with CREATEROLE, and CREATE on this database while the schemas are missing;
--   * any login that is cygni_owner or a member of it, once roles and schemas stand: it then only puts grants right.
-- Anyone else gets an error whose hint holds the commands for a superuser.
--
-- One DO block, so that it is one statement and one transaction through every client. Roles belong to the whole
-- cluster while an advisory lock belongs to one database: runs in one database queue behind the lock, and runs in
-- two databases of a cluster are told apart by "somebody else was quicker" errors, which count as done.
DO $bootstrap$
DECLARE
    wanted constant text[] := ARRAY['cygni_owner', 'cygni_jobs', 'cygni_app'];
    rooms constant text[] := ARRAY['cygni', 'cygni_private', 'cygni_rollup', 'cygni_quarantine'];
    may_create_roles constant boolean := (SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user);
    role_name text;
    room text;
    missing text[] := '{}';
    faults text;
BEGIN
    -- 0x6379676e69 is 'cygni' in ASCII.
    PERFORM pg_advisory_xact_lock(x'6379676e69'::bigint);

    IF current_user IN ('cygni_jobs', 'cygni_app') THEN
        RAISE EXCEPTION 'role % does not prepare the database', current_user
            USING ERRCODE = 'insufficient_privilege', HINT = 'Connect as cygni_owner or as an administrator.';
    END IF;

    -- A role that stands already may be somebody's mistake. Taking its powers away silently would hide that, and
    -- leaving them would void row-level security, so the run ends here.
    SELECT string_agg(
        format('ALTER ROLE %I NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION;', rolname), E'\n')
    INTO faults
    FROM pg_roles
    WHERE rolname = ANY (wanted) AND (rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole OR rolreplication);
    IF faults IS NOT NULL THEN
        RAISE EXCEPTION 'a cygni role has powers that step around row-level security'
            USING ERRCODE = 'insufficient_privilege', HINT = E'A superuser takes them away with:\n' || faults;
    END IF;
    SELECT string_agg(format('REVOKE %I FROM %I;', granted.rolname, member.rolname), E'\n')
    INTO faults
    FROM pg_auth_members AS link
    JOIN pg_roles AS granted ON granted.oid = link.roleid
    JOIN pg_roles AS member ON member.oid = link.member
    WHERE member.rolname IN ('cygni_app', 'cygni_jobs');
    IF faults IS NOT NULL THEN
        RAISE EXCEPTION 'cygni_app and cygni_jobs must not be members of another role'
            USING ERRCODE = 'insufficient_privilege', HINT = E'A superuser ends it with:\n' || faults;
    END IF;

    -- What is missing, as the commands that would make it.
    SELECT array_agg(
        format('CREATE ROLE %I LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;', name) ORDER BY place)
    INTO missing
    FROM unnest(wanted) WITH ORDINALITY AS list(name, place)
    WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name);
    missing := coalesce(missing, '{}');
    FOREACH role_name IN ARRAY ARRAY['cygni_jobs', 'cygni_app'] LOOP
        IF NOT EXISTS (
            SELECT FROM pg_auth_members
            WHERE roleid = (SELECT oid FROM pg_roles WHERE rolname = role_name)
                AND member = (SELECT oid FROM pg_roles WHERE rolname = 'cygni_owner')
        ) THEN
            missing := missing || format('GRANT %I TO cygni_owner;', role_name);
        END IF;
    END LOOP;
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
        AND NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'cygni_owner' AND pg_has_role(current_user, oid, 'MEMBER'))
    THEN
        missing := missing || format('GRANT cygni_owner TO %I;', current_user);
    END IF;

    IF cardinality(missing) > 0 AND NOT may_create_roles THEN
        RAISE EXCEPTION 'login % may not create the roles that cygni needs', quote_ident(current_user)
            USING ERRCODE = 'insufficient_privilege',
                HINT = E'A superuser runs once, in this database:\n' || array_to_string(missing, E'\n')
                    || E'\n' || format('GRANT CREATE ON DATABASE %I TO cygni_owner;', current_database());
    END IF;
    FOR place IN 1..cardinality(missing) LOOP
        BEGIN
            EXECUTE missing[place];
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;  -- made meanwhile from another database of this cluster
        END;
    END LOOP;

    -- Schemas. IF NOT EXISTS would ask for CREATE on the database even where nothing is to be made.
    FOREACH room IN ARRAY rooms LOOP
        IF to_regnamespace(room) IS NULL THEN
            IF NOT has_database_privilege(current_user, current_database(), 'CREATE') THEN
                RAISE EXCEPTION 'login % may not create schema % in database %',
                    quote_ident(current_user), room, quote_ident(current_database())
                    USING ERRCODE = 'insufficient_privilege',
                        HINT = format('A superuser runs once: GRANT CREATE ON DATABASE %I TO %I;',
                            current_database(), current_user);
            END IF;
            EXECUTE format('CREATE SCHEMA %I AUTHORIZATION cygni_owner', room);
        ELSIF (SELECT nspowner FROM pg_namespace WHERE nspname = room) <> 'cygni_owner'::regrole THEN
            RAISE EXCEPTION 'schema % belongs to another role than cygni_owner', room
                USING ERRCODE = 'insufficient_privilege',
                    HINT = format('A superuser runs once: ALTER SCHEMA %I OWNER TO cygni_owner;', room);
        END IF;
    END LOOP;

    FOREACH role_name IN ARRAY wanted LOOP
        IF NOT has_database_privilege(role_name, current_database(), 'CONNECT') THEN
            EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), role_name);
        END IF;
    END LOOP;

    REVOKE ALL ON SCHEMA cygni, cygni_private, cygni_rollup, cygni_quarantine FROM PUBLIC;
    -- cygni_app enters schema cygni alone. It may be granted SELECT on what lies in the others, which it then
    -- reaches through a view of schema cygni and in no other way.
    GRANT USAGE ON SCHEMA cygni TO cygni_jobs, cygni_app;
    GRANT USAGE ON SCHEMA cygni_private, cygni_quarantine TO cygni_jobs;
    -- The roll-up makes and drops its materialized views by itself; only their owner may refresh them.
    GRANT USAGE, CREATE ON SCHEMA cygni_rollup TO cygni_jobs;

    -- PUBLIC may execute each new function by PostgreSQL's own default. A default privilege bound to a schema can only
    -- add to that, so it is taken away for all that these two roles make in this database.
    ALTER DEFAULT PRIVILEGES FOR ROLE cygni_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
    ALTER DEFAULT PRIVILEGES FOR ROLE cygni_jobs REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
    ALTER DEFAULT PRIVILEGES FOR ROLE cygni_jobs IN SCHEMA cygni_rollup
        GRANT SELECT ON TABLES TO cygni_app, cygni_owner;
END
$bootstrap$;
