"""Sets of holds and payments: one transaction for many, and each as if it had been alone."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from boxoffice.core import errors
from boxoffice.core.events import HINT_CHANNEL
from boxoffice.core.model import HoldOrder, PaymentOrder
from tests.conftest import PRICE, key, staff
from tests.invariants import assert_consistent
from tests.waiting import DEADLINE_SECONDS, blocked

USERS = ("user1", "user2", "user3")
TRANSACTIONS = "SELECT count(DISTINCT xmin::text) FROM reservations"


def hold(world, seat, user, own=None):
    return HoldOrder(performance=world.performance, seats=(seat,), user=user, key=own or key())


def three(world):
    return [hold(world, f"A-{n}", user) for n, user in enumerate(USERS, start=1)]


def paid(held, user):
    return PaymentOrder(reservation=held.reservation, user=user, key=key())


def operations(world) -> int:
    return world.box.one("SELECT count(*) FROM operations WHERE command IN ('reserve', 'pay')")


def charge(world, *users):
    for user in users:
        world.office.charge(PRICE, user, key=key())


def test_a_set_is_held_and_paid_in_a_transaction_each(world):
    charge(world, *USERS)
    orders = three(world)
    held = world.office.reserve_set(orders)
    assert [each.seats for each in held] == [("A-1",), ("A-2",), ("A-3",)]
    assert world.box.one(TRANSACTIONS) == 1
    payments = [paid(each, user) for each, user in zip(held, USERS, strict=True)]
    told = world.office.pay_set(payments)
    assert world.box.one(TRANSACTIONS) == 1
    assert [each.balance.amount for each in told] == [0, 0, 0]
    assert (world.seats("sold"), world.balances()) == (3, 0)
    for order, answer in [*zip(orders, held, strict=True), *zip(payments, told, strict=True)]:
        assert world.office.status(order.key).result == answer
    assert_consistent(world.box)


def test_what_cannot_be_held_is_left_to_be_asked_for_alone(world):
    world.office.reserve(world.performance, staff("user3"), seats=["A-2"], key=key())
    known = key()
    world.office.reserve(world.performance, staff("user3"), seats=["A-4"], key=known)
    found = world.office.reserve_set([*three(world), hold(world, "A-4", "user3", known)])
    assert [each and each.seats for each in found] == [("A-1",), None, ("A-3",), ("A-4",)]
    assert [each and each.replayed for each in found] == [False, None, False, True]
    assert (world.seats("held"), operations(world)) == (4, 4)
    assert_consistent(world.box)


def test_what_cannot_be_paid_is_left_to_be_asked_for_alone(world):
    charge(world, *USERS)
    held = world.office.reserve_set(three(world))
    world.office.cancel(held[1].reservation, staff("user2"), key=key())
    told = world.office.pay_set([paid(held[0], "user1"), paid(held[1], "user2")])
    assert told[0].state == "paid"
    assert told[1] is None
    assert (world.seats("sold"), world.balances()) == (1, 2 * PRICE)
    assert_consistent(world.box)


def test_a_statement_that_fails_undoes_its_set(world):
    charge(world, "user1", "user3")
    world.office.charge(PRICE - 1, "user2", key=key())
    held = world.office.reserve_set(three(world))
    before = operations(world)
    with pytest.raises(errors.InsufficientBalance):
        world.office.pay_set([paid(one, user) for one, user in zip(held, USERS, strict=True)])
    assert (world.seats("sold"), world.balances()) == (0, 3 * PRICE - 1)
    assert operations(world) == before
    assert_consistent(world.box)


def test_a_set_takes_money_in_the_order_of_users_so_that_no_two_wait_for_each_other(world):
    charge(world, *USERS)
    held = world.office.reserve_set(three(world))
    payments = [paid(one, user) for one, user in zip(held, USERS, strict=True)][::-1]
    with ExitStack() as beside, world.box.office().stores.transaction() as other:
        other.exec_driver_sql("SELECT FROM accounts WHERE user_id = 1 FOR UPDATE")
        paying = beside.enter_context(blocked(world.box, lambda: world.office.pay_set(payments)))
        other.exec_driver_sql("SELECT FROM accounts FOR UPDATE NOWAIT")
    told = paying.result()
    assert [each.reservation for each in told] == [each.reservation for each in payments]
    assert_consistent(world.box)


def test_a_seat_that_somebody_is_taking_undoes_a_set_at_once(world):
    with world.box.office().stores.transaction() as other:
        other.exec_driver_sql("SELECT FROM performance_seats WHERE seat_no = 2 FOR UPDATE")
        with pytest.raises(errors.BoxOfficeError):
            world.office.reserve_set(three(world))
    assert (world.seats("held"), operations(world)) == (0, 0)
    assert world.office.reserve_set(three(world))[0].seats == ("A-1",)


def test_an_empty_set_is_nothing(world):
    assert (world.office.reserve_set([]), world.office.pay_set([])) == ([], [])


def test_a_sale_without_redis_is_put_on_record_once(world):
    office = world.box.office(redis_url="redis://127.0.0.1:1")
    office.stores.note_redis_away()
    with pytest.raises(errors.QueueUnavailable):
        office.reserve_set(three(world))
    assert world.box.one("SELECT count(*) FROM audit WHERE action = 'sell without the queue'") == 0


def test_the_same_key_twice_in_a_set_holds_once_at_most(world):
    own = key()
    orders = [hold(world, "A-1", "user1", own), hold(world, "A-1", "user1", own)]
    told = world.office.reserve_set(orders)
    assert [each and each.seats for each in told] == [("A-1",), None]
    assert (world.seats("held"), operations(world)) == (1, 1)


@pytest.mark.parametrize("bad", ["", "k" * 201, "k\n"])
def test_a_key_that_cannot_be_kept_is_refused_before_anything_is_done(world, bad):
    orders = [hold(world, "A-1", "user1"), HoldOrder(performance=1, seats=("A-2",), user="user2",
                                                     key=bad)]  # fmt: skip
    with pytest.raises(errors.InputInvalid):
        world.office.reserve_set(orders)
    assert (world.seats("held"), operations(world)) == (0, 0)


def test_live_maps_are_told_once_of_a_set(world):
    with world.office.stores.redis() as redis:
        listening = redis.pubsub()
        listening.subscribe(HINT_CHANNEL)
        assert listening.get_message(timeout=DEADLINE_SECONDS)["type"] == "subscribe"
        world.office.reserve_set(three(world))
        world.office.stores.hint(0, ["end"])  # on the same wire, so after all others
        heard = []
        while (said := listening.get_message(timeout=DEADLINE_SECONDS)) is not None:
            heard.append(bytes(said["data"]).decode().split("\n"))
            if heard[-1] == ["0", "end"]:
                break
        listening.close()
    assert heard == [[str(world.performance), "A-1", "A-2", "A-3"], ["0", "end"]]
