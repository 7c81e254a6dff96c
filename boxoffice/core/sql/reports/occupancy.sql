-- How seats stand, by performance, section or category.
--
-- in:  by, performances (null: all)
-- out: one row a group: name, venue (of a section, otherwise null), seats, sold, held, blocked, free,
--      checked_in
--
-- Invariant: every seat in the scope is counted once, as one of sold, held, blocked and free. A
-- hold that has ended holds nothing. Sections of two venues are two, whatever they are called.

SELECT CASE %(by)s
           WHEN 'performance' THEN s.performance_id::text
           WHEN 'section' THEN o.name
           ELSE c.name
       END AS name,
       CASE %(by)s WHEN 'section' THEN h.name END AS venue,
       count(*) AS seats,
       count(*) FILTER (WHERE s.status = 'sold') AS sold,
       count(*) FILTER (WHERE s.status = 'held' AND s.held_until > now()) AS held,
       count(*) FILTER (WHERE s.status = 'blocked') AS blocked,
       count(*) FILTER (WHERE s.status = 'free' OR s.held_until <= now()) AS free,
       count(i.seat_no) AS checked_in
FROM performance_seats s
JOIN performances p ON p.id = s.performance_id
JOIN venue_seats v ON v.venue_id = p.venue_id AND v.seat_no = s.seat_no
JOIN seat_rows r ON r.venue_id = v.venue_id AND r.row_no = v.row_no
JOIN sections o ON o.venue_id = r.venue_id AND o.section_no = r.section_no
JOIN categories c ON c.venue_id = p.venue_id AND c.category_no = s.category_no
JOIN venues h ON h.id = p.venue_id
LEFT JOIN check_ins i
  ON i.performance_id = s.performance_id AND i.reservation_id = s.reservation_id
 AND i.seat_no = s.seat_no
WHERE %(performances)s::bigint[] IS NULL OR s.performance_id = ANY (%(performances)s)
GROUP BY 1, 2
