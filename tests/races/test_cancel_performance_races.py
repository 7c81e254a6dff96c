"""A performance called off while people buy, or by who is killed: everything is given back."""

from __future__ import annotations

import random
import signal
from collections import Counter

import pytest

from boxoffice.core import errors
from boxoffice.core.model import WALK_IN, Tender
from boxoffice.core.office import Office
from tests.conftest import PRICE, key, staff
from tests.invariants import assert_consistent
from tests.races.crowd import DEADLINE_SECONDS, FORK, for_seconds, rush
from tests.waiting import wait_until

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

WHY = "the singer is ill"
BUYERS, HOLDS_LEFT = 6, 2
LABELS = [f"{row}-{number}" for row in "ABCDE" for number in range(1, 11)]
SOLD_MIN = 60  # before the performance is called off, given back or not
KILLED_AFTER = 8  # reservations given back since the process before
MONEY = 1_000 * PRICE
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
GIVEN_BACK = "SELECT count(*) FROM reservations WHERE state = 'cancelled'"


def buy(office, _, performance, user):
    """Hold, pay, exchange and give back until nothing is sold any more; count what was done."""
    caller, done, mine = staff(user), Counter(), []
    going = for_seconds(DEADLINE_SECONDS)
    while going():
        try:
            step(office, performance, caller, done, mine)
        except (errors.SaleClosed, errors.PerformanceCancelled) as closed:
            done[closed.code] += 1
            return done
        except errors.SeatTaken:
            if mine and random.random() < 0.3:
                office.cancel(mine.pop(0), caller, key=key())
        except (errors.AlreadyCancelled, errors.ReservationNotPaid, errors.DatabaseUnavailable):
            done["called off meanwhile"] += 1
    raise AssertionError("nobody called it off")


def step(office, performance, caller, done, mine):
    seats = random.sample(LABELS, 2)
    if mine and random.random() < 0.3:
        mine[-1] = office.exchange(mine[-1], caller, seats=seats, key=key()).paid.reservation
        done["exchanged"] += 1
        return
    held = office.reserve(performance, caller, seats=seats, key=key())
    if done["left held"] < HOLDS_LEFT:
        done["left held"] += 1
        return
    office.pay(held.reservation, caller, key=key())
    mine.append(held.reservation)
    done["paid"] += 1


def call_off(office, _, performance):
    """Call the performance off in the middle of its sale."""

    def sold():
        with office.stores.database() as connection:
            asked = "SELECT count(*) FROM ledger_entries WHERE type = 'use'"
            return connection.exec_driver_sql(asked).scalar_one() >= SOLD_MIN

    wait_until(sold, "something is sold")
    done = office.cancel_performance(performance, reason=WHY, key="off")
    return Counter(released=done.released, refunded=done.refunded)


def role(office, together, work, *arguments):
    return work(office, together, *arguments)


def test_whoever_buys_while_it_is_called_off_has_the_money_back_and_no_seat(world):
    box = world.box
    for user in ("user1", "user2", "user3"):
        world.office.correct_balance(user, MONEY, reason="for the test", key=key())
    buyers = [(buy, world.performance, f"user{number % 3 + 1}") for number in range(BUYERS)]
    outcomes = sum(rush(box, role, [*buyers, (call_off, world.performance)]), Counter())
    assert outcomes["refunded"] > 0, outcomes
    assert outcomes["paid"] + outcomes["exchanged"] >= SOLD_MIN, outcomes
    assert outcomes["sale_closed"] + outcomes["performance_cancelled"] == BUYERS, outcomes
    assert box.one("SELECT count(*) FROM reservations WHERE state = 'paid'") == 0
    assert (world.seats("sold"), world.balances()) == (0, 3 * MONEY)
    assert box.one(DEADLOCKS) == 0
    office = box.office()
    assert office.cancel_performance(world.performance, reason=WHY, key=key()).refunded == 0
    assert box.one("SELECT count(*) FROM reservations WHERE state = 'held'") == 0
    assert_consistent(box)


def sell_every_seat(world):
    """Sell the seats one by one, in every way; return what was taken by tender."""
    office, taken = world.office, Counter()
    office.correct_balance("user1", MONEY, reason="for the test", key=key())
    ways = [
        ("user1", None),
        (WALK_IN, Tender(kind="cash", received=PRICE)),
        ("user2", Tender(kind="card", note="T-1")),
    ]
    for number, label in enumerate(LABELS):
        user, tender = ways[number % len(ways)]
        held = office.reserve(world.performance, staff(user), seats=[label], key=key())
        office.pay(held.reservation, staff(user), key=key(), tender=tender)
        taken[tender.kind if tender else "balance"] += PRICE
    return taken


def cancel_in_process(settings, performance):
    Office(settings).cancel_performance(performance, reason=WHY, key="off")


def test_who_is_killed_again_and_again_goes_on_with_the_key_and_gives_all_back_once(world):
    """Each process is killed after a few refunds; the last is let alone, and counts them all."""
    box, taken = world.box, sell_every_seat(world)
    world.office.close()
    kills = back = 0
    while back < len(LABELS) - KILLED_AFTER:
        worker = FORK.Process(target=cancel_in_process, args=(box.settings, world.performance))
        worker.start()
        wanted = back + random.randint(0, KILLED_AFTER)
        wait_until(lambda n=wanted, w=worker: box.one(GIVEN_BACK) >= n or not w.is_alive(), "some")
        worker.kill()
        worker.join(DEADLINE_SECONDS)
        kills += worker.exitcode == -signal.SIGKILL
        back = box.one(GIVEN_BACK)
        assert_consistent(box)
    done = box.office().cancel_performance(world.performance, reason=WHY, key="off")
    assert kills > 0
    assert (done.state, done.refunded, done.released) == ("cancelled", len(LABELS), 0)
    assert {refund.by: refund.amount.amount for refund in done.refunds} == taken
    assert (world.balances(), world.seats("free")) == (MONEY, len(LABELS))
    assert box.one("SELECT count(*) FROM outbox WHERE type = 'performance.cancelled'") == 1
    assert box.one("SELECT count(*) FROM ledger_entries WHERE type = 'refund'") == len(LABELS)
    assert_consistent(box)


def cancel_together(office, together, performance, under):
    together.wait(DEADLINE_SECONDS)
    done = office.cancel_performance(performance, reason=WHY, key=under)
    return done.refunded, done.state


@pytest.mark.parametrize("keys", [("one", "one", "one"), ("one", "two", "three")])
def test_several_who_call_it_off_at_once_refund_everything_once(world, keys):
    sell_every_seat(world)
    answers = rush(world.box, cancel_together, [(world.performance, under) for under in keys])
    counts = [refunded for refunded, state in answers if state == "cancelled"]
    assert len(counts) == len(keys)
    same_key = len(set(keys)) == 1
    assert counts == [len(LABELS)] * 3 if same_key else sum(counts) == len(LABELS)
    assert world.balances() == MONEY
    assert_consistent(world.box)
