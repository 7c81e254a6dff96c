-- Give some seats of a reservation that is held another price type, at its price of now.
--
-- in:  performance, reservation, user, labels text[], price_type, key, request, reference,
--      payment_reference, staff (principal), terminal
-- out: one row (result), or none when the reservation is not held by this user any more, a seat
--      is not one of its seats, has no price of that type, or another change of this reservation
--      came in between: then nothing has changed.
--
-- Invariant: the total stays the sum of the seats' prices, those that another change gave them
-- meanwhile. Locks in the order seats (each with its ticket), reservation. A key that was used before breaks operations_pkey, which undoes everything.

WITH own AS MATERIALIZED (
    SELECT s.seat_no, s.category_no, r.price, r.price_type
    FROM performance_seats s
    JOIN reservation_seats r
      ON r.performance_id = %(performance)s AND r.reservation_id = %(reservation)s
     AND r.seat_no = s.seat_no
    WHERE s.performance_id = %(performance)s
      AND s.reservation_id = %(reservation)s AND s.status = 'held'
    ORDER BY s.seat_no
    FOR UPDATE OF s, r  -- a price that was changed while the seat was waited for is read anew
),
priced AS MATERIALIZED (
    SELECT own.seat_no, v.label, own.price AS former_price, own.price_type AS former_type,
           CASE %(price_type)s WHEN 'adult' THEN o.amount ELSE t.amount END AS amount
    FROM own
    JOIN performances p ON p.id = %(performance)s
    JOIN venue_seats v ON v.venue_id = p.venue_id AND v.seat_no = own.seat_no
     AND v.label = ANY (%(labels)s::text[])
    JOIN prices o ON o.performance_id = %(performance)s AND o.category_no = own.category_no
    LEFT JOIN type_prices t ON t.performance_id = %(performance)s
     AND t.category_no = own.category_no AND t.price_type = %(price_type)s
),
changed AS (
    UPDATE reservations r
    SET total = r.total + (SELECT sum(amount - former_price) FROM priced)
    WHERE r.performance_id = %(performance)s AND r.id = %(reservation)s
      AND r.user_id = %(user)s AND r.state = 'held' AND r.held_until > now()
      AND r.seat_count = (SELECT count(*) FROM own)
      AND (SELECT count(amount) FROM priced) = cardinality(%(labels)s::text[])
    RETURNING r.total, r.currency, r.held_until, r.hold_name, r.hold_note
),
tickets AS (
    UPDATE reservation_seats r SET price = priced.amount, price_type = %(price_type)s
    FROM priced, changed
    WHERE r.performance_id = %(performance)s AND r.reservation_id = %(reservation)s
      AND r.seat_no = priced.seat_no
),
answer AS (
    SELECT jsonb_build_object(
               'reservation', %(reference)s::text,
               'performance', %(performance)s::bigint,
               'seats', told.labels,
               'types', told.types,
               'total', jsonb_build_object('amount', c.total, 'currency', c.currency),
               'state', 'held',
               'held_until', c.held_until,
               'payment', %(payment_reference)s::text,
               'hold_name', c.hold_name,
               'hold_note', c.hold_note,
               'time_zone', p.time_zone) AS result
    FROM changed c
    JOIN performances p ON p.id = %(performance)s
    CROSS JOIN LATERAL (
        SELECT array_agg(v.label ORDER BY v.seat_no) AS labels,
               array_agg(CASE WHEN v.label = ANY (%(labels)s) THEN %(price_type)s
                              ELSE own.price_type END ORDER BY v.seat_no) AS types
        FROM own
        JOIN venue_seats v ON v.venue_id = p.venue_id AND v.seat_no = own.seat_no) told
),
audited AS (
    INSERT INTO audit (action, principal, terminal, user_id, operation_key, detail, before)
    SELECT 'set price type', %(staff)s::text, %(terminal)s::text, %(user)s, %(key)s, a.result,
           jsonb_build_object('types', (SELECT jsonb_object_agg(label, former_type) FROM priced))
    FROM answer a
)
INSERT INTO operations (key, command, request, user_id, result)
SELECT %(key)s, 'set price type', %(request)s, %(user)s, a.result FROM answer a
RETURNING result
