-- name: schema
-- Read from the catalogs: to_regclass would fail where the role may not enter a schema.
SELECT
    current_database()::text AS database,
    EXISTS (
        SELECT FROM pg_class AS relation JOIN pg_namespace AS room ON room.oid = relation.relnamespace
        WHERE room.nspname = 'cygni' AND relation.relname = 'job_runs'
    ) AS is_there
