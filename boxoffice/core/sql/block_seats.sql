-- Block seats of a performance: for the house, for technicians, for companions.
--
-- in:  performance, labels text[] (or null), section, seat_row (names, or null), kind,
--      release_at (or null), note (or null)
-- out: one row: seats (labels blocked now), unfree (labels that are held or sold). Whoever finds
--      any unfree has changed nothing and ends the transaction.
--
-- Invariant: all of the seats or none. Seats are locked in ascending order and waited for, so
-- that one of a block and a hold wins; holds wait for nobody. What is blocked already is blocked
-- as is said now. A hold that has ended is free, and its former reservation lets go of it here.

WITH wanted AS MATERIALIZED (
    SELECT s.seat_no, v.label
    FROM performances p
    JOIN venue_seats v ON v.venue_id = p.venue_id
    JOIN seat_rows r ON r.venue_id = p.venue_id AND r.row_no = v.row_no
    JOIN sections n ON n.venue_id = p.venue_id AND n.section_no = r.section_no
    JOIN performance_seats s ON s.performance_id = p.id AND s.seat_no = v.seat_no
    WHERE p.id = %(performance)s
      AND (%(labels)s::text[] IS NULL OR v.label = ANY (%(labels)s))
      AND (%(section)s::text IS NULL OR n.name = %(section)s)
      AND (%(seat_row)s::text IS NULL OR r.name = %(seat_row)s)
),
locked AS MATERIALIZED (
    SELECT s.seat_no, s.reservation_id AS former
    FROM performance_seats s
    WHERE s.performance_id = %(performance)s
      AND s.seat_no = ANY (ARRAY(SELECT seat_no FROM wanted))
      AND (s.status IN ('free', 'blocked') OR s.held_until <= now())  -- only holds have an end
    ORDER BY s.seat_no
    FOR UPDATE
),
complete AS (
    SELECT l.seat_no, l.former
    FROM locked l
    WHERE (SELECT count(*) FROM locked) = (SELECT count(*) FROM wanted)
),
let_go AS (
    UPDATE reservation_seats r SET live = false
    FROM complete c
    WHERE r.performance_id = %(performance)s AND r.reservation_id = c.former
      AND r.seat_no = c.seat_no AND r.live
),
blocked AS (
    UPDATE performance_seats s
    SET status = 'blocked', reservation_id = NULL, held_until = NULL, version = version + 1
    FROM complete c
    WHERE s.performance_id = %(performance)s AND s.seat_no = c.seat_no
),
noted AS (
    INSERT INTO seat_blocks AS b (performance_id, seat_no, kind, release_at, note)
    SELECT %(performance)s, c.seat_no, %(kind)s, %(release_at)s::timestamptz, %(note)s::text
    FROM complete c
    ON CONFLICT (performance_id, seat_no) DO UPDATE
        SET kind = excluded.kind, release_at = excluded.release_at, note = excluded.note,
            created_at = now()
)
SELECT (SELECT coalesce(array_agg(w.label ORDER BY w.seat_no), '{}')
        FROM complete c JOIN wanted w USING (seat_no)) AS seats,
       (SELECT coalesce(array_agg(w.label ORDER BY w.seat_no), '{}')
        FROM wanted w
        WHERE NOT EXISTS (SELECT FROM locked l WHERE l.seat_no = w.seat_no)) AS unfree
