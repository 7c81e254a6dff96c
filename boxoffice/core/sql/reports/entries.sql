-- The sales of the ledger in a scope: what the sales reports sum up.
--
-- in:  performances (null: all), since, until (null: without an end)
-- out: one row an entry: performance_id, reservation_id, is_sale (or a refund), tender, currency,
--      amount, tickets, at, zone (the venue's), operation_key
--
-- Invariant: of the types that concern a reservation, every entry in the scope comes once. The two
-- halves are asked for apart, since each has its own index by performance.

SELECT l.performance_id, l.reservation_id, l.type = 'use' AS is_sale, l.tender, l.currency,
       l.amount, r.seat_count AS tickets, l.created_at AS at, p.time_zone AS zone, l.operation_key
FROM (SELECT * FROM ledger_entries WHERE type = 'use'
      UNION ALL
      SELECT * FROM ledger_entries WHERE type = 'refund') l
JOIN reservations r ON r.performance_id = l.performance_id AND r.id = l.reservation_id
JOIN performances p ON p.id = l.performance_id
WHERE (%(performances)s::bigint[] IS NULL OR l.performance_id = ANY (%(performances)s))
  AND (%(since)s::timestamptz IS NULL OR l.created_at >= %(since)s)
  AND (%(until)s::timestamptz IS NULL OR l.created_at < %(until)s)
