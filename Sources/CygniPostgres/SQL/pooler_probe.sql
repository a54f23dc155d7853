-- name: backend
SELECT pg_backend_pid() AS backend

-- name: settings
SELECT name, setting
FROM pg_settings
WHERE name = ANY ($1)
