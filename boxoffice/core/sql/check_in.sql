-- Check a ticket in: a seat of a paid reservation, once.
--
-- in:  performance, reservation, seat_no, at (when a door without network did it, or null), gate
--      (or null), key, request, staff (principal), terminal
-- out: one row (result), or none when the reservation is not paid, the seat is not its live one,
--      or was checked in before: then nothing has changed.
--
-- Invariant: the reservation's lock decides against a cancel, the primary key of check_ins
-- between gates: the second one waits for the first and then writes nothing, its key neither.

WITH claimed AS (
    UPDATE reservations r SET checked_in_at = coalesce(r.checked_in_at, now())
    WHERE r.performance_id = %(performance)s AND r.id = %(reservation)s AND r.state = 'paid'
      AND EXISTS (SELECT FROM reservation_seats s
                  WHERE s.performance_id = %(performance)s AND s.reservation_id = %(reservation)s
                    AND s.seat_no = %(seat_no)s AND s.live)
      AND NOT EXISTS (SELECT FROM check_ins c
                      WHERE c.performance_id = %(performance)s
                        AND c.reservation_id = %(reservation)s AND c.seat_no = %(seat_no)s)
    RETURNING r.id, r.user_id
),
came AS (
    INSERT INTO check_ins (performance_id, reservation_id, seat_no, checked_in_at, gate,
                           principal, operation_key)
    SELECT %(performance)s, claimed.id, %(seat_no)s,
           least(coalesce(%(at)s::timestamptz, now()), now()), %(gate)s::text, %(staff)s::text,
           %(key)s
    FROM claimed
    ON CONFLICT (performance_id, reservation_id, seat_no) DO NOTHING
    RETURNING checked_in_at, gate
),
answer AS (
    SELECT claimed.user_id,
           jsonb_build_object(
               'performance', p.id,
               'reservation', %(reference)s::text,
               'seat', v.label,
               'section', section.name,
               'row', seat_row.name,
               'price_type', s.price_type,
               'checked_in_at', came.checked_in_at,
               'gate', came.gate,
               'time_zone', p.time_zone) AS result
    FROM came, claimed
    JOIN performances p ON p.id = %(performance)s
    JOIN reservation_seats s
      ON s.performance_id = p.id AND s.reservation_id = claimed.id AND s.seat_no = %(seat_no)s
    JOIN venue_seats v ON v.venue_id = p.venue_id AND v.seat_no = s.seat_no
    JOIN seat_rows seat_row ON seat_row.venue_id = v.venue_id AND seat_row.row_no = v.row_no
    JOIN sections section
      ON section.venue_id = v.venue_id AND section.section_no = seat_row.section_no
),
audited AS (
    INSERT INTO audit (action, principal, terminal, user_id, operation_key, detail)
    SELECT 'ticket check-in', %(staff)s::text, %(terminal)s::text, a.user_id, %(key)s, a.result
    FROM answer a
)
INSERT INTO operations (key, command, request, user_id, result)
SELECT %(key)s, 'ticket check-in', %(request)s, a.user_id, a.result FROM answer a
RETURNING result
