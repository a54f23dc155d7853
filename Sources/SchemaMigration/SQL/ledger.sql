-- What was applied stands in a schema of its own, so that a dump, a search path or a DROP SCHEMA of the people's objects
-- does not carry it along. One ledger serves several sets of migrations in one database.

-- name: facts
SELECT
    pg_backend_pid() AS backend,
    to_regclass('cygni_migrate.applied') IS NOT NULL AS has_ledger,
    current_user::text AS login,
    current_database()::text AS database

-- name: platform
-- Whether the platform's roles and schemas stand.
SELECT
    (SELECT count(*) FROM pg_roles WHERE rolname IN ('cygni_owner', 'cygni_jobs', 'cygni_app')) = 3
    AND (
        SELECT count(*)
        FROM pg_namespace AS room
        JOIN pg_roles AS owner ON owner.oid = room.nspowner
        WHERE room.nspname IN ('cygni', 'cygni_private', 'cygni_rollup') AND owner.rolname = 'cygni_owner'
    ) = 3 AS has_platform

-- name: create
CREATE TABLE IF NOT EXISTS cygni_migrate.applied (
    migration_set text NOT NULL,
    version text NOT NULL CHECK (version ~ '^[0-9]+$'),
    name text NOT NULL,
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    transactional boolean NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    applied_by text NOT NULL DEFAULT session_user,
    duration_ms bigint NOT NULL CHECK (duration_ms >= 0),
    tool_version text NOT NULL,
    PRIMARY KEY (migration_set, version)
);
-- How far a file without a transaction has come; empty unless one is under way or failed.
CREATE TABLE IF NOT EXISTS cygni_migrate.steps (
    migration_set text NOT NULL,
    version text NOT NULL,
    direction text NOT NULL CHECK (direction IN ('up', 'down')),
    step integer NOT NULL CHECK (step > 0),
    sha256 text NOT NULL,
    summary text NOT NULL,
    done boolean NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (migration_set, version, direction, step)
);
-- Jobs refuse a database that is older than they need. Where other people's migrations run there is no such role.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'cygni_jobs') THEN
        GRANT USAGE ON SCHEMA cygni_migrate TO cygni_jobs;
        GRANT SELECT ON cygni_migrate.applied TO cygni_jobs;
    END IF;
END
$$;
COMMENT ON SCHEMA cygni_migrate IS 'Books of cygni-migrate: which migrations this database has.';

-- name: applied
SELECT version, name, sha256, transactional, applied_at, applied_by, duration_ms, tool_version
FROM cygni_migrate.applied
WHERE migration_set = $1

-- name: record
INSERT INTO cygni_migrate.applied (migration_set, version, name, sha256, transactional, duration_ms, tool_version)
VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: remove
DELETE FROM cygni_migrate.applied WHERE migration_set = $1 AND version = $2

-- name: steps
SELECT step, sha256, summary, done
FROM cygni_migrate.steps
WHERE migration_set = $1 AND version = $2 AND direction = $3
ORDER BY step

-- name: begun
-- Files without a transaction that were begun and have not ended.
SELECT version, direction, count(*) FILTER (WHERE done) AS done
FROM cygni_migrate.steps
WHERE migration_set = $1
GROUP BY version, direction

-- name: note_step
INSERT INTO cygni_migrate.steps (migration_set, version, direction, step, sha256, summary, done)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (migration_set, version, direction, step)
DO UPDATE SET sha256 = excluded.sha256, summary = excluded.summary, done = excluded.done, at = clock_timestamp()

-- name: forget_step
DELETE FROM cygni_migrate.steps WHERE migration_set = $1 AND version = $2 AND direction = $3 AND step = $4

-- name: accept
UPDATE cygni_migrate.applied SET sha256 = $3, name = $4 WHERE migration_set = $1 AND version = $2

-- name: forget_steps
DELETE FROM cygni_migrate.steps WHERE migration_set = $1 AND version = $2

-- name: try_lock
-- 0x6379676e692d6d67 is 'cygni-mg' in ASCII: one lock for all sets of a database, since they may touch one another.
SELECT pg_try_advisory_lock(x'6379676e692d6d67'::bigint) AS is_ours

-- name: holder
SELECT holder.pid, coalesce(activity.application_name, '') AS application, coalesce(activity.usename::text, '') AS login
FROM pg_locks AS holder
LEFT JOIN pg_stat_activity AS activity USING (pid)
WHERE holder.locktype = 'advisory' AND holder.granted
    AND holder.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND holder.classid = x'6379676e'::bigint::oid AND holder.objid = x'692d6d67'::bigint::oid AND holder.objsubid = 1

-- name: lock_timeout
-- Whether lock_timeout is the connection's own, untouched by the file.
SELECT source = 'client' AS is_ours FROM pg_settings WHERE name = 'lock_timeout'

-- name: find_index
-- parse_ident folds the name as the server would and takes its quotes off.
SELECT index.indexrelid::regclass::text AS index, index.indisvalid AND index.indisready AS is_valid
FROM pg_index AS index
JOIN pg_class AS class ON class.oid = index.indexrelid
WHERE index.indrelid = to_regclass($2) AND class.relname = (parse_ident($1))[1]
