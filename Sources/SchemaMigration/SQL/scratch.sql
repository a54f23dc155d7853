-- Throw-away databases.

-- name: source
SELECT pg_encoding_to_char(encoding) AS encoding, datcollate AS collation, datctype AS ctype
FROM pg_database
WHERE datname = current_database()

-- name: left_over
-- Those whose owner lives no more. Its lock may have been taken in another database of the server: all are listed.
SELECT datname::text AS name
FROM pg_database
WHERE starts_with(datname::text, $1) AND substr(datname::text, length($1) + 1) ~ '^[0-9]{1,10}$'
    AND NOT EXISTS (
        SELECT FROM pg_locks
        WHERE locktype = 'advisory' AND objsubid = 2 AND classid::bigint = $2::bigint
            AND objid::bigint = substr(datname::text, length($1) + 1)::bigint
    )
ORDER BY 1
