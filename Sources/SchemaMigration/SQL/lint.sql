-- The rules of `cygni-migrate lint`: code, title, why, and the safe alternative with the statement's own names in braces.
-- `only: up` says that a down section may do it. What finds each is in Sources/SchemaMigration/Lint.

-- rule: add-check-without-not-valid
-- title: a CHECK constraint is added and the whole table is read under the lock
-- why: ACCESS EXCLUSIVE is held while every row is checked. NOT VALID takes the lock for a moment; VALIDATE reads under SHARE UPDATE EXCLUSIVE, beside reads and writes.
ALTER TABLE {table} ADD CONSTRAINT {name} {definition} NOT VALID;
-- in a later migration:
ALTER TABLE {table} VALIDATE CONSTRAINT {name};

-- rule: add-column-not-null
-- title: a NOT NULL column is added without a default
-- why: It fails as soon as the table has a row, after waiting for ACCESS EXCLUSIVE, and the running version's inserts do not know the column.
ALTER TABLE {table} ADD COLUMN {column} {type} NOT NULL DEFAULT {value};

-- rule: add-column-serial
-- title: a serial or identity column is added to a table that is there
-- why: Every row gets a number: the table and its indexes are written anew under ACCESS EXCLUSIVE, with nobody reading.
ALTER TABLE {table} ADD COLUMN {column} bigint;
CREATE SEQUENCE {sequence} OWNED BY {table}.{column};
ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT nextval('{sequence}');
-- then number the rows in batches, outside of this migration

-- rule: add-column-stored-generated
-- title: a stored generated column is added to a table that is there
-- why: The value is computed for every row: the table is written anew under ACCESS EXCLUSIVE.
ALTER TABLE {table} ADD COLUMN {column} {type};
-- fill it for new rows by a trigger and for old ones in batches; or compute it in a view

-- rule: add-column-volatile-default
-- title: a column is added with a default that differs from row to row
-- why: The server cannot keep one value for all rows: the table is written anew under ACCESS EXCLUSIVE, with nobody reading.
ALTER TABLE {table} ADD COLUMN {column} {type};
ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT {default};
-- then fill the old rows in batches, outside of this migration

-- rule: add-exclusion-constraint
-- title: an exclusion constraint is added to a table that is there
-- why: Its index is built under ACCESS EXCLUSIVE, and there is no way to build it beside readers.
-- make the table with its constraint, copy the rows over in batches, then swap the two:
CREATE TABLE {new} (LIKE {table} INCLUDING ALL, CONSTRAINT {name} {definition});

-- rule: add-foreign-key-without-not-valid
-- title: a foreign key is added and both tables are read under the lock
-- why: SHARE ROW EXCLUSIVE on both tables stops every write while each row is looked up. VALIDATE does that beside writes.
ALTER TABLE {table} ADD CONSTRAINT {name} {definition} NOT VALID;
-- in a later migration:
ALTER TABLE {table} VALIDATE CONSTRAINT {name};

-- rule: add-primary-key-without-index
-- title: a primary key is added and its index built under the lock
-- why: ACCESS EXCLUSIVE is held for the whole build. Built before, beside writes, the index is only attached.
-- migrate:up transaction:false
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {table} ({columns});
ALTER TABLE {table} ADD CONSTRAINT {name} PRIMARY KEY USING INDEX {name};

-- rule: add-unique-without-index
-- title: a unique constraint is added and its index built under the lock
-- why: ACCESS EXCLUSIVE is held for the whole build. Built before, beside writes, the index is only attached.
-- migrate:up transaction:false
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {table} ({columns});
ALTER TABLE {table} ADD CONSTRAINT {name} UNIQUE USING INDEX {name};

-- rule: backfill-with-ddl
-- title: rows are written in the transaction that holds a table's lock
-- why: '{locked}' stays locked against readers from its ALTER to the commit, for as long as the rows take.
-- one migration for the definition, another for the rows, in batches that each commit:
-- migrate:up transaction:false
{statement};

-- rule: change-all-rows
-- title: every row of a table is written in one transaction
-- why: Each row stays locked until the commit, all old versions stay on disk, and replicas fall behind.
-- in batches that each commit, until no row is left:
-- migrate:up transaction:false
{statement} WHERE ctid IN (SELECT ctid FROM {table} WHERE {condition} LIMIT 10000);

