-- Hold seats: the race for a seat is decided here.
--
-- in:  performance, concert (the token's, or null), labels text[], types text[] (a price type
--      a label; null: all ordinary), reservation (60 random bits), user, hold_seconds, key,
--      request, reference, payment_reference, staff (principal or null), terminal
-- out: one row (outcome, labels known, labels not free, result, request): outcome is 'held' (but
--      without a result the same key was being executed, and is done now: read it), 'done'
--      (before: the key's result stands in `result`), 'abandoned' (the key is settled), or the
--      code of a refusal, and then nothing has changed.
--
-- Invariant: all of the seats or none. The key is inserted before any seat is touched, so a
-- second execution of it waits for the first. Seats that are plainly taken are refused without
-- writing. Nobody waits for a seat: a seat that is locked ends the statement at once, and with
-- it the locks it had taken itself, for which others might be refused in vain. Seats changed
-- between looking and locking make a reservation of 0 seats, which reservations_has_seats
-- refuses. Either way the whole statement with its key is undone. A hold that has ended is
-- free, and its former reservation lets go of it here.

WITH sale AS (
    SELECT p.id, p.venue_id, p.time_zone, c.currency,
           now() + make_interval(secs => %(hold_seconds)s) AS held_until,
           CASE
               WHEN p.concert_id <> %(concert)s::bigint THEN 'not_admitted'
               WHEN p.cancelled_at IS NOT NULL OR p.sale_closes <= now() THEN 'sale_closed'
               WHEN p.sale_opens > now() THEN 'sale_not_open'
           END AS refusal
    FROM performances p
    JOIN concerts c ON c.id = p.concert_id
    WHERE p.id = %(performance)s
),
wanted AS (
    SELECT v.label, s.seat_no, s.status, w.price_type,
           CASE WHEN w.price_type <> 'adult' THEN (
               SELECT t.amount FROM type_prices t
               WHERE t.performance_id = %(performance)s AND t.category_no = s.category_no
                 AND t.price_type = w.price_type) ELSE o.amount END AS amount,
           s.status = 'free' OR (s.status = 'held' AND s.held_until <= now()) AS free
    FROM sale p
    JOIN venue_seats v ON v.venue_id = p.venue_id AND v.label = ANY (%(labels)s::text[])
    JOIN performance_seats s ON s.performance_id = %(performance)s AND s.seat_no = v.seat_no
    JOIN prices o ON o.performance_id = %(performance)s AND o.category_no = s.category_no
    CROSS JOIN LATERAL (
        SELECT (%(types)s::text[])[array_position(%(labels)s::text[], v.label)] AS price_type) w
),
known AS (
    SELECT request, result, state FROM operations WHERE key = %(key)s
),
judged AS (
    SELECT count(*)::integer AS seat_count,
           sum(amount)::bigint AS total,
           array_agg(label ORDER BY seat_no) AS labels,
           array_agg(label ORDER BY seat_no) FILTER (WHERE NOT free) AS unfree,
           array_agg(price_type ORDER BY seat_no) FILTER (WHERE price_type > '') AS types,
           coalesce((SELECT state FROM known), (SELECT refusal FROM sale), CASE
               WHEN NOT EXISTS (SELECT FROM sale) THEN 'performance_not_found'
               WHEN count(*) < cardinality(%(labels)s::text[]) THEN 'seat_not_found'
               WHEN count(amount) < count(*) THEN 'price_type_not_found'
               WHEN bool_or(status = 'blocked') THEN 'seat_blocked'
               WHEN NOT bool_and(free) THEN 'seat_taken'
               ELSE 'held'
           END) AS outcome
    FROM wanted
),
operation AS (
    INSERT INTO operations (key, command, request, user_id, result)
    SELECT %(key)s, 'reserve', %(request)s, %(user)s,
           jsonb_build_object(
               'reservation', %(reference)s::text,
               'performance', p.id,
               'seats', j.labels,
               'types', j.types,
               'total', jsonb_build_object('amount', j.total, 'currency', p.currency),
               'state', 'held',
               'held_until', p.held_until,
               'payment', %(payment_reference)s::text,
               'time_zone', p.time_zone)
    FROM judged j, sale p
    WHERE j.outcome = 'held'
    ON CONFLICT (key) DO NOTHING
    RETURNING result
),
locked AS (
    SELECT s.seat_no, s.reservation_id AS former
    FROM performance_seats s
    WHERE s.performance_id = %(performance)s
      AND s.seat_no = ANY (ARRAY(SELECT seat_no FROM wanted))
      AND (s.status = 'free' OR s.held_until <= now())  -- only holds have an end
      AND EXISTS (SELECT FROM operation)
    ORDER BY s.seat_no
    FOR UPDATE NOWAIT
),
made AS (
    INSERT INTO reservations
        (performance_id, id, user_id, state, seat_count, total, currency, held_until)
    SELECT p.id, %(reservation)s, %(user)s, 'held',
           CASE (SELECT count(*) FROM locked) WHEN j.seat_count THEN j.seat_count ELSE 0 END,
           j.total, p.currency, p.held_until
    FROM judged j, sale p, operation
    RETURNING id, held_until
),
let_go AS (
    UPDATE reservation_seats r SET live = false
    FROM locked l
    WHERE r.performance_id = %(performance)s AND r.reservation_id = l.former
      AND r.seat_no = l.seat_no AND r.live
    RETURNING r.seat_no
),
seats AS (
    INSERT INTO reservation_seats (performance_id, reservation_id, seat_no, price, price_type)
    SELECT %(performance)s, r.id, w.seat_no, w.amount, coalesce(w.price_type, 'adult')
    FROM made r, wanted w
    WHERE (SELECT count(*) FROM let_go) >= 0  -- the former owner lets go first
),
held AS (
    UPDATE performance_seats s
    SET status = 'held', reservation_id = r.id, held_until = r.held_until, version = version + 1
    FROM locked l, made r
    WHERE s.performance_id = %(performance)s AND s.seat_no = l.seat_no
),
payment AS (
    INSERT INTO payments (performance_id, reservation_id, state)
    SELECT %(performance)s, id, 'waiting' FROM made
),
audited AS (
    INSERT INTO audit (action, principal, terminal, user_id, operation_key, detail)
    SELECT 'reserve', %(staff)s::text, %(terminal)s, %(user)s, %(key)s, operation.result
    FROM operation, made
    WHERE %(staff)s IS NOT NULL
)
SELECT j.outcome, j.labels, j.unfree, coalesce(operation.result, known.result), known.request
FROM judged j LEFT JOIN operation ON true LEFT JOIN known ON true
