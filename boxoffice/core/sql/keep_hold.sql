-- Keep a hold: for longer, under a name, for another customer.
--
-- in:  performance, reservation, user, seconds (from now, or null), hold_name, hold_note (or
--      null: as it is), new_user (or null), key, request, reference, payment_reference, staff
--      (principal), terminal
-- out: one row (result), or none when the reservation is not held by this user any more or
--      another change of it came in between: then nothing has changed.
--
-- Invariant: a hold never gets shorter, and ends when the performance starts. Locks in the
-- order seats (each with its ticket), reservation. A key that was used before breaks operations_pkey, which undoes
-- everything.

WITH seats AS MATERIALIZED (
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
former AS MATERIALIZED (
    SELECT r.held_until, r.hold_name, r.hold_note
    FROM reservations r
    WHERE r.performance_id = %(performance)s AND r.id = %(reservation)s
      AND r.user_id = %(user)s AND r.state = 'held' AND r.held_until > now()
      AND r.seat_count = (SELECT count(*) FROM seats)
    FOR UPDATE
),
kept AS (
    UPDATE reservations r
    SET held_until = CASE
            WHEN %(seconds)s::double precision IS NULL THEN r.held_until
            ELSE greatest(r.held_until,
                          least(now() + make_interval(secs => %(seconds)s), p.starts_at))
        END,
        hold_name = coalesce(%(hold_name)s::text, r.hold_name),
        hold_note = coalesce(%(hold_note)s::text, r.hold_note),
        user_id = coalesce(%(new_user)s::bigint, r.user_id)
    FROM performances p, former
    WHERE p.id = %(performance)s
      AND r.performance_id = %(performance)s AND r.id = %(reservation)s
    RETURNING r.total, r.currency, r.held_until, r.hold_name, r.hold_note, r.user_id, p.time_zone,
              p.venue_id
),
held AS (
    UPDATE performance_seats s
    SET held_until = kept.held_until, version = version + 1
    FROM seats, kept
    WHERE s.performance_id = %(performance)s AND s.seat_no = seats.seat_no
      AND s.held_until <> kept.held_until
),
answer AS (
    SELECT jsonb_build_object(
               'reservation', %(reference)s::text,
               'performance', %(performance)s::bigint,
               'seats', (SELECT array_agg(v.label ORDER BY v.seat_no)
                         FROM seats JOIN venue_seats v
                           ON v.venue_id = kept.venue_id AND v.seat_no = seats.seat_no),
               'types', (SELECT array_agg(seats.price_type ORDER BY seats.seat_no)
                         FROM seats),
               'total', jsonb_build_object('amount', kept.total, 'currency', kept.currency),
               'state', 'held',
               'held_until', kept.held_until,
               'payment', %(payment_reference)s::text,
               'hold_name', kept.hold_name,
               'hold_note', kept.hold_note,
               'time_zone', kept.time_zone) AS result
    FROM kept
),
audited AS (
    INSERT INTO audit (action, principal, terminal, user_id, operation_key, detail, before)
    SELECT 'keep hold', %(staff)s::text, %(terminal)s::text, kept.user_id, %(key)s,
           a.result || jsonb_build_object('user', kept.user_id),
           to_jsonb(former) || jsonb_build_object('user', %(user)s::bigint)
    FROM answer a, kept, former
)
INSERT INTO operations (key, command, request, user_id, result)
SELECT %(key)s, 'keep hold', %(request)s, kept.user_id, a.result FROM answer a, kept
RETURNING result
