-- The seats of one performance with price and state.
--
-- in:  performance, concert (the token's, or null), section, category (names, or null),
--      everything (also those that are not free)
-- out: one row a seat: label, section, row, number, category, amount, currency, state.
--
-- Invariant: a hold that has ended reads as free.

SELECT v.label, section.name, seat_row.name, v.number, category.name, price.amount, c.currency,
       CASE WHEN s.status = 'held' AND s.held_until <= now() THEN 'free' ELSE s.status END
FROM performances p
JOIN concerts c ON c.id = p.concert_id
JOIN performance_seats s ON s.performance_id = p.id
JOIN venue_seats v ON v.venue_id = p.venue_id AND v.seat_no = s.seat_no
JOIN seat_rows seat_row ON seat_row.venue_id = p.venue_id AND seat_row.row_no = v.row_no
JOIN sections section
  ON section.venue_id = p.venue_id AND section.section_no = seat_row.section_no
JOIN categories category
  ON category.venue_id = p.venue_id AND category.category_no = s.category_no
JOIN prices price ON price.performance_id = p.id AND price.category_no = s.category_no
WHERE p.id = %(performance)s
  AND (%(section)s::text IS NULL OR section.name = %(section)s)
  AND (%(category)s::text IS NULL OR category.name = %(category)s)
  AND (%(everything)s OR s.status = 'free' OR (s.status = 'held' AND s.held_until <= now()))
ORDER BY v.seat_no
