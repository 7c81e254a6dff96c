-- Tidy the holds of one performance that have ended. Their seats were free already; this only
-- brings the rows in line.
--
-- in:  performance, holds_max
-- out: one row an expired reservation (id).
--
-- Invariant: a payment or a new hold at work on a seat is left alone: its seats are locked, so
-- its reservation is not expired now. Nor is one that grew since this statement looked: what it
-- took would be freed without its ticket, or kept without its reservation. A reservation that
-- lost every seat can only expire.

WITH ended AS MATERIALIZED (
    SELECT r.id, r.seat_count
    FROM reservations r
    WHERE r.performance_id = %(performance)s AND r.state = 'held' AND r.held_until <= now()
    ORDER BY r.held_until
    LIMIT %(holds_max)s
),
claimed_seats AS MATERIALIZED (
    SELECT s.seat_no, s.reservation_id
    FROM ended e
    JOIN reservation_seats rs
      ON rs.performance_id = %(performance)s AND rs.reservation_id = e.id
    JOIN performance_seats s
      ON s.performance_id = %(performance)s AND s.seat_no = rs.seat_no
     AND s.reservation_id = e.id
),
locked AS MATERIALIZED (
    SELECT s.seat_no, s.reservation_id
    FROM performance_seats s
    WHERE s.performance_id = %(performance)s
      AND s.seat_no = ANY (ARRAY(SELECT seat_no FROM claimed_seats))
      AND s.status = 'held' AND s.held_until <= now()
    ORDER BY s.seat_no
    FOR UPDATE SKIP LOCKED
),
-- What is not locked as it was claimed. Sets are subtracted, not joined: with no index on either
-- side, a plan made in the dark may compare each seat with each.
missed AS MATERIALIZED (
    SELECT reservation_id, seat_no FROM claimed_seats
    EXCEPT
    SELECT reservation_id, seat_no FROM locked
),
expired AS (
    UPDATE reservations r SET state = 'expired'
    FROM ended e
    WHERE r.performance_id = %(performance)s AND r.id = e.id AND r.state = 'held'
      AND r.seat_count = e.seat_count
      AND e.id NOT IN (SELECT reservation_id FROM missed)
    RETURNING r.id
),
freed AS (
    UPDATE performance_seats s
    SET status = 'free', reservation_id = NULL, held_until = NULL, version = version + 1
    FROM locked l
    WHERE s.performance_id = %(performance)s AND s.seat_no = l.seat_no
      AND (l.reservation_id IN (SELECT id FROM expired)) IS TRUE  -- looked up, not joined
),
let_go AS (
    UPDATE reservation_seats rs SET live = false
    FROM expired e
    WHERE rs.performance_id = %(performance)s AND rs.reservation_id = e.id AND rs.live
),
payment AS (
    UPDATE payments p SET state = 'cancelled', settled_at = now()
    FROM expired e
    WHERE p.performance_id = %(performance)s AND p.reservation_id = e.id
)
SELECT id FROM expired
