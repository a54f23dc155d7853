-- name: by_name
-- A tenant by its slug or its id.
SELECT id FROM cygni.tenants WHERE slug = $1 OR id::text = $1
