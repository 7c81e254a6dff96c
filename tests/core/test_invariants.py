"""The invariants themselves: each finds a violation that was put into the database."""

from __future__ import annotations

import psycopg
import pytest

from boxoffice.core.model import WALK_IN, Tender
from tests.conftest import PRICE, key, plain, staff
from tests.invariants import INVARIANTS, assert_consistent, violations

# Past the constraints and triggers, as no operation can go.
BARE = "SET LOCAL session_replication_role = replica"
NO_RESERVATION = "UPDATE performance_seats SET status = 'free', reservation_id = NULL,"

SEEDS = {
    "a taken seat has exactly one live ticket, of its own reservation": (
        "UPDATE reservation_seats SET live = false"
    ),
    "a live ticket has its seat": f"{NO_RESERVATION} held_until = NULL WHERE status <> 'free'",
    "a paid reservation has all its seats, sold": f"{NO_RESERVATION} held_until = NULL"
    " WHERE status = 'sold' AND seat_no = (SELECT min(seat_no) FROM performance_seats"
    " WHERE status = 'sold')",
    "a sold seat belongs to a paid reservation": (
        "UPDATE reservations SET state = 'cancelled', cancelled_at = now() WHERE state = 'paid'"
    ),
    "a held seat belongs to a held reservation with the same end": (
        "UPDATE performance_seats SET held_until = now() WHERE status = 'held'"
    ),
    "a hold that has not ended has all its seats": (
        f"{NO_RESERVATION} held_until = NULL WHERE status = 'held'"
    ),
    "the total of a reservation is the sum of its tickets": (
        "UPDATE reservation_seats SET price = price + 1"
    ),
    "a payment stands as its reservation does": (
        "UPDATE payments SET state = 'cancelled' WHERE state = 'paid'"
    ),
    "what was paid was debited once, and what was not paid never": (
        "DELETE FROM ledger_entries WHERE type = 'use'"
    ),
    "what was refunded was credited once, and nothing else": (
        "UPDATE payments SET state = 'refunded' WHERE state = 'paid'"
    ),
    "a ledger entry is of its payment's tender": (
        "UPDATE ledger_entries SET tender = 'card' WHERE tender = 'cash'"
    ),
    "cash that was received covers the price": "UPDATE payments SET received = received - 8",
    "only what was paid has another tender than the balance": (
        "UPDATE payments SET tender = 'cash', received = 1 WHERE state = 'waiting'"
    ),
    "what was not paid from a balance was taken and given back by staff, on the record": (
        "DELETE FROM audit WHERE action = 'pay'"
    ),
    "each tender took in what is paid with it now": (
        "UPDATE payments SET tender = 'balance', received = NULL WHERE tender = 'cash'"
    ),
    "an exchange gave back one reservation and paid another": (
        "UPDATE outbox SET dedupe_key = dedupe_key || '!' WHERE dedupe_key LIKE 'cancel:%'"
    ),
    "a ledger entry has its operation": "DELETE FROM operations WHERE command = 'charge'",
    "a payment or a refund has its event": "DELETE FROM outbox",
    "an event has its payment or refund": "UPDATE outbox SET dedupe_key = 'another ' || dedupe_key",
    "a balance is the sum of its ledger": (
        "UPDATE accounts SET balance = balance + 1 WHERE user_id > 0"
    ),
    "each ledger entry continues the balance of the one before": (
        "UPDATE ledger_entries SET balance_after = balance_after + 1 WHERE type = 'use'"
    ),
    "money is conserved: charges = balances + payments - refunds": (
        "UPDATE ledger_entries SET amount = amount - 1 WHERE type = 'use'"
    ),
    "the postings of the ledger sum to zero": (
        "CREATE OR REPLACE VIEW ledger_postings AS SELECT id AS entry_id, currency, created_at,"
        " 'user:' || user_id AS account, amount AS credit FROM ledger_entries"
    ),
    "an executed operation has a result": "UPDATE operations SET result = '{}'",
    "a performance has the seats of its plan": "DELETE FROM performance_seats WHERE seat_no = 49",
}


@pytest.fixture
def sold(world):
    """Two seats sold to one user after an exchange, one for cash, and one held by another."""
    one, walking = staff("user1"), staff(WALK_IN)
    world.office.charge(3 * PRICE, "user1", key=key())
    paid = world.office.reserve(world.performance, one, seats=["A-1", "A-2"], key=key())
    world.office.pay(paid.reservation, one, key=key())
    world.office.exchange(paid.reservation, one, seats=["A-2", "A-3"], key=key())
    cash = world.office.reserve(world.performance, walking, seats=["C-1"], key=key())
    received = Tender(kind="cash", received=PRICE + 7)
    world.office.pay(cash.reservation, walking, key=key(), tender=received)
    world.office.reserve(world.performance, staff("user2"), seats=["B-1"], key=key())
    return world


def test_each_invariant_finds_its_violation_and_a_working_box_office_has_none(sold):
    assert_consistent(sold.box)
    assert SEEDS.keys() == INVARIANTS.keys()
    with psycopg.connect(plain(sold.box.settings.database_url), autocommit=True) as connection:
        for sentence, seed in SEEDS.items():
            with connection.transaction(force_rollback=True):
                connection.execute(BARE)
                connection.execute(seed)
                found = violations(connection)
                assert any(sentence in violation for violation in found), sentence
        assert violations(connection) == []


def test_a_violation_is_told_with_its_keys(sold):
    sold.box.execute("UPDATE accounts SET balance = balance + 1 WHERE user_id = 1")
    with pytest.raises(AssertionError, match=r"a balance is the sum of its ledger: \(1, 'KRW'"):
        assert_consistent(sold.box)
