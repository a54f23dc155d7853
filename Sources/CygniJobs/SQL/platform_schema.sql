-- What a database has of the platform's schema.

-- name: schema
-- Read from the catalogs: to_regclass would fail where the role may not enter a schema.
SELECT
    (
        SELECT count(*) = 2
        FROM pg_class AS relation
        JOIN pg_namespace AS room ON room.oid = relation.relnamespace
        WHERE room.nspname = 'cygni' AND relation.relname IN ('job_runs', 'job_fences')
    ) AS has_ledger,
    coalesce(
        (
            SELECT has_schema_privilege(room.oid, 'USAGE') AND has_table_privilege(relation.oid, 'SELECT')
            FROM pg_class AS relation
            JOIN pg_namespace AS room ON room.oid = relation.relnamespace
            WHERE room.nspname = 'cygni_migrate' AND relation.relname = 'applied'
        ),
        false
    ) AS knows_version,
    current_database()::text AS database

-- name: version
SELECT coalesce(max(version::bigint), 0) AS version FROM cygni_migrate.applied WHERE migration_set = 'platform'
