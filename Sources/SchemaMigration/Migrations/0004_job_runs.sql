-- The ledger of runs and the fences that keep a run which lost its lock from doing harm.

-- migrate:up
CREATE TABLE cygni.job_runs (
    id uuid NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
    job text NOT NULL CHECK (job ~ '^[a-z][a-z0-9_-]{0,62}$'),
    slot timestamptz,
    trigger text NOT NULL DEFAULT 'manual' CHECK (trigger ~ '^[a-z][a-z0-9_-]{0,62}$'),
    host text NOT NULL DEFAULT '',
    pid integer CHECK (pid > 0),
    version text NOT NULL DEFAULT '',
    config_hash text NOT NULL DEFAULT '',
    attempt integer NOT NULL DEFAULT 1 CHECK (attempt > 0),
    state text NOT NULL DEFAULT 'running'
        CHECK (state IN ('running', 'succeeded', 'partial', 'failed', 'timed_out', 'stopped', 'lost')),
    fence bigint NOT NULL DEFAULT 0 CHECK (fence >= 0),
    started_at timestamptz NOT NULL DEFAULT now(),
    heartbeat_at timestamptz DEFAULT now(),
    finished_at timestamptz,
    exit_status integer CHECK (exit_status BETWEEN 0 AND 255),
    counts jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(counts) = 'object'),
    error text,
    CONSTRAINT job_runs_finished CHECK ((state = 'running') = (finished_at IS NULL))
);
CREATE INDEX job_runs_job ON cygni.job_runs (job, started_at);
CREATE INDEX job_runs_running ON cygni.job_runs (job) WHERE state = 'running';
-- Two hosts whose clocks fire for the same slot do the work once.
CREATE UNIQUE INDEX job_runs_slot ON cygni.job_runs (job, slot) WHERE slot IS NOT NULL;
COMMENT ON TABLE cygni.job_runs IS 'One row for each run of a job that was not a dry run.';
COMMENT ON COLUMN cygni.job_runs.id IS 'The run id that logs and the report carry.';
COMMENT ON COLUMN cygni.job_runs.job IS 'Name of the job, as in metrics-rollup.';
COMMENT ON COLUMN cygni.job_runs.slot IS
    'The moment of the schedule this run is for; NULL: none. At most one run for each slot.';
COMMENT ON COLUMN cygni.job_runs.trigger IS 'What started it: cron, manual and the like.';
COMMENT ON COLUMN cygni.job_runs.host IS 'Name of the machine it ran on.';
COMMENT ON COLUMN cygni.job_runs.pid IS 'Its process there.';
COMMENT ON COLUMN cygni.job_runs.version IS 'Version of the executable.';
COMMENT ON COLUMN cygni.job_runs.config_hash IS 'Digest of the settings it ran with, secrets left out.';
COMMENT ON COLUMN cygni.job_runs.attempt IS 'Which attempt this is, from 1.';
COMMENT ON COLUMN cygni.job_runs.state IS
    'running, succeeded, partial, failed, timed_out, stopped (by a signal), lost (found dead by a later run).';
COMMENT ON COLUMN cygni.job_runs.fence IS
    'The number it took from job_fences; side effects of a smaller one are refused.';
COMMENT ON COLUMN cygni.job_runs.started_at IS 'When it began, by the clock of the database.';
COMMENT ON COLUMN cygni.job_runs.heartbeat_at IS 'When it last said that it lives.';
COMMENT ON COLUMN cygni.job_runs.finished_at IS 'When it ended, or was found dead; NULL while it runs.';
COMMENT ON COLUMN cygni.job_runs.exit_status IS 'Exit status of the process; NULL while it runs, and when lost.';
COMMENT ON COLUMN cygni.job_runs.counts IS 'What it did, name to number, as in the report.';
COMMENT ON COLUMN cygni.job_runs.error IS 'Why it did not succeed.';

-- A run takes its number with INSERT ... ON CONFLICT (job) DO UPDATE SET fence = job_fences.fence + 1 RETURNING fence.
-- Before each side effect it reads the row FOR SHARE in the same transaction: while that stands, no newer run can take
-- a number, and a run that finds a larger one than its own knows that it was replaced.
CREATE TABLE cygni.job_fences (
    job text NOT NULL PRIMARY KEY CHECK (job ~ '^[a-z][a-z0-9_-]{0,62}$'),
    fence bigint NOT NULL DEFAULT 1 CHECK (fence > 0)
);
COMMENT ON TABLE cygni.job_fences IS 'The highest fencing number given out, for each job.';
COMMENT ON COLUMN cygni.job_fences.job IS 'Name of the job.';
COMMENT ON COLUMN cygni.job_fences.fence IS 'Only ever rises.';

ALTER TABLE cygni.job_runs ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY platform_all ON cygni.job_runs TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON cygni.job_runs TO cygni_jobs;

ALTER TABLE cygni.job_fences ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY platform_all ON cygni.job_fences TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true);
-- Without DELETE: a fence that starts over would let a dead run's number count again.
GRANT SELECT, INSERT, UPDATE ON cygni.job_fences TO cygni_jobs;

-- migrate:down
DROP TABLE cygni.job_fences;
DROP TABLE cygni.job_runs;
