-- Add seats to a reservation that is held, at the ordinary price and under the same end of the
-- hold.
--
-- in:  performance, reservation, user, labels text[], seats_max, key, request, reference,
--      payment_reference, staff (principal), terminal
-- out: one row (result), or none when the reservation is not held by this user any more, it
--      would have too many seats, the sale is not open, a seat is unknown, blocked or taken, or
--      another change of this reservation came in between: then nothing has changed.
--
-- Invariant: all of the seats or none. Locks in the order seats (each with its ticket),
-- reservation, and then the new seats, for which nobody waits (NOWAIT, as in hold.sql), so they
-- close no circle. A second execution of the key waits for the first at the seats it has
-- already. A key that was used before breaks operations_pkey, which undoes everything.

WITH performance AS (
    SELECT p.id, p.venue_id, p.time_zone
    FROM performances p
    WHERE p.id = %(performance)s AND p.cancelled_at IS NULL
      AND p.sale_opens <= now() AND p.sale_closes > now()
),
own AS MATERIALIZED (
    SELECT s.seat_no, r.price_type
    FROM performance_seats s
    JOIN reservation_seats r
      ON r.performance_id = %(performance)s AND r.reservation_id = %(reservation)s
     AND r.seat_no = s.seat_no
    WHERE s.performance_id = %(performance)s
      AND s.reservation_id = %(reservation)s AND s.status = 'held'
    ORDER BY s.seat_no
    FOR UPDATE OF s, r  -- a type that was changed while the seat was waited for is read anew
),
growing AS MATERIALIZED (
    SELECT r.held_until, r.seat_count, r.total
    FROM reservations r
    WHERE r.performance_id = %(performance)s AND r.id = %(reservation)s
      AND r.user_id = %(user)s AND r.state = 'held' AND r.held_until > now()
      AND r.seat_count = (SELECT count(*) FROM own)
      AND r.seat_count + cardinality(%(labels)s::text[]) <= %(seats_max)s
    FOR UPDATE
),
wanted AS (
    SELECT s.seat_no, price.amount
    FROM performance p
    JOIN venue_seats v ON v.venue_id = p.venue_id AND v.label = ANY (%(labels)s::text[])
    JOIN performance_seats s ON s.performance_id = %(performance)s AND s.seat_no = v.seat_no
    JOIN prices price ON price.performance_id = %(performance)s
                     AND price.category_no = s.category_no
),
locked AS (
    SELECT s.seat_no, s.reservation_id AS former
    FROM performance_seats s
    WHERE s.performance_id = %(performance)s
      AND s.seat_no = ANY (ARRAY(SELECT seat_no FROM wanted))
      AND (s.status = 'free' OR (s.status = 'held' AND s.held_until <= now()))
      AND EXISTS (SELECT FROM growing)
    ORDER BY s.seat_no
    FOR UPDATE NOWAIT
),
added AS (
    SELECT count(*)::integer AS seat_count, sum(w.amount)::bigint AS total
    FROM locked JOIN wanted w USING (seat_no)
),
grown AS (
    UPDATE reservations r
    SET seat_count = r.seat_count + added.seat_count, total = r.total + added.total
    FROM added, growing
    WHERE r.performance_id = %(performance)s AND r.id = %(reservation)s
      AND added.seat_count = cardinality(%(labels)s::text[])
    RETURNING r.total, r.currency, r.held_until, r.hold_name, r.hold_note
),
let_go AS (
    UPDATE reservation_seats r SET live = false
    FROM locked l, grown
    WHERE r.performance_id = %(performance)s AND r.reservation_id = l.former
      AND r.seat_no = l.seat_no AND r.live
    RETURNING r.seat_no
),
seats AS (
    INSERT INTO reservation_seats (performance_id, reservation_id, seat_no, price)
    SELECT %(performance)s, %(reservation)s, w.seat_no, w.amount
    FROM grown, wanted w
    WHERE (SELECT count(*) FROM let_go) >= 0  -- the former owner lets go first
),
held AS (
    UPDATE performance_seats s
    SET status = 'held', reservation_id = %(reservation)s, held_until = grown.held_until,
        version = version + 1
    FROM locked l, grown
    WHERE s.performance_id = %(performance)s AND s.seat_no = l.seat_no
),
answer AS (
    SELECT jsonb_build_object(
               'reservation', %(reference)s::text,
               'performance', %(performance)s::bigint,
               'seats', (SELECT array_agg(v.label ORDER BY v.seat_no)
                         FROM venue_seats v
                         WHERE v.venue_id = p.venue_id AND v.seat_no IN (
                             SELECT seat_no FROM own UNION ALL SELECT seat_no FROM wanted)),
               'types', (SELECT array_agg(t.price_type ORDER BY t.seat_no)
                         FROM (SELECT own.seat_no, own.price_type FROM own
                               UNION ALL SELECT seat_no, 'adult' FROM wanted) t),
               'total', jsonb_build_object('amount', grown.total, 'currency', grown.currency),
               'state', 'held',
               'held_until', grown.held_until,
               'payment', %(payment_reference)s::text,
               'hold_name', grown.hold_name,
               'hold_note', grown.hold_note,
               'time_zone', p.time_zone) AS result
    FROM grown, performance p
),
audited AS (
    INSERT INTO audit (action, principal, terminal, user_id, operation_key, detail, before)
    SELECT 'add seats', %(staff)s::text, %(terminal)s::text, %(user)s, %(key)s, a.result,
           jsonb_build_object('seat_count', g.seat_count, 'total', g.total)
    FROM answer a, growing g
)
INSERT INTO operations (key, command, request, user_id, result)
SELECT %(key)s, 'add seats', %(request)s, %(user)s, a.result FROM answer a
RETURNING result
