-- What a section outside a transaction asks between its statements.

-- name: lock_timeout_is_ours
-- Ours came with the connection; one that a SET of the file chose stays.
SELECT source = 'client' AS is_ours FROM pg_settings WHERE name = 'lock_timeout'

-- name: find_index
-- parse_ident folds the name as the server would and takes its quotes off.
SELECT index.indexrelid::regclass::text AS index, index.indisvalid AND index.indisready AS is_valid
FROM pg_index AS index
JOIN pg_class AS class ON class.oid = index.indexrelid
WHERE index.indrelid = to_regclass($2) AND class.relname = (parse_ident($1))[1]
