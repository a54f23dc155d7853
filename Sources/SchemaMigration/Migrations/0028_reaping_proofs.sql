-- How a preview stands, in one place for all who compare it, and what was found of it before deleting began.

-- migrate:up
ALTER TABLE cygni.deployments ADD COLUMN reap_found jsonb;
COMMENT ON COLUMN cygni.deployments.reap_found IS 'What it had before the first of it was deleted: artifacts and bytes, for the receipt.';
CREATE FUNCTION cygni.preview_fingerprint(d cygni.deployments) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT md5(ROW(d.state, d.pinned, d.protected, d.aliases, d.pull_request, d.branch, d.expires_at, d.ready_at, d.last_active_at,
        d.runtime_ref, d.artifact_prefix, d.reap_rule, d.reap_begun_at)::text)
$$;
COMMENT ON FUNCTION cygni.preview_fingerprint(cygni.deployments) IS
    'Moves when anything does on which it rests whether a preview goes, and how.';
GRANT EXECUTE ON FUNCTION cygni.preview_fingerprint(cygni.deployments) TO cygni_jobs;

-- migrate:down
DROP FUNCTION cygni.preview_fingerprint(cygni.deployments);
ALTER TABLE cygni.deployments DROP COLUMN reap_found;
