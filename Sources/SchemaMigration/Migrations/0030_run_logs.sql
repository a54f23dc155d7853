-- What is left of a run besides its row in the ledger: the end of its log, its report, and that somebody has seen its failure.
--
-- lint:ignore prefer-jsonb: the report is kept as it was printed, and nobody looks for anything in it

-- migrate:up
CREATE TABLE cygni.run_logs (
    run_id uuid NOT NULL REFERENCES cygni.job_runs (id) ON DELETE CASCADE,
    piece bigint NOT NULL CHECK (piece > 0),
    lines text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (run_id, piece)
);
CREATE INDEX run_logs_age ON cygni.run_logs (at);
COMMENT ON TABLE cygni.run_logs IS 'The last 64 KiB or so of what a run logged, in pieces that are only ever added, for 30 days.';
COMMENT ON COLUMN cygni.run_logs.run_id IS 'Whose log it is.';
COMMENT ON COLUMN cygni.run_logs.piece IS 'Its place, from 1; the oldest go first.';
COMMENT ON COLUMN cygni.run_logs.lines IS 'Whole lines, one JSON object each, as on the standard error of the run.';
COMMENT ON COLUMN cygni.run_logs.at IS 'When the piece was written.';

CREATE TABLE cygni.run_reports (
    run_id uuid NOT NULL PRIMARY KEY REFERENCES cygni.job_runs (id) ON DELETE CASCADE,
    report json NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX run_reports_age ON cygni.run_reports (at);
COMMENT ON TABLE cygni.run_reports IS 'The report that a run printed when it ended, for 30 days.';
COMMENT ON COLUMN cygni.run_reports.run_id IS 'Whose report it is.';
COMMENT ON COLUMN cygni.run_reports.report IS 'As --output json prints it.';
COMMENT ON COLUMN cygni.run_reports.at IS 'When it was written.';

CREATE TABLE cygni.run_acknowledgements (
    run_id uuid NOT NULL PRIMARY KEY REFERENCES cygni.job_runs (id) ON DELETE CASCADE,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor text NOT NULL CHECK (actor <> ''),
    why text NOT NULL DEFAULT ''
);
COMMENT ON TABLE cygni.run_acknowledgements IS 'Runs that did not end well and that somebody has looked after.';
COMMENT ON COLUMN cygni.run_acknowledgements.run_id IS 'The run.';
COMMENT ON COLUMN cygni.run_acknowledgements.at IS 'When it was acknowledged.';
COMMENT ON COLUMN cygni.run_acknowledgements.actor IS 'Who did.';
COMMENT ON COLUMN cygni.run_acknowledgements.why IS 'What they had to say.';

ALTER TABLE cygni.run_logs ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY platform_all ON cygni.run_logs TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON cygni.run_logs TO cygni_jobs;

ALTER TABLE cygni.run_reports ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY platform_all ON cygni.run_reports TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON cygni.run_reports TO cygni_jobs;

ALTER TABLE cygni.run_acknowledgements ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY platform_all ON cygni.run_acknowledgements TO cygni_owner, cygni_jobs USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON cygni.run_acknowledgements TO cygni_jobs;

-- migrate:down
DROP TABLE cygni.run_acknowledgements;
DROP TABLE cygni.run_reports;
DROP TABLE cygni.run_logs;
