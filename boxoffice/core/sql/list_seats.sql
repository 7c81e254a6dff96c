-- The seats of one performance with price and state, packed.
--
-- in:  performance, section, category (names, or null), everything (also those that are not free)
-- out: one row, or none without such a performance: currency; names by number of sections,
--      rows and categories; row_sections and prices by number; and of the seats listed, in the
--      order of the plan, labels and numbers (joined by 0x1f, which no text of ours has), row_nos
--      and category_nos (four bytes a seat in network order), states (a letter a seat: f, h, s,
--      b); null where none is listed.
--
-- Invariant: a hold that has ended reads as free.

WITH performance AS MATERIALIZED (
    SELECT p.id, p.venue_id, c.currency,
           CASE WHEN %(section)s::text IS NOT NULL THEN
               ARRAY(SELECT r.row_no FROM sections s
                     JOIN seat_rows r USING (venue_id, section_no)
                     WHERE s.venue_id = p.venue_id AND s.name = %(section)s)
           END AS row_nos,
           CASE WHEN %(category)s::text IS NOT NULL THEN
               ARRAY(SELECT g.category_no FROM categories g
                     WHERE g.venue_id = p.venue_id AND g.name = %(category)s)
           END AS category_nos
    FROM performances p
    JOIN concerts c ON c.id = p.concert_id
    WHERE p.id = %(performance)s
)
SELECT p.currency,
       ARRAY(SELECT name FROM sections s
             WHERE s.venue_id = p.venue_id ORDER BY section_no) AS sections,
       ARRAY(SELECT name FROM seat_rows r
             WHERE r.venue_id = p.venue_id ORDER BY row_no) AS rows,
       ARRAY(SELECT section_no FROM seat_rows r
             WHERE r.venue_id = p.venue_id ORDER BY row_no) AS row_sections,
       ARRAY(SELECT name FROM categories g
             WHERE g.venue_id = p.venue_id ORDER BY category_no) AS categories,
       ARRAY(SELECT price.amount
             FROM categories g
             LEFT JOIN prices price
               ON price.performance_id = p.id AND price.category_no = g.category_no
             WHERE g.venue_id = p.venue_id ORDER BY g.category_no) AS prices,
       seats.*
FROM performance p
CROSS JOIN LATERAL (
    SELECT string_agg(s.label, E'\x1f') AS labels, string_agg(s.number, E'\x1f') AS numbers,
           string_agg(int4send(s.row_no), '') AS row_nos,
           string_agg(int4send(s.category_no), '') AS category_nos,
           string_agg(s.state, '') AS states
    FROM (
        SELECT v.label, v.number, v.row_no, s.category_no,
               CASE WHEN s.status = 'held' AND s.held_until <= now() THEN 'f'
                    ELSE left(s.status, 1) END AS state
        FROM performance_seats s
        JOIN venue_seats v ON v.venue_id = p.venue_id AND v.seat_no = s.seat_no
        WHERE s.performance_id = p.id
          AND (p.row_nos IS NULL OR v.row_no = ANY (p.row_nos))
          AND (p.category_nos IS NULL OR s.category_no = ANY (p.category_nos))
          AND (%(everything)s OR s.status = 'free'
               OR (s.status = 'held' AND s.held_until <= now()))
        ORDER BY s.seat_no
    ) s
) seats
