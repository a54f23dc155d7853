-- What schedules imply, written down before it is due, so that a run that never came is seen; and who paused a job.

-- migrate:up
-- A run that died, or was stopped before its end, leaves its slot to another one.
-- lint:ignore drop-index-blocking: job_runs grows by a row a run; no job reads it while it works
DROP INDEX cygni.job_runs_slot;
-- lint:ignore create-index-blocking: the same; and without the transaction two runs could share a slot for a moment
CREATE UNIQUE INDEX job_runs_slot ON cygni.job_runs (job, slot) WHERE slot IS NOT NULL AND state NOT IN ('lost', 'stopped');
COMMENT ON COLUMN cygni.job_runs.slot IS
    'The moment of the schedule this run is for; NULL: none. One run for each slot, unless that was lost or stopped.';

CREATE TABLE cygni.job_slots (
    job text NOT NULL CHECK (job ~ '^[a-z][a-z0-9_-]{0,62}$'),
    slot timestamptz NOT NULL,
    schedule text NOT NULL,
    start_by timestamptz NOT NULL,
    finish_by timestamptz NOT NULL,
    noted_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (job, slot),
    CONSTRAINT job_slots_order CHECK (slot <= start_by AND start_by <= finish_by)
);
COMMENT ON TABLE cygni.job_slots IS 'The moments at which jobs are expected to run, some time ahead.';
COMMENT ON COLUMN cygni.job_slots.job IS 'Name of the job, as in metrics-rollup.';
COMMENT ON COLUMN cygni.job_slots.slot IS 'When the schedule is due.';
COMMENT ON COLUMN cygni.job_slots.schedule IS 'Schedule and time zone it comes from.';
COMMENT ON COLUMN cygni.job_slots.start_by IS 'A run that has not started by then is late.';
COMMENT ON COLUMN cygni.job_slots.finish_by IS 'A run that has not ended by then is overdue.';
COMMENT ON COLUMN cygni.job_slots.noted_at IS 'When it was written down.';

CREATE TABLE cygni.job_pauses (
    id uuid NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
    job text NOT NULL CHECK (job ~ '^[a-z][a-z0-9_-]{0,62}$'),
    since timestamptz NOT NULL DEFAULT now(),
    until timestamptz,
    actor text NOT NULL CHECK (actor <> ''),
    why text NOT NULL CHECK (why <> ''),
    ended_at timestamptz,
    ended_by text,
    CONSTRAINT job_pauses_end CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE UNIQUE INDEX job_pauses_standing ON cygni.job_pauses (job) WHERE ended_at IS NULL;
COMMENT ON TABLE cygni.job_pauses IS 'While one stands, no schedule starts the job.';
COMMENT ON COLUMN cygni.job_pauses.id IS 'Its own.';
COMMENT ON COLUMN cygni.job_pauses.job IS 'Name of the job, as in metrics-rollup.';
COMMENT ON COLUMN cygni.job_pauses.since IS 'When it began.';
COMMENT ON COLUMN cygni.job_pauses.until IS 'When it ends by itself; NULL: only when somebody ends it.';
COMMENT ON COLUMN cygni.job_pauses.actor IS 'Who paused the job.';
COMMENT ON COLUMN cygni.job_pauses.why IS 'What the next person on call should know.';
COMMENT ON COLUMN cygni.job_pauses.ended_at IS 'When it ended; NULL while it stands.';
COMMENT ON COLUMN cygni.job_pauses.ended_by IS 'Who or what ended it.';

CREATE VIEW cygni.job_slot_states WITH (security_invoker = true) AS
SELECT slots.job, slots.slot, slots.start_by, slots.finish_by, run.id AS run_id, run.host, run.started_at, run.finished_at,
    CASE
        WHEN run.state = 'running' AND slots.finish_by < now() THEN 'overdue'
        WHEN run.id IS NOT NULL THEN run.state
        WHEN slots.start_by < now() THEN 'never started'
        ELSE 'expected'
    END AS state
FROM cygni.job_slots AS slots
LEFT JOIN LATERAL (
    SELECT id, host, state, started_at, finished_at
    FROM cygni.job_runs
    WHERE job_runs.job = slots.job AND job_runs.slot = slots.slot
    ORDER BY started_at DESC
    LIMIT 1
) AS run ON true;
COMMENT ON VIEW cygni.job_slot_states IS
    'What became of each slot: expected, never started, overdue, or the state of its newest run.';

ALTER TABLE cygni.job_slots ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY platform_all ON cygni.job_slots TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON cygni.job_slots TO cygni_jobs;

ALTER TABLE cygni.job_pauses ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY platform_all ON cygni.job_pauses TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON cygni.job_pauses TO cygni_jobs;
GRANT SELECT ON cygni.job_slot_states TO cygni_jobs;

-- migrate:down
DROP VIEW cygni.job_slot_states;
DROP TABLE cygni.job_pauses;
DROP TABLE cygni.job_slots;
-- lint:ignore drop-index-blocking: as on the way up
DROP INDEX cygni.job_runs_slot;
-- lint:ignore create-index-blocking: as on the way up
CREATE UNIQUE INDEX job_runs_slot ON cygni.job_runs (job, slot) WHERE slot IS NOT NULL;
