-- The steps of a run; what each does is in the migrations of schema cygni_rollup.

-- name: ensure_partitions
SELECT cygni.ensure_partitions('metric_samples', $1::date, $2::date) + cygni.ensure_partitions('log_lines', $1::date, $2::date) AS made

-- name: open_day
SELECT cygni_rollup.open_day($1)

-- name: admit_late
SELECT cygni_rollup.admit_late($1, $2) AS verdict

-- name: refresh_hour
SELECT cygni_rollup.refresh_hour($1, $2, $3) AS samples

-- name: refresh_day
SELECT cygni_rollup.refresh_day($1) AS samples

-- name: build_day
SELECT cygni_rollup.build_day($1, $2, $3) AS samples

-- name: folds
-- Each tenant once, with the offenders of its worst hour.
SELECT coalesce(t.slug, f.tenant_id::text) AS tenant, count(*) AS hours, min(f.series_limit)::bigint AS series_limit,
    max(f.series_seen) AS series_seen, sum(f.series_seen - f.series_limit)::bigint AS series_folded,
    sum(f.samples_folded)::bigint AS samples_folded,
    (
        SELECT string_agg(format('%s of %s: %s series', o.pattern, coalesce(p.slug, o.project_id::text), o.series), ', ' ORDER BY o.series DESC, o.pattern)
        FROM jsonb_to_recordset((array_agg(f.top_offenders ORDER BY f.series_seen DESC))[1]) AS o (project_id uuid, pattern text, series bigint)
        LEFT JOIN cygni.projects AS p ON p.tenant_id = f.tenant_id AND p.id = o.project_id
    ) AS top_offenders
FROM cygni_rollup.folds AS f LEFT JOIN cygni.tenants AS t ON t.id = f.tenant_id
WHERE f.hour >= $1 AND f.hour < $2
GROUP BY f.tenant_id, t.slug
ORDER BY series_folded DESC, tenant

-- name: is_settled
SELECT cygni_rollup.is_settled($1) AS is_settled

-- name: seal_day
SELECT hour FROM cygni_rollup.seal_day($1) AS hour

-- name: seal_state
SELECT state FROM cygni_rollup.days WHERE day = $1

-- name: merge_month
SELECT count(*) FILTER (WHERE cygni_rollup.merge_relations(m.level, 'month', m.month)) AS merged
FROM cygni_rollup.mergeable_months($2) AS m WHERE m.month = $1

-- name: publish
SELECT cygni_rollup.publish() AS has_rewritten

-- name: retired
SELECT relation::text AS relation FROM cygni_rollup.relations WHERE state = 'retired' ORDER BY relation

-- name: drop_relation
SELECT cygni_rollup.drop_relation($1::name)

-- name: audit_hour
SELECT finding FROM cygni_rollup.audit_hour($1) AS finding

-- name: note_pruned
SELECT cygni_rollup.note_pruned($1) AS is_pruned

-- name: note_audit
INSERT INTO cygni_rollup.changes (hour, kind, rows) VALUES ($1, 'audit', 0)

-- name: short_lock_timeout
-- Longer than it takes to lock a view that nobody holds, shorter than anybody would notice.
SET LOCAL lock_timeout = '10ms'
