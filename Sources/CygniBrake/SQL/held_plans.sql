-- Plans that a brake stopped, and that a person approves by their hash.

-- name: hold_plan
INSERT INTO cygni.held_plans (job, hash, items, reason, run_id) VALUES ($1, $2, $3::jsonb, $4, $5::uuid)
ON CONFLICT (job, hash) DO UPDATE SET created_at = now(), reason = EXCLUDED.reason, run_id = EXCLUDED.run_id, approved_at = NULL;

-- name: use_plan
-- An approval counts for a day, so that a run that was killed can be run again.
UPDATE cygni.held_plans SET approved_at = coalesce(approved_at, now())
WHERE job = $1 AND hash = $2 AND created_at > now() - interval '24 hours'
RETURNING items::text AS items;
