"""What a rule refuses has a code of its own, and the exit code says whether to ask again."""

from __future__ import annotations

import time

import pytest

STAFF = ("--staff", "--user", "user1")


@pytest.fixture
def held(desk):
    """A reservation of user1, who can pay for it."""
    desk.json("charge", "100000", "--user", "user1")
    return desk.json("reserve", "1", "--seat", "A-1", *STAFF)["reservation"]


def test_a_seat_is_sold_once(desk, held):
    other = ("--staff", "--user", "user2")
    assert desk.refused("reserve", "1", "--seat", "A-1", *other) == ("seat_taken", 5)
    assert desk.refused("reserve", "1", "--seat", "A-1", *STAFF) == ("seat_taken", 5)
    desk.json("pay", held, *STAFF)
    assert desk.refused("reserve", "1", "--seat", "A-1", *other) == ("seat_taken", 5)
    desk.json("cancel", held, *STAFF)
    assert desk.json("reserve", "1", "--seat", "A-1", *other)["seats"] == ["A-1"]


def test_a_reservation_is_paid_once_and_not_after_its_end(desk, held):
    desk.json("pay", held, *STAFF)
    assert desk.refused("pay", held, *STAFF) == ("already_paid", 4)
    desk.json("cancel", held, *STAFF)
    assert desk.refused("pay", held, *STAFF) == ("already_cancelled", 4)
    short = desk.json("reserve", "1", "--seat", "A-2", *STAFF, BOXOFFICE_HOLD_SECONDS="0.05")
    deadline = time.monotonic() + 10
    while desk.json("list-reservations", "--user", "user1")[0]["state"] == "held":
        assert time.monotonic() < deadline
    assert desk.refused("pay", short["reservation"], *STAFF) == ("hold_expired", 4)
    assert desk.refused("cancel", short["reservation"], *STAFF) == ("hold_expired", 4)
    assert desk.world.balances() == 100_000


def test_a_price_that_the_balance_does_not_cover_is_refused(desk):
    held = desk.json("reserve", "1", "--seat", "A-1", *STAFF)["reservation"]
    assert desk.refused("pay", held, *STAFF) == ("insufficient_balance", 4)


def test_a_sale_has_a_beginning_and_an_end(desk):
    desk.box.execute("UPDATE performances SET sale_opens = now() + interval '1 day'")
    desk.admitted()
    assert desk.refused("reserve", "1", "--seat", "A-1") == ("sale_not_open", 4)
    assert desk.refused("reserve", "1", "--seat", "A-1", *STAFF) == ("sale_not_open", 4)
    desk.box.execute(
        "UPDATE performances SET sale_opens = now() - interval '2 days', sale_closes = now()"
    )
    assert desk.refused("reserve", "1", "--seat", "A-2", *STAFF) == ("sale_closed", 4)
    assert desk.json("list-concerts") == []
    assert desk.json("list-dates", "1", "--staff") == []


def test_a_seat_that_the_house_keeps_is_not_sold(desk):
    desk.box.execute("UPDATE performance_seats SET status = 'blocked' WHERE seat_no = 0")
    assert desk.refused("reserve", "1", "--seat", "A-1", *STAFF) == ("seat_blocked", 4)
    states = {seat["seat"]: seat["state"] for seat in desk.json("list-seats", "1", "--all", *STAFF)}
    assert (len(states), states["A-1"]) == (50, "blocked")


def test_a_closed_queue_takes_nobody(desk):
    desk.world.office.configure_queue("1", state="closed")
    assert desk.refused("enqueue", "1", "--user", "user1") == ("queue_closed", 4)


def test_a_sold_out_performance_is_an_empty_list(desk):
    desk.box.execute("UPDATE performance_seats SET status = 'blocked'")
    assert desk.json("list-seats", "1", "--staff") == []
    assert desk.json("list-dates", "1", "--staff") == []
    assert desk.refused("reserve", "1", "--best", "1", *STAFF) == ("seat_taken", 5)