-- rule: change-column-type
-- title: a column's type is changed
-- why: Unless the old values can stay as they are, table and indexes are written anew under ACCESS EXCLUSIVE, and the running version meets another type.
ALTER TABLE {table} ADD COLUMN {new} {type};
-- write both, fill the old rows in batches, read the new one, and drop {column} in a later migration

-- rule: concurrently-in-transaction
-- title: a CONCURRENTLY statement stands in a transaction
-- why: The server refuses it there (25001): it needs transactions of its own.
-- migrate:up transaction:false
{statement};

-- rule: create-index-blocking
-- title: an index is built while writes wait
-- why: SHARE stops every INSERT, UPDATE and DELETE for the whole build. CONCURRENTLY takes longer and stops none.
-- migrate:up transaction:false
CREATE {unique}INDEX CONCURRENTLY IF NOT EXISTS {name} ON {definition};

-- rule: detach-partition-blocking
-- title: a partition is detached while the whole table waits
-- why: ACCESS EXCLUSIVE is taken on the partitioned table and stops every query on it.
-- migrate:up transaction:false
ALTER TABLE {table} DETACH PARTITION {name} CONCURRENTLY;

-- rule: disable-row-level-security
-- title: row-level security is switched off
-- why: From the commit on every role that may read the table reads all tenants' rows.
-- only: up
-- keep it on, and give the one role that needs all rows a policy:
CREATE POLICY {name} ON {table} TO {role} USING (true);

-- rule: disable-trigger
-- title: triggers are switched off
-- why: Rows written meanwhile, by anybody, escape what the trigger holds: foreign keys and audit too. SHARE ROW EXCLUSIVE stops writes.
-- leave it on, and let its WHEN ask a setting that lives as long as this transaction:
SET LOCAL migration.quiet = 'on';
CREATE OR REPLACE TRIGGER {name} ... ON {table} ... WHEN (current_setting('migration.quiet', true) IS DISTINCT FROM 'on') ...;

-- rule: drop-cascade
-- title: CASCADE drops what nobody named
-- why: Views, foreign keys and functions that depend on it go too, whichever they are in this database at that moment.
-- name each dependent object, in its order, and leave CASCADE out:
{statement};

-- rule: drop-column
-- title: a column is dropped that the running version may use
-- why: Queries that name it fail from the commit on, also prepared ones, and its values are gone.
-- only: up
-- first a release that no longer names it:
ALTER TABLE {table} ALTER COLUMN {column} DROP NOT NULL;
-- in a later migration:
ALTER TABLE {table} DROP COLUMN {column};

-- rule: drop-index-blocking
-- title: an index is dropped while the table waits
-- why: ACCESS EXCLUSIVE on its table: behind one long query every other one waits too.
-- migrate:up transaction:false
DROP INDEX CONCURRENTLY IF EXISTS {name};

-- rule: drop-table
-- title: a table is dropped that the running version may use
-- why: Queries that name it fail from the commit on, and its rows are gone.
-- only: up
-- first away from everybody, where it can come back from:
ALTER TABLE {table} RENAME TO {short};
-- in a later migration:
DROP TABLE {new};

-- rule: enum-value-used-in-transaction
-- title: an enum's new value is used in the transaction that adds it
-- why: The server refuses it (55P04): the value is there for others only after the commit.
-- this in one migration, and in the next what uses the value:
ALTER TYPE {type} ADD VALUE IF NOT EXISTS {value};

-- rule: ignore-unknown-rule
-- title: an ignore comment names no rule
-- why: It has no effect. `cygni-migrate lint --rules` prints them all.
-- lint:ignore {known}: the reason

-- rule: ignore-unused
-- title: an ignore comment ignores nothing
-- why: The statement below it does not do that, or no longer: the next person is misled.
-- remove the comment on line {line}

-- rule: ignore-without-reason
-- title: an ignore comment has no reason
-- why: Nobody can tell later whether it still holds. It has no effect until it says why.
-- lint:ignore {code}: the reason

-- rule: integer-primary-key
-- title: a primary key has less than 64 bits
-- why: Inserts fail after 2147483647 numbers, failed inserts counted, and the change of type writes the table anew.
-- only: up
{column} bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY

-- rule: lock-several-tables
-- title: two tables are locked against everything in one transaction
-- why: Both stay locked until the commit, and a query that takes them in the other order makes a deadlock with it.
-- one migration each:
ALTER TABLE {first} {firstAction};
-- migrate:up
ALTER TABLE {table} {action};

