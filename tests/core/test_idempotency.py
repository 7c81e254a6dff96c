"""Operation keys: the same key and request get the first answer, another request is refused."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from boxoffice.core import errors
from tests.conftest import PRICE, SHOW, key, small_plan, staff
from tests.invariants import assert_consistent

ONE = staff("user1")
WAIT_SECONDS = 20


def again(act):
    """Do something twice under one key, and return the first answer."""
    name = key()
    first, second = act(name), act(name)
    assert not first.replayed
    assert second.replayed
    assert replace(second, replayed=False) == first
    return first


def test_every_replayed_result_is_identical_and_executed_once(world):
    office = world.office
    again(lambda name: office.charge(3 * PRICE, "user1", key=name))
    held = again(
        lambda name: office.reserve(
            world.performance, ONE, seats=["A-1", "A-2"], key=name
        )
    )
    again(lambda name: office.reserve(world.performance, ONE, best=2, key=name))
    again(lambda name: office.pay(held.reservation, ONE, key=name))
    again(lambda name: office.cancel(held.reservation, ONE, key=name))
    assert world.balances() == 3 * PRICE
    assert (world.seats("held"), world.seats("sold")) == (2, 0)
    assert world.box.rows("SELECT type FROM ledger_entries ORDER BY id") == [
        ("charge",),
        ("use",),
        ("refund",),
    ]
    assert_consistent(world.box)


def test_the_order_of_seats_does_not_make_another_request(world):
    name = key()
    first = world.office.reserve(world.performance, ONE, seats=["A-1", "A-2"], key=name)
    second = world.office.reserve(world.performance, ONE, seats=["A-2", "A-1"], key=name)
    assert (second.reservation, second.replayed) == (first.reservation, True)
    assert world.seats("held") == 2


def test_replayed_administration_is_identical_and_executed_once(box):
    office = box.office()
    name = key()
    first, second = (import_plan_under(office, name) for _ in range(2))
    assert replace(second, replayed=False) == first
    assert second.replayed
    again(lambda k: office.add_user("kim", key=k))
    concert = again(lambda k: office.create_concert("Concert", "Room", key=k))
    again(
        lambda k: office.create_performance(
            str(concert.id), SHOW, prices={"Standard": PRICE}, key=k
        )
    )
    for table in ("venues", "users", "concerts", "performances"):
        assert box.one(f"SELECT count(*) FROM {table}") == 1
    assert box.one("SELECT count(*) FROM performance_seats") == 50


def import_plan_under(office, name):
    import io

    from boxoffice.core import plans

    file = io.BytesIO()
    plans.write_plan(small_plan(), file)
    file.seek(0)
    return office.import_venue(file, key=name)


def test_a_key_of_one_request_is_refused_to_any_other(world):
    office = world.office
    office.charge(PRICE, "user1", key="k")
    held = office.reserve(world.performance, ONE, seats=["A-1"], key="r")
    others = [
        lambda: office.charge(PRICE + 1, "user1", key="k"),
        lambda: office.charge(PRICE, "user2", key="k"),
        lambda: office.charge(PRICE, "user1", currency="USD", key="k"),
        lambda: office.charge(1, "user1", key="r"),
        lambda: office.reserve(world.performance, ONE, seats=["A-2"], key="r"),
        lambda: office.reserve(world.performance, staff("user2"), seats=["A-1"], key="r"),
        lambda: office.reserve(world.performance, ONE, seats=["A-2"], key="k"),
        lambda: office.reserve(world.performance, ONE, best=1, key="k"),
        lambda: office.pay(held.reservation, ONE, key="k"),
        lambda: office.cancel(held.reservation, ONE, key="k"),
        lambda: office.add_user("another", key="k"),
        lambda: office.create_concert("Another", "Room", key="k"),
        lambda: import_plan_under(office, "k"),
        lambda: office.create_performance(
            str(world.concert), SHOW.replace(year=2098), prices={"Standard": 1}, key="k"
        ),
    ]
    for other in others:
        with pytest.raises(errors.KeyReused):
            other()
    assert (world.balances(), world.seats("held"), world.seats("sold")) == (PRICE, 1, 0)
    assert world.box.one("SELECT count(*) FROM users") == 3
    assert_consistent(world.box)


def test_a_refusal_rolls_back_its_key_so_that_trying_again_is_meaningful(world):
    office = world.office
    with pytest.raises(errors.AmountInvalid):
        office.charge(0, "user1", key="c")
    blocker = office.reserve(world.performance, staff("user2"), seats=["A-1"], key=key())
    with pytest.raises(errors.SeatTaken):
        office.reserve(world.performance, ONE, seats=["A-1"], key="r")
    office.cancel(blocker.reservation, staff("user2"), key=key())
    held = office.reserve(world.performance, ONE, seats=["A-1"], key="r")
    assert not held.replayed
    with pytest.raises(errors.InsufficientBalance):
        office.pay(held.reservation, ONE, key="p")
    office.charge(PRICE, "user1", key="c")
    assert not office.pay(held.reservation, ONE, key="p").replayed
    with pytest.raises(errors.NameTaken):
        office.add_user("user1", key="u")
    assert office.add_user("user4", key="u").name == "user4"
    assert_consistent(world.box)


def in_flight(box, act):
    """Run `act` in a thread and wait until it waits for a lock of somebody else."""
    answers = []

    def work():
        try:
            answers.append(act(box.office()))
        except errors.BoxOfficeError as error:
            answers.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    box.rows(
        "DO $$ BEGIN FOR i IN 1..1000 LOOP PERFORM pg_sleep(0.01); PERFORM pg_stat_clear_snapshot();"
        " EXIT WHEN EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        " AND datname = current_database()); END LOOP; END $$"
    ) if False else wait_for_lock(box)
    return thread, answers


def wait_for_lock(box):
    import time

    deadline = time.monotonic() + WAIT_SECONDS
    waiting = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    while not box.one(waiting):
        assert time.monotonic() < deadline, "nobody waits"
        time.sleep(0.01)
