-- A performance and its hall, packed: what a seat map needs before it asks how the seats stand.
--
-- in:  performance
-- out: one row, or none: the performance, and arrays by section, row, category and seat in the
--      order of their numbers; attributes is a byte a seat (1 wheelchair + 2 companion +
--      4 obstructed); zones as the plan drew them, for their areas.
--
-- Invariant: nothing here changes with a sale.

SELECT p.id, p.concert_id, c.name AS concert_name, venue.name AS venue, p.starts_at, p.time_zone,
       p.sale_opens, p.sale_closes, c.currency, venue.focal_x, venue.focal_y,
       ARRAY(SELECT name FROM sections s
             WHERE s.venue_id = p.venue_id ORDER BY section_no) AS sections,
       ARRAY(SELECT name FROM seat_rows r
             WHERE r.venue_id = p.venue_id ORDER BY row_no) AS rows,
       ARRAY(SELECT section_no FROM seat_rows r
             WHERE r.venue_id = p.venue_id ORDER BY row_no) AS row_sections,
       ARRAY(SELECT name FROM categories g
             WHERE g.venue_id = p.venue_id ORDER BY category_no) AS categories,
       ARRAY(SELECT coalesce(price.amount, 0)
             FROM categories g
             LEFT JOIN prices price
               ON price.performance_id = p.id AND price.category_no = g.category_no
             WHERE g.venue_id = p.venue_id ORDER BY g.category_no) AS prices,
       coalesce(venue.drawing -> 'zones', '[]') AS zones,
       seats.*
FROM performances p
JOIN concerts c ON c.id = p.concert_id
JOIN venues venue ON venue.id = p.venue_id
CROSS JOIN LATERAL (
    SELECT array_agg(v.label) AS labels, array_agg(v.number) AS numbers,
           array_agg(v.row_no) AS seat_rows, array_agg(v.category_no) AS seat_categories,
           array_agg(v.x) AS xs, array_agg(v.y) AS ys,
           string_agg(set_byte('\x00', 0, v.wheelchair::integer + 2 * v.companion::integer
                                          + 4 * v.obstructed::integer), '') AS attributes
    FROM (SELECT * FROM venue_seats WHERE venue_id = p.venue_id ORDER BY seat_no) v
) seats
WHERE p.id = %(performance)s
