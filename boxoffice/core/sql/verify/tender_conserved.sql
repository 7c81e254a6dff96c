-- Each tender took in what is paid with it now: payments less refunds, in each currency.

SELECT currency, tender, format('%%s more was taken in than is paid', sum(amount)) AS detail
FROM (
    SELECT currency, tender, CASE type WHEN 'use' THEN amount ELSE -amount END AS amount
    FROM ledger_entries
    WHERE type IN ('use', 'refund')
    UNION ALL
    SELECT r.currency, p.tender, -r.total
    FROM payments p
    JOIN reservations r ON r.performance_id = p.performance_id AND r.id = p.reservation_id
    WHERE p.state = 'paid'
) flows
GROUP BY currency, tender
HAVING sum(amount) <> 0
