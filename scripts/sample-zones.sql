-- The zones of the sample platform's domains: most as they should be, the others wrong in the ways that people are. One line a record,
-- `zone record`. The names are the sample's own: `label.tenant.example`.
\set QUIET on
\pset format unaligned
\pset tuples_only on
\pset fieldsep ' '
WITH claims AS (
    SELECT split_part(name, '.', 2) || '.example' AS zone, split_part(name, '.', 1) AS label, state, verification_token AS token,
        CASE WHEN state = 'pending' THEN row_number() OVER (PARTITION BY state ORDER BY name) % 7 ELSE 0 END AS mistake,
        row_number() OVER (PARTITION BY state ORDER BY name) AS number
    FROM cygni.domains
    WHERE state <> 'removed' AND name LIKE '%.%.example'
)
SELECT zone, record
FROM claims
CROSS JOIN LATERAL (
    VALUES
        -- The proof.
        (
            CASE
                WHEN state IN ('quarantined') OR mistake = 1 THEN NULL
                WHEN mistake = 2 THEN '_cygni-challenge.' || label || '.' || zone || ' IN TXT ' || token
                WHEN mistake = 3 THEN '_cygni-challenge.' || label || ' IN TXT ' || left(token, 20)
                WHEN mistake = 4 THEN label || ' IN TXT ' || token
                ELSE '_cygni-challenge.' || label || ' IN TXT ' || token
            END
        ),
        -- Where it leads.
        (
            CASE
                WHEN mistake = 4 OR (state = 'verified' AND number = 5) THEN label || ' IN A 192.0.2.1'
                WHEN state = 'failing' OR mistake = 5 THEN label || ' IN A 203.0.113.9'
                WHEN mistake = 6 THEN NULL
                ELSE label || ' IN CNAME edge.cygni.example.'
            END
        ),
        -- An old host's address of the other family, left behind; a CA that we do not use.
        (CASE WHEN state = 'verified' AND number = 5 THEN label || ' IN AAAA 2001:db8:dead::9' END),
        (CASE WHEN state = 'verified' AND number = 9 THEN '@ IN CAA 0 issue "other.example"' END)
) AS records (record)
WHERE record IS NOT NULL
ORDER BY zone, record;
