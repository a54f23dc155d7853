-- Databases and schemas that were made for previews, on whatever server the settings name.

-- name: database
SELECT shobj_description(d.oid, 'pg_database') AS comment, pg_database_size(d.oid) AS bytes,
    format('DROP DATABASE %I WITH (FORCE)', d.datname) AS drop
FROM pg_database AS d WHERE d.datname::text = $1;

-- name: schema
SELECT obj_description(n.oid, 'pg_namespace') AS comment,
    (SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class AS c
     WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'm')) AS bytes,
    format('DROP SCHEMA %I CASCADE', n.nspname) AS drop
FROM pg_namespace AS n WHERE n.nspname::text = $1;

-- name: outside
-- What there is in all other schemas; tables' own storage is in pg_toast.
SELECT (SELECT count(*) FROM pg_class WHERE relnamespace NOT IN (s.oid, 'pg_toast'::regnamespace))
    + (SELECT count(*) FROM pg_proc WHERE pronamespace <> s.oid)
    + (SELECT count(*) FROM pg_type WHERE typnamespace NOT IN (s.oid, 'pg_toast'::regnamespace))
    + (SELECT count(*) FROM pg_constraint WHERE connamespace <> s.oid)
    + (SELECT count(*) FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid WHERE c.relnamespace <> s.oid)
    + (SELECT count(*) FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
       WHERE c.relnamespace NOT IN (s.oid, 'pg_toast'::regnamespace) AND NOT a.attisdropped)
    + (SELECT count(*) FROM pg_attrdef AS d JOIN pg_class AS c ON c.oid = d.adrelid WHERE c.relnamespace <> s.oid) AS count
FROM (SELECT coalesce((SELECT oid FROM pg_namespace WHERE nspname::text = $1), 0::oid) AS oid) AS s;