-- rule: lock-table
-- title: a table is locked by hand
-- why: {mode} is held until the commit, whatever comes in between.
-- leave LOCK out, each statement takes what it needs; to keep two runs apart:
SELECT pg_advisory_xact_lock(hashtext('{table}'));

-- rule: lock-timeout-disabled
-- title: the lock time-out is switched off or long
-- why: cygni-migrate sets one, so that a waiting ALTER does not hold up every query behind it. Here it waits for {value}.
SET LOCAL lock_timeout = '1s';

-- rule: prefer-jsonb
-- title: a column is json
-- why: It has no equality, no index, and is parsed anew at each use; DISTINCT and GROUP BY over it fail.
-- only: up
{column} jsonb

-- rule: prefer-numeric-over-money
-- title: a column is money
-- why: Its meaning hangs on the server's lc_monetary, and it has no currency.
-- only: up
{column} numeric(12, 2)

-- rule: prefer-text-over-char
-- title: a column is char(n)
-- why: It is padded with blanks that count in some comparisons and not in others, and saves nothing.
-- only: up
{column} text CHECK (char_length({column}) <= {length})

-- rule: prefer-timestamptz
-- title: a column is a timestamp without time zone
-- why: It does not say which instant it is: two sessions in two zones read two times.
-- only: up
{column} timestamptz

-- rule: refresh-view-blocking
-- title: a materialized view is refreshed while its readers wait
-- why: ACCESS EXCLUSIVE for as long as the query takes. CONCURRENTLY needs a unique index on the view.
REFRESH MATERIALIZED VIEW CONCURRENTLY {table};

-- rule: reindex-blocking
-- title: an index is rebuilt while the table waits
-- why: Writes wait for the whole build, and so do reads that would use the index.
-- migrate:up transaction:false
REINDEX {kind} CONCURRENTLY {name};

-- rule: rename-column
-- title: a column is renamed that the running version may use
-- why: Queries with the old name fail from the commit on, those with the new one before it.
-- only: up
ALTER TABLE {table} ADD COLUMN {new} {type};
-- write both, fill the old rows in batches, read the new one, and drop {column} in a later migration

-- rule: rename-table
-- title: a table is renamed or moved that the running version may use
-- why: Queries with the old name fail from the commit on, those with the new one before it.
-- only: up
-- in the same transaction, leave the old name as a view that takes writes too:
{statement};
CREATE VIEW {table} AS SELECT * FROM {new};

-- rule: rewrite-storage
-- title: a table is written anew
-- why: {action} copies the whole table under ACCESS EXCLUSIVE, with nobody reading.
-- make the new table, copy in batches, then swap the two:
CREATE TABLE {new} (LIKE {table} INCLUDING ALL);

-- rule: set-not-null-without-check
-- title: SET NOT NULL reads the whole table under the lock
-- why: ACCESS EXCLUSIVE is held while every row is looked at. A validated CHECK that says the same spares the server the look.
ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({column} IS NOT NULL) NOT VALID;
-- in a later migration:
ALTER TABLE {table} VALIDATE CONSTRAINT {name};
-- in a third:
ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL;
ALTER TABLE {table} DROP CONSTRAINT {name};

-- rule: steps-not-repeatable
-- title: a step of a transaction:false file cannot be repeated
-- why: Without a transaction a run may die behind this step and before the ledger has it; the next run then fails here.
{repeatable};

-- rule: table-without-primary-key
-- title: a table has no primary key
-- why: Nothing names a row: no logical replication of updates, no upsert, and duplicates that cannot be told apart.
-- only: up
CREATE TABLE {table} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, ...);

-- rule: truncate-table
-- title: a table is emptied
-- why: ACCESS EXCLUSIVE, and every row is gone: a snapshot taken before sees an empty table too.
-- in batches that each commit, until no row is left:
-- migrate:up transaction:false
DELETE FROM {table} WHERE ctid IN (SELECT ctid FROM {table} LIMIT 10000);

-- rule: vacuum-full
-- title: a table is written anew by VACUUM FULL or CLUSTER
-- why: ACCESS EXCLUSIVE for the whole copy, with nobody reading.
-- migrate:up transaction:false
VACUUM (ANALYZE) {table};

-- rule: validate-in-same-transaction
-- title: a constraint is validated in the transaction that adds it
-- why: The lock of ADD CONSTRAINT is held until the commit, so the rows are read under it and NOT VALID won nothing.
-- in a later migration:
ALTER TABLE {table} VALIDATE CONSTRAINT {name};
