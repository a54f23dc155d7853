-- Jobs that hosts share have a fence for each host.

-- migrate:up
-- lint:ignore add-check-without-not-valid: a row a job
ALTER TABLE cygni.job_fences
    DROP CONSTRAINT job_fences_job_check,
    ADD CONSTRAINT job_fences_job CHECK (job ~ '^[a-z][a-z0-9_-]{0,62}( on .{0,255})?$');
COMMENT ON COLUMN cygni.job_fences.job IS 'Name of the job; of one that hosts share, with the host''s: dns-verify on web-1.';

-- migrate:down
DELETE FROM cygni.job_fences WHERE job LIKE '% on %';
-- lint:ignore add-check-without-not-valid: a row a job
ALTER TABLE cygni.job_fences
    DROP CONSTRAINT job_fences_job, ADD CONSTRAINT job_fences_job_check CHECK (job ~ '^[a-z][a-z0-9_-]{0,62}$');
COMMENT ON COLUMN cygni.job_fences.job IS 'Name of the job.';
