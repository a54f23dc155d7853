-- Throw-away databases.

-- name: source
SELECT pg_encoding_to_char(encoding) AS encoding, datcollate AS collation, datctype AS ctype
FROM pg_database
WHERE datname = current_database()

-- name: databases
SELECT datname::text AS name FROM pg_database WHERE starts_with(datname::text, $1) ORDER BY 1
