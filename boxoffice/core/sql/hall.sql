-- Where the seats of a performance's venue are, for choosing the best ones.
--
-- in:  performance, own (a reservation whose seats count as free, or null)
-- out: one row: focal_x, focal_y, section_names, category_names (by number), and arrays by
--      seat_no: sections, rows, xs, ys, categories (numbers), set_apart (a wheelchair place or
--      its companion), labels, free.
--
-- Invariant: a hold that has ended reads as free.

SELECT venue.focal_x, venue.focal_y,
       ARRAY(SELECT name FROM sections s
             WHERE s.venue_id = p.venue_id ORDER BY section_no) AS section_names,
       ARRAY(SELECT name FROM categories c
             WHERE c.venue_id = p.venue_id ORDER BY category_no) AS category_names,
       seats.*
FROM performances p
JOIN venues venue ON venue.id = p.venue_id
CROSS JOIN LATERAL (
    SELECT array_agg(r.section_no ORDER BY v.seat_no) AS sections,
           array_agg(v.row_no ORDER BY v.seat_no) AS rows,
           array_agg(v.x ORDER BY v.seat_no) AS xs,
           array_agg(v.y ORDER BY v.seat_no) AS ys,
           array_agg(s.category_no ORDER BY v.seat_no) AS categories,
           array_agg(v.wheelchair OR v.companion ORDER BY v.seat_no) AS set_apart,
           array_agg(v.label ORDER BY v.seat_no) AS labels,
           array_agg(s.status = 'free' OR (s.status = 'held' AND s.held_until <= now())
                     OR coalesce(s.reservation_id = %(own)s::bigint, false)
                     ORDER BY v.seat_no) AS free
    FROM venue_seats v
    JOIN seat_rows r ON r.venue_id = v.venue_id AND r.row_no = v.row_no
    JOIN performance_seats s ON s.performance_id = p.id AND s.seat_no = v.seat_no
    WHERE v.venue_id = p.venue_id
) seats
WHERE p.id = %(performance)s
