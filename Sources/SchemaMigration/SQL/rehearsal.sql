-- What a statement did to the tables of the clone, and what those tables are in the database the plan is for.

-- name: relations
-- Tables and materialized views outside the catalogs, with what tells whether their rows were read or written anew.
SELECT class.oid::bigint AS oid, class.relfilenode::bigint AS file,
    coalesce(stat.seq_scan, 0) AS scans
FROM pg_class AS class
LEFT JOIN pg_stat_xact_all_tables AS stat ON stat.relid = class.oid
WHERE class.relkind IN ('r', 'm', 'p') AND class.oid >= 16384

-- name: locks
SELECT locks.relation::bigint AS oid, format('%I.%I', room.nspname, class.relname) AS relation, locks.mode
FROM pg_locks AS locks
JOIN pg_class AS class ON class.oid = locks.relation
JOIN pg_namespace AS room ON room.oid = class.relnamespace
WHERE locks.pid = pg_backend_pid() AND locks.locktype = 'relation' AND locks.granted
    AND class.relkind IN ('r', 'm', 'p', 'v', 'f') AND class.oid >= 16384

-- name: shared
-- Writes to the catalogs that all databases of the server share keep their locks to the end of the transaction.
SELECT FROM pg_locks
WHERE pid = pg_backend_pid() AND locktype = 'relation' AND database = 0
    AND mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
    AND relation IN (
        'pg_authid'::regclass, 'pg_auth_members'::regclass, 'pg_database'::regclass, 'pg_tablespace'::regclass,
        'pg_db_role_setting'::regclass
    )

-- name: live_table
SELECT greatest(class.reltuples, 0)::bigint AS rows, pg_relation_size(class.oid) AS heap_bytes,
    pg_total_relation_size(class.oid) AS total_bytes
FROM pg_class AS class
WHERE class.oid = to_regclass($1)

-- name: users
SELECT locks.pid, coalesce(activity.application_name, '') AS application, coalesce(activity.usename::text, '') AS login,
    coalesce(activity.state, '') AS state, activity.xact_start AS since, NULL::text AS relation, locks.mode
FROM pg_locks AS locks
LEFT JOIN pg_stat_activity AS activity USING (pid)
WHERE locks.relation = to_regclass($1) AND locks.granted AND locks.pid <> pg_backend_pid()
    AND locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
ORDER BY activity.xact_start NULLS LAST
LIMIT 20
