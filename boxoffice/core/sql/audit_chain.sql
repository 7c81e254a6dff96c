-- The first place where the audit is not what was written.
--
-- in:  nothing
-- out: one row (fault, number of the link or null, audit_id or null), or none for a whole chain.
--      Faults: 'changed' (the row is not what was hashed, or a link was), 'hole' (a number is
--      missing), 'removed' (a link without its row), 'unchained' (a row without a link), 'cut'
--      (the head is not the last link).
--
-- Invariant: reads only. Whoever may rewrite rows, links and head alike is not found out here,
-- but by comparing the head with one that was written down elsewhere before.

WITH links AS (
    SELECT c.number, c.audit_id, c.hash, a.id AS found,
           row_number() OVER chain AS place,
           sha256(lag(c.hash, 1, sha256('boxoffice')) OVER chain
                  || convert_to(audit_text(a), 'UTF8')) AS expected
    FROM audit_chain c
    LEFT JOIN audit a ON a.id = c.audit_id
    WINDOW chain AS (ORDER BY c.number)
),
last AS (
    SELECT coalesce(max(number), 0) AS number,
           coalesce((array_agg(hash ORDER BY number DESC))[1], sha256('boxoffice')) AS hash
    FROM audit_chain
),
faults AS (
    SELECT CASE WHEN number <> place THEN 'hole'
                WHEN found IS NULL THEN 'removed'
                ELSE 'changed' END AS fault,
           number, audit_id
    FROM links
    WHERE number <> place OR found IS NULL OR hash IS DISTINCT FROM expected
    UNION ALL
    SELECT 'cut', last.number, NULL
    FROM last
    WHERE NOT EXISTS (SELECT FROM audit_head h WHERE h.number = last.number AND h.hash = last.hash)
    UNION ALL
    SELECT 'unchained', NULL, a.id
    FROM audit a
    WHERE NOT EXISTS (SELECT FROM audit_chain c WHERE c.audit_id = a.id)
)
SELECT fault, number, audit_id FROM faults ORDER BY number NULLS LAST, audit_id NULLS LAST LIMIT 1
