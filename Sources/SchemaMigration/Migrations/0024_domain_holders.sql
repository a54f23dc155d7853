-- A name has one holder, a token one claim; what is due is found by an index.

-- migrate:up
-- A name held twice would be served for whom it is not: the later claims prove themselves again.
UPDATE cygni.domains AS later
SET state = 'pending', reason = 'held_by_other', next_check_at = now()
WHERE state IN ('verified', 'failing') AND EXISTS (
    SELECT FROM cygni.domains AS holder
    WHERE holder.name = later.name AND holder.state IN ('verified', 'failing')
        AND (holder.created_at, holder.id) < (later.created_at, later.id)
);
-- lint:ignore create-index-blocking: a row a domain; built in milliseconds
CREATE UNIQUE INDEX domains_holder ON cygni.domains (name) WHERE state IN ('verified', 'failing');
COMMENT ON INDEX cygni.domains_holder IS 'A name is served for one tenant.';
-- lint:ignore create-index-blocking: the same
CREATE UNIQUE INDEX domains_token ON cygni.domains (name, verification_token) WHERE state <> 'removed';
COMMENT ON INDEX cygni.domains_token IS 'Nobody claims a name with another''s token, which stands in DNS for all to read.';
-- The one above finds names just as well.
-- lint:ignore drop-index-blocking: the same
DROP INDEX cygni.domains_by_name;
-- lint:ignore create-index-blocking: the same
CREATE INDEX domains_due ON cygni.domains (next_check_at, id) WHERE state <> 'removed';
-- lint:ignore create-index-blocking: the same
CREATE INDEX domains_covering ON cygni.domains (tenant_id, name) WHERE scope = 'domain' AND state = 'verified';

-- migrate:down
-- lint:ignore drop-index-blocking: as on the way up
DROP INDEX cygni.domains_holder, cygni.domains_token, cygni.domains_due, cygni.domains_covering;
-- lint:ignore create-index-blocking: as on the way up
CREATE INDEX domains_by_name ON cygni.domains (name);
