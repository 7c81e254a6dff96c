-- Give blocked seats of a performance back to the sale.
--
-- in:  performance, labels text[] (or null), section, seat_row (names, or null), due (only what
--      was to be released by now)
-- out: one row a seat: label. A seat that is not blocked is left alone.
--
-- Invariant: seats are locked in ascending order; a block that was renewed while its seat was
-- waited for is judged as it is then.

WITH wanted AS MATERIALIZED (
    SELECT b.seat_no, v.label
    FROM seat_blocks b
    JOIN performances p ON p.id = b.performance_id
    JOIN venue_seats v ON v.venue_id = p.venue_id AND v.seat_no = b.seat_no
    JOIN seat_rows r ON r.venue_id = p.venue_id AND r.row_no = v.row_no
    JOIN sections n ON n.venue_id = p.venue_id AND n.section_no = r.section_no
    WHERE b.performance_id = %(performance)s
      AND (%(labels)s::text[] IS NULL OR v.label = ANY (%(labels)s))
      AND (%(section)s::text IS NULL OR n.name = %(section)s)
      AND (%(seat_row)s::text IS NULL OR r.name = %(seat_row)s)
      AND (NOT %(due)s OR b.release_at <= now())
),
locked AS MATERIALIZED (
    SELECT s.seat_no
    FROM performance_seats s
    WHERE s.performance_id = %(performance)s
      AND s.seat_no = ANY (ARRAY(SELECT seat_no FROM wanted))
      AND s.status = 'blocked'
    ORDER BY s.seat_no
    FOR UPDATE
),
ended AS (
    DELETE FROM seat_blocks b
    USING locked l
    WHERE b.performance_id = %(performance)s AND b.seat_no = l.seat_no
      AND (NOT %(due)s OR b.release_at <= now())
    RETURNING b.seat_no
),
freed AS (
    UPDATE performance_seats s SET status = 'free', version = version + 1
    FROM ended e
    WHERE s.performance_id = %(performance)s AND s.seat_no = e.seat_no
)
SELECT w.label FROM ended e JOIN wanted w USING (seat_no) ORDER BY w.seat_no
