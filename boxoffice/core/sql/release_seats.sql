-- Release some of the seats of a reservation that is held; giving up all of them is a cancel.
--
-- in:  performance, reservation, user, labels text[], key, request, reference,
--      payment_reference, staff (principal), terminal
-- out: one row (result), or none when the reservation is not held by this user any more, a seat
--      is not one of its seats, none would be left, or another change of this reservation came
--      in between: then nothing has changed.
--
-- Invariant: locks in the order seats (each with its ticket), reservation. A key that was used before breaks
-- operations_pkey, which undoes everything.

WITH own AS MATERIALIZED (
    SELECT s.seat_no, r.price, r.price_type
    FROM performance_seats s
    JOIN reservation_seats r
      ON r.performance_id = %(performance)s AND r.reservation_id = %(reservation)s
     AND r.seat_no = s.seat_no
    WHERE s.performance_id = %(performance)s
      AND s.reservation_id = %(reservation)s AND s.status = 'held'
    ORDER BY s.seat_no
    FOR UPDATE OF s, r  -- a price that was changed while the seat was waited for is read anew
),
going AS MATERIALIZED (
    SELECT own.seat_no, own.price
    FROM own
    JOIN performances p ON p.id = %(performance)s
    JOIN venue_seats v ON v.venue_id = p.venue_id AND v.seat_no = own.seat_no
     AND v.label = ANY (%(labels)s::text[])
),
released AS (
    SELECT count(*)::integer AS seat_count, sum(price)::bigint AS total FROM going
),
shrunk AS (
    UPDATE reservations r
    SET seat_count = r.seat_count - released.seat_count, total = r.total - released.total
    FROM released
    WHERE r.performance_id = %(performance)s AND r.id = %(reservation)s
      AND r.user_id = %(user)s AND r.state = 'held' AND r.held_until > now()
      AND r.seat_count = (SELECT count(*) FROM own)
      AND released.seat_count = cardinality(%(labels)s::text[])
      AND r.seat_count > released.seat_count
    RETURNING r.total, r.currency, r.held_until, r.hold_name, r.hold_note
),
gone AS (
    DELETE FROM reservation_seats r
    USING going, shrunk
    WHERE r.performance_id = %(performance)s AND r.reservation_id = %(reservation)s
      AND r.seat_no = going.seat_no
),
freed AS (
    UPDATE performance_seats s
    SET status = 'free', reservation_id = NULL, held_until = NULL, version = version + 1
    FROM going, shrunk
    WHERE s.performance_id = %(performance)s AND s.seat_no = going.seat_no
),
answer AS (
    SELECT jsonb_build_object(
               'reservation', %(reference)s::text,
               'performance', %(performance)s::bigint,
               'seats', (SELECT array_agg(v.label ORDER BY v.seat_no)
                         FROM own JOIN venue_seats v
                           ON v.venue_id = p.venue_id AND v.seat_no = own.seat_no
                         WHERE own.seat_no NOT IN (SELECT seat_no FROM going)),
               'types', (SELECT array_agg(own.price_type ORDER BY own.seat_no)
                         FROM own
                         WHERE own.seat_no NOT IN (SELECT seat_no FROM going)),
               'total', jsonb_build_object('amount', shrunk.total, 'currency', shrunk.currency),
               'state', 'held',
               'held_until', shrunk.held_until,
               'payment', %(payment_reference)s::text,
               'hold_name', shrunk.hold_name,
               'hold_note', shrunk.hold_note,
               'time_zone', p.time_zone) AS result
    FROM shrunk, performances p
    WHERE p.id = %(performance)s
),
audited AS (
    INSERT INTO audit (action, principal, terminal, user_id, operation_key, detail, before)
    SELECT 'release seats', %(staff)s::text, %(terminal)s::text, %(user)s, %(key)s, a.result,
           jsonb_build_object('seat_count', (SELECT count(*) FROM own),
                              'total', shrunk.total + released.total)
    FROM answer a, shrunk, released
)
INSERT INTO operations (key, command, request, user_id, result)
SELECT %(key)s, 'release seats', %(request)s, %(user)s, a.result FROM answer a
RETURNING result
