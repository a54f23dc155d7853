-- First of three steps that divide each day of log_lines by retention class (0017). A day that is taken out and put back
-- one level lower is read whole by ATTACH, under a lock that stops everybody, unless a constraint says already which times
-- it holds. Here that constraint is entered, which reads nothing; the next step validates it, which stops nobody.

-- migrate:up
DO $$
DECLARE
    day record;
BEGIN
    FOR day IN
        SELECT c.oid::regclass AS relation, b.bounds[1] AS first, b.bounds[2] AS after
        FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
        CROSS JOIN LATERAL regexp_match(pg_get_expr(c.relpartbound, c.oid), $re$FROM \('([^']+)'\) TO \('([^']+)'\)$re$) AS b (bounds)
        WHERE i.inhparent = 'cygni.log_lines'::regclass AND c.relkind = 'r'
    LOOP
        EXECUTE format('ALTER TABLE %s ADD CONSTRAINT log_day CHECK (ts >= %L AND ts < %L) NOT VALID',
            day.relation, day.first, day.after);
    END LOOP;
END $$;

-- migrate:down
DO $$
DECLARE
    day regclass;
BEGIN
    FOR day IN SELECT conrelid FROM pg_constraint WHERE conname = 'log_day' AND contype = 'c' LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT log_day', day);
    END LOOP;
END $$;
