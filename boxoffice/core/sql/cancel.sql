-- Cancel a reservation: release what is held, refund what is paid, the way it was paid.
--
-- in:  performance, reservation, user, key, request, reference, event, staff (principal or
--      null), terminal
-- out: one row (result), or none when there is nothing of this user to cancel (unknown,
--      cancelled already, hold ended, or without staff: performance begun, somebody came in
--      with it, or not paid from the balance) or its seats were changed in between: then nothing has changed.
--
-- Invariant: locks in the order seats, reservation, account; the state and the tender that
-- decide about a refund are read under the lock. A second refund breaks ledger_entries_one_refund, a key that
-- was used before operations_pkey: either undoes everything.

WITH seats AS MATERIALIZED (
    SELECT s.seat_no
    FROM performance_seats s
    WHERE s.performance_id = %(performance)s
      AND s.seat_no = ANY (ARRAY(
          SELECT r.seat_no FROM reservation_seats r
          WHERE r.performance_id = %(performance)s AND r.reservation_id = %(reservation)s))
      AND s.reservation_id = %(reservation)s
    ORDER BY s.seat_no
    FOR UPDATE
),
owned AS MATERIALIZED (
    SELECT r.state, r.total, r.currency, paid.tender
    FROM reservations r
    JOIN performances p ON p.id = r.performance_id
    JOIN payments paid ON paid.performance_id = r.performance_id AND paid.reservation_id = r.id
    WHERE r.performance_id = %(performance)s AND r.id = %(reservation)s
      AND r.user_id = %(user)s
      AND ((r.state = 'held' AND r.held_until > now())
           OR (r.state = 'paid' AND (%(staff)s::text IS NOT NULL
                                     OR (p.starts_at > now() AND paid.tender = 'balance'
                                         AND r.checked_in_at IS NULL))))
      AND r.seat_count = (SELECT count(*) FROM seats)  -- which are locked first
    FOR UPDATE OF r, paid
),
cancelled AS (
    UPDATE reservations r SET state = 'cancelled', cancelled_at = now()
    FROM owned
    WHERE r.performance_id = %(performance)s AND r.id = %(reservation)s
    RETURNING r.cancelled_at
),
freed AS (
    UPDATE performance_seats s
    SET status = 'free', reservation_id = NULL, held_until = NULL, version = version + 1
    FROM seats, owned
    WHERE s.performance_id = %(performance)s AND s.seat_no = seats.seat_no
),
let_go AS (
    UPDATE reservation_seats r SET live = false
    FROM owned
    WHERE r.performance_id = %(performance)s AND r.reservation_id = %(reservation)s AND r.live
),
payment AS (
    UPDATE payments p
    SET state = CASE owned.state WHEN 'paid' THEN 'refunded' ELSE 'cancelled' END,
        settled_at = now()
    FROM owned
    WHERE p.performance_id = %(performance)s AND p.reservation_id = %(reservation)s
),
credited AS (
    -- There is an account, but perhaps only since the payment that was waited for.
    INSERT INTO accounts AS a (user_id, currency, balance)
    SELECT %(user)s, currency, 0 FROM owned WHERE state = 'paid'
    ON CONFLICT (user_id, currency)
        DO UPDATE SET balance = a.balance
            + (SELECT CASE tender WHEN 'balance' THEN total ELSE 0 END FROM owned)
    RETURNING a.balance
),
entry AS (
    INSERT INTO ledger_entries (user_id, currency, type, house_account, amount, balance_after,
                                performance_id, reservation_id, operation_key, tender)
    SELECT %(user)s, owned.currency, 'refund', 'sales', owned.total, credited.balance,
           %(performance)s, %(reservation)s, %(key)s, owned.tender
    FROM owned, credited
),
answer AS (
    SELECT jsonb_build_object(
               'reservation', %(reference)s::text,
               'state', 'cancelled',
               'tender', owned.tender,
               'refund', jsonb_build_object(
                   'amount', CASE owned.state WHEN 'paid' THEN owned.total ELSE 0 END,
                   'currency', owned.currency),
               'balance', jsonb_build_object(
                   'amount', coalesce(
                       (SELECT balance FROM credited),
                       (SELECT a.balance FROM accounts a
                        WHERE a.user_id = %(user)s AND a.currency = owned.currency),
                       0),
                   'currency', owned.currency)) AS result,
           owned.state AS former
    FROM owned, cancelled
),
event AS (
    INSERT INTO outbox (performance_id, dedupe_key, type, payload)
    SELECT %(performance)s, %(event)s, 'reservation.refunded',
           a.result || jsonb_build_object('user', %(user)s::bigint, 'performance', %(performance)s::bigint)
    FROM answer a
    WHERE a.former = 'paid'
),
audited AS (
    INSERT INTO audit (action, principal, terminal, user_id, operation_key, detail, before)
    SELECT 'cancel', %(staff)s::text, %(terminal)s::text, %(user)s, %(key)s, a.result,
           jsonb_build_object('state', a.former)
    FROM answer a
    WHERE %(staff)s::text IS NOT NULL
)
INSERT INTO operations (key, command, request, user_id, result)
SELECT %(key)s, 'cancel', %(request)s, %(user)s, a.result FROM answer a
RETURNING result
