"""What may be answered, what is said to anything else, and for whom it books."""

from __future__ import annotations

import signal

import pytest

from tests.commands.conftest import invoke
from tests.commands.guided.booking import assert_booked_once
from tests.commands.guided.person import person
from tests.conftest import PRICE, SHOW, key
from tests.waiting import wait_until

OPERATOR = {"BOXOFFICE_ROLE": "clerk"}


@pytest.fixture
def tour(world):
    """Two concerts, the first on two evenings."""
    second = SHOW.replace(day=25)
    world.office.create_performance("1", second, prices={"Standard": PRICE}, key=key())
    other = world.office.create_concert("Contra", "Room", key=key()).id
    world.office.create_performance(str(other), SHOW, prices={"Standard": PRICE}, key=key())
    return world


def test_a_concert_and_a_date_are_chosen_by_name_and_anything_else_is_told_how(tour):
    with person(tour.box) as customer:
        customer.answers(until="Which concert?")
        customer.type("con")  # both begin so
        customer.sees("Type a number from 1 to 2 or the beginning of one name")
        customer.sees("Which concert?")
        customer.type("CONCERT")
        customer.answers(until="Which date?")
        customer.type("2099-12-26")
        customer.sees("Type a number from 1 to 2 or the beginning of one name")
        customer.sees("Which date?")
        customer.type("2099-12-25")
        customer.answers(until="Which seats?")
        customer.type("Z-99")
        customer.sees("There is no seat Z-99.")
        customer.sees("Which seats?")
        customer.type("A-1 A-2")
        customer.answers(until="Charge how much?")
        customer.type("wat")
        customer.sees("Type an amount as 100000, only Enter for that")
        customer.sees("Charge how much?")
        customer.type("")
        customer.answers(until="Pay ")
        customer.type("1000")
        customer.sees("Type y for yes or n for no")
        customer.answers()
        assert customer.code == 0, customer.screen
    assert tour.box.one("SELECT max(performance_id) FROM reservations") == 2
    assert_booked_once(tour)


def test_an_operator_is_asked_for_whom_and_goes_on_for_nobody_by_accident(world):
    assert invoke(world.box, "enqueue", "1", "--user", "user2").code == 0
    with person(world.box, "1", **OPERATOR) as clerk:
        clerk.sees("Go on for user2, as in the session before?")
        clerk.type("")
        clerk.sees("Type y for yes or n for no")
        clerk.sees("Go on for user2")
        clerk.type("n")
        clerk.sees("Who books?")
        clerk.type("nobody")
        clerk.sees("There is no user nobody.")
        clerk.sees("Who books?")
        clerk.type("back")
        clerk.sees("Who books?")
        clerk.type("user3")
        clerk.sees("Booking for user3.")
        clerk.answers(until="Pay ")
        clerk.sees("for user3 now?")


def test_a_session_that_ends_in_a_question_leaves_the_terminal_as_it_was(world):
    with person(world.box, "1") as customer:
        customer.answers(until="Which seats?")
        wait_until(lambda: not customer.echoes, "the line is edited by the session")
        customer.kill(signal.SIGTERM)
        assert customer.echoes
    with person(world.box, "1") as customer:
        customer.answers(until="Which seats?")
        customer.press("\x03")
        customer.sees("[y/N]")
        customer.type("n")
        assert customer.code == 130
        assert customer.echoes
