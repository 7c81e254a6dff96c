-- The parts of sales where a reservation may be of several groups: by category or price type.
--
-- in:  by; the rows of entries.sql as `entries`
-- out: one row a ticket of an entry: name (of the group), zone (null), and what is summed up
--
-- Invariant: the prices of a reservation's seats add up to its entry's amount (see
-- verify/reservation_total.sql). A ticket keeps its price and type whatever is changed later.

SELECT CASE %(by)s WHEN 'category' THEN c.name ELSE t.price_type END AS name, NULL::text AS zone,
       e.is_sale, e.tender, e.currency, t.price AS amount, 1 AS tickets
FROM entries e
JOIN reservation_seats t
  ON t.performance_id = e.performance_id AND t.reservation_id = e.reservation_id
JOIN performance_seats s ON s.performance_id = t.performance_id AND s.seat_no = t.seat_no
JOIN performances p ON p.id = e.performance_id
JOIN categories c ON c.venue_id = p.venue_id AND c.category_no = s.category_no
