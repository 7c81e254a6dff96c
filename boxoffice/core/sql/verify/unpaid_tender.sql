-- Only what was paid has another tender than the balance.

SELECT p.performance_id AS performance, p.reservation_id AS reservation,
       format('the payment is %%s and says %%s', p.state, p.tender) AS detail
FROM payments p
WHERE p.state IN ('waiting', 'cancelled') AND (p.tender <> 'balance' OR p.received IS NOT NULL)
