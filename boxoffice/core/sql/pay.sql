-- Pay a held reservation: from its owner's balance, or with what is handed over at a counter.
--
-- in:  performance, reservation, user, concert (the token's, or null), tender, received (cash,
--      or null), note (or null), total (what was agreed, or null), key, request, reference,
--      payment_reference, event, staff (principal or null), terminal
-- out: one row (result), or none when the reservation is not held by this user or not for this
--      concert, its hold has ended, the performance is cancelled, its seats were changed in
--      between, it has no balance or the cash does not cover it: then nothing has changed.
--
-- Invariant: locks in the order seats, reservation, account. A payment whose statement began
-- before the hold's end and that still found its own reservation on every seat is honoured.
-- A payment whose statement began after a cancellation was committed is refused, so a hold that
-- no cancellation could see yet is never paid (docs/adr/0023-cancelling-a-performance.md).
-- A balance that does not cover the price breaks accounts_balance_not_negative, and a key that
-- was used before breaks operations_pkey: either undoes everything.

WITH seats AS MATERIALIZED (
    SELECT s.seat_no
    FROM performance_seats s
    WHERE s.performance_id = %(performance)s
      AND s.seat_no = ANY (ARRAY(
          SELECT r.seat_no FROM reservation_seats r
          WHERE r.performance_id = %(performance)s AND r.reservation_id = %(reservation)s))
      AND s.reservation_id = %(reservation)s
      AND s.status = 'held'
    ORDER BY s.seat_no
    FOR UPDATE
),
claimed AS (
    UPDATE reservations r SET state = 'paid', paid_at = now()
    WHERE r.performance_id = %(performance)s AND r.id = %(reservation)s
      AND r.user_id = %(user)s AND r.state = 'held' AND r.held_until > now()
      AND r.seat_count = (SELECT count(*) FROM seats)
      AND (%(concert)s::bigint IS NULL
           OR %(concert)s = (SELECT p.concert_id FROM performances p
                             WHERE p.id = %(performance)s))
      AND NOT EXISTS (SELECT FROM performances p
                      WHERE p.id = %(performance)s AND p.cancelled_at IS NOT NULL)
      AND (%(received)s::bigint IS NULL OR %(received)s >= r.total)
      AND (%(total)s::bigint IS NULL OR %(total)s = r.total)
      AND (r.total = 0 OR %(tender)s <> 'balance'
           OR EXISTS (SELECT FROM accounts a
                      WHERE a.user_id = %(user)s AND a.currency = r.currency
                        AND a.user_id <> 0))  -- a walk-in customer's is always empty
    RETURNING r.total, r.currency, r.paid_at
),
debited AS (
    -- An account is opened here only by whoever takes nothing from it: all others have one.
    INSERT INTO accounts AS a (user_id, currency, balance)
    SELECT %(user)s, c.currency, 0 FROM claimed c
    ON CONFLICT (user_id, currency)
        DO UPDATE SET balance = a.balance
            - (SELECT CASE %(tender)s WHEN 'balance' THEN total ELSE 0 END FROM claimed)
    RETURNING a.balance
),
sold AS (
    UPDATE performance_seats s SET status = 'sold', held_until = NULL, version = version + 1
    FROM seats, claimed
    WHERE s.performance_id = %(performance)s AND s.seat_no = seats.seat_no
),
payment AS (
    UPDATE payments p
    SET state = 'paid', settled_at = now(),
        tender = %(tender)s, received = %(received)s, note = %(note)s
    FROM claimed
    WHERE p.performance_id = %(performance)s AND p.reservation_id = %(reservation)s
),
entry AS (
    INSERT INTO ledger_entries (user_id, currency, type, house_account, amount, balance_after,
                                performance_id, reservation_id, operation_key, tender)
    SELECT %(user)s, c.currency, 'use', 'sales', c.total, d.balance,
           %(performance)s, %(reservation)s, %(key)s, %(tender)s
    FROM claimed c, debited d
),
answer AS (
    SELECT jsonb_build_object(
               'reservation', %(reference)s::text,
               'payment', %(payment_reference)s::text,
               'state', 'paid',
               'paid', jsonb_build_object('amount', c.total, 'currency', c.currency),
               'balance', jsonb_build_object('amount', d.balance, 'currency', c.currency),
               'seats', (SELECT array_agg(v.label ORDER BY v.seat_no)
                         FROM seats JOIN venue_seats v
                           ON v.venue_id = p.venue_id AND v.seat_no = seats.seat_no),
               'paid_at', c.paid_at,
               'tender', %(tender)s::text,
               'received', %(received)s::bigint,
               'time_zone', p.time_zone) AS result
    FROM claimed c, debited d, performances p
    WHERE p.id = %(performance)s
),
event AS (
    INSERT INTO outbox (performance_id, dedupe_key, type, payload)
    SELECT %(performance)s, %(event)s, 'reservation.paid',
           a.result || jsonb_build_object('user', %(user)s::bigint, 'performance', %(performance)s::bigint)
    FROM answer a
),
audited AS (
    INSERT INTO audit (action, principal, terminal, user_id, operation_key, detail, before)
    SELECT 'pay', %(staff)s::text, %(terminal)s::text, %(user)s, %(key)s, a.result,
           '{"state": "held"}'
    FROM answer a
    WHERE %(staff)s::text IS NOT NULL
)
INSERT INTO operations (key, command, request, user_id, result)
SELECT %(key)s, 'pay', %(request)s, %(user)s, a.result FROM answer a
RETURNING result
