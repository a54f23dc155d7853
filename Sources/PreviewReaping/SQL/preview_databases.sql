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

-- name: patience
SET LOCAL lock_timeout = '30s';

-- name: tables
-- Who wants to hang something on one of them waits until we have looked, and dropped them.
SELECT 'LOCK TABLE ' || string_agg(format('%I.%I', n.nspname, c.relname), ', ') || ' IN ACCESS EXCLUSIVE MODE' AS lock
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname::text = $1 AND c.relkind IN ('r', 'p', 'v');

-- name: outside
-- What CASCADE would take that is not the schema's own: all that depends on what is in it, at any remove, and stands elsewhere
-- (PostgreSQL manual, 53.18 pg_depend). What has no schema of its own (a policy, a rule, a trigger) stands where that stands of which it
-- is a part; a cast is of the types that it is between.
WITH RECURSIVE doomed AS (
    SELECT 'pg_namespace'::regclass::oid AS classid, oid AS objid, 0 AS objsubid FROM pg_namespace WHERE nspname::text = $1
    UNION
    SELECT d.classid, d.objid, d.objsubid FROM doomed AS x
    JOIN pg_depend AS d ON d.refclassid = x.classid AND d.refobjid = x.objid AND (x.objsubid = 0 OR d.refobjsubid = x.objsubid)
), named AS (
    SELECT x.classid, x.objid, i.type, i.schema, i.identity
    FROM (SELECT DISTINCT classid, objid FROM doomed) AS x, pg_identify_object(x.classid, x.objid, 0) AS i
), own AS (
    SELECT classid, objid FROM named WHERE schema = quote_ident($1) OR classid = 'pg_namespace'::regclass
    UNION
    SELECT n.classid, n.objid FROM own
    JOIN pg_depend AS d ON d.refclassid = own.classid AND d.refobjid = own.objid
    JOIN named AS n ON n.classid = d.classid AND n.objid = d.objid
    WHERE (n.schema IS NULL OR n.schema = 'pg_toast') AND (d.deptype IN ('a', 'i', 'e') OR d.refclassid = 'pg_namespace'::regclass
            OR (d.classid = 'pg_cast'::regclass AND d.refclassid = 'pg_type'::regclass))
        OR d.deptype = 'i'
)
SELECT type || ' ' || identity AS words FROM named
WHERE NOT EXISTS (SELECT FROM own WHERE own.classid = named.classid AND own.objid = named.objid)
ORDER BY type = 'default value', words LIMIT 1;
