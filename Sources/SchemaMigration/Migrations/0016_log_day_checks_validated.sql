-- Second of three steps: reads each day of log_lines once. Readers and writers go on meanwhile.

-- migrate:up
DO $$
DECLARE
    day regclass;
BEGIN
    FOR day IN SELECT conrelid FROM pg_constraint WHERE conname = 'log_day' AND contype = 'c' AND NOT convalidated LOOP
        EXECUTE format('ALTER TABLE %s VALIDATE CONSTRAINT log_day', day);
    END LOOP;
END $$;

-- migrate:down
SELECT 1;
