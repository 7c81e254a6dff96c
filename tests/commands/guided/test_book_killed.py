"""A session that is killed at any step is taken up again, and pays exactly once."""

from __future__ import annotations

from contextlib import contextmanager

import psycopg
import pytest

from tests.commands.guided.booking import assert_booked_once, entries, labels, line, payments
from tests.commands.guided.person import ANSWERS, person
from tests.conftest import PRICE, SHOW, key, plain
from tests.invariants import assert_consistent
from tests.tui.wire import wired
from tests.waiting import BLOCKED, wait_until

# An operation in the middle of which a session is killed: the question whose answer starts it,
# and what keeps it from ending.
IN_FLIGHT = {
    "reserve": ("Which seats?", "LOCK TABLE reservations IN EXCLUSIVE MODE"),
    "charge": ("Charge how much?", "LOCK TABLE ledger_entries IN EXCLUSIVE MODE"),
    "pay": ("Pay ", "SELECT 1 FROM performance_seats FOR UPDATE"),
}
# What the session after each of them begins with: the server had taken the order.
TOLD = (None, "Your hold of before went through.", "Your top up of before went through.")
QUESTIONS = ("Which concert?", "Which date?", "Which seats?", "Charge how much?", "Pay ")


@pytest.fixture
def tour(world):
    """The world's concert on two evenings, so that there is a date to choose."""
    second = SHOW.replace(day=25)
    world.office.create_performance("1", second, prices={"Standard": PRICE}, key=key())
    return world


@contextmanager
def in_the_way(world, statement: str):
    """Keep an operation from ending for as long as this lasts."""
    with psycopg.connect(plain(world.box.settings.database_url)) as locker:
        locker.execute(statement)
        yield
        locker.rollback()


def test_who_is_killed_at_every_question_goes_on_each_time_from_there(tour):
    for question in QUESTIONS:
        with person(tour.box) as customer:
            customer.answers(until=question)
            customer.kill()
    with person(tour.box) as customer:
        customer.sees("You hold A-1, A-2 from before")
        customer.answers()
        assert customer.code == 0, customer.screen
    assert_booked_once(tour)


def test_who_is_killed_in_every_operation_is_told_each_time_what_became_of_it(world):
    for told, (question, statement) in zip(TOLD, IN_FLIGHT.values(), strict=True):
        with person(world.box, "1") as customer:
            if told:
                customer.sees(told)
            customer.answers(until=question)
            with in_the_way(world, statement):
                customer.type(ANSWERS[question])
                wait_until(lambda: world.box.rows(BLOCKED), "the operation is under way")
                customer.kill()
    with person(world.box, "1") as customer:
        customer.sees("Your payment of")
        assert customer.code == 0, customer.screen
    assert_booked_once(world)


def test_who_is_killed_while_waiting_keeps_the_place(world):
    office = world.office
    office.configure_queue("1", capacity=1, poll_near_seconds=0.2)
    other = office.enqueue("1", "user2")
    with person(world.box, "1") as customer:
        customer.sees("0 ahead")
        customer.kill()
    office.enqueue("1", "user3")
    with person(world.box) as customer:
        customer.sees("0 ahead")
        office.leave(other.token)
        customer.answers()
        assert customer.code == 0, customer.screen
    assert line(world) == (0, 1)  # user3, who came later, is next
    assert payments(world) == 1


def test_who_loses_the_terminal_loses_nothing_else(world):
    with person(world.box) as customer:
        customer.answers(until="Pay ")
        customer.hang_up()
    with person(world.box) as customer:
        customer.answers()
        assert customer.code == 0, customer.screen
    assert_booked_once(world)


def test_a_payment_whose_answer_is_lost_is_found_and_not_repeated(world, tmp_path):
    folder = tmp_path / "wire"
    folder.mkdir()
    with wired(world.box, folder) as (wire, settings):
        environment = {"BOXOFFICE_DATABASE_URL": settings.database_url}
        with person(world.box, **environment, BOXOFFICE_OUTCOME_SECONDS="1") as customer:
            customer.answers(until="Pay ")
            wire.lose_answers()
            customer.type("y")
            assert customer.code == 7, customer.screen
        wire.mend()
        assert payments(world) == 1
        with person(world.box, **environment) as customer:
            customer.sees("Your payment of")
            assert customer.code == 0, customer.screen
    assert_booked_once(world)


def test_who_was_cut_off_just_after_paying_is_told_so_before_booking_more(world):
    with person(world.box) as customer:
        customer.answers()
        assert customer.code == 0
    with person(world.box) as customer:
        customer.answers()  # no more
        assert customer.code == 0
        before, _, receipt = customer.screen.partition("Book more?")
        assert "You have booked A-1, A-2 already." in before
        assert "Enjoy" not in receipt
        assert "Paid before:" in receipt
    assert_booked_once(world)
    assert labels(world, "sold") == {"A-1", "A-2"}
    assert entries(world)[-1][0] == "use"
    assert_consistent(world.box)
