-- Domains as operators and tenants ask for them.

-- name: list
-- $1 tenant (NULL: all), $2 only those with which something is wrong.
SELECT d.name, t.slug AS tenant, d.state, d.state_since, d.next_check_at, coalesce(look.reason, 'not_looked_at') AS reason, look.fix,
    coalesce(look.concerns, '') AS concerns
FROM cygni.domains AS d
JOIN cygni.tenants AS t ON t.id = d.tenant_id
LEFT JOIN LATERAL (
    SELECT reason, fix,
        (SELECT string_agg(concern ->> 'code', ' ' ORDER BY concern ->> 'code') FROM jsonb_array_elements(found -> 'concerns') AS concern) AS concerns
    FROM cygni.domain_checks
    WHERE domain_checks.tenant_id = d.tenant_id AND domain_checks.domain_id = d.id
    ORDER BY at DESC, id DESC
    LIMIT 1
) AS look ON true
WHERE d.state <> 'removed' AND ($1::uuid IS NULL OR d.tenant_id = $1)
    AND (NOT $2::boolean OR look.fix IS NOT NULL OR look.concerns IS NOT NULL OR look.reason IS NULL)
ORDER BY t.slug, d.name
