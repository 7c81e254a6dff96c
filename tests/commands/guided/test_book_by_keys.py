"""The guided session of a customer at a terminal, played by keys."""

from __future__ import annotations

import json
import re

import pytest

from boxoffice.core.text import cells
from tests.clock import end_holds
from tests.commands.guided.booking import (
    assert_booked_once,
    entries,
    labels,
    line,
    payments,
)
from tests.commands.guided.person import CTRL_C, CTRL_D, person
from tests.conftest import PRICE, key, staff
from tests.invariants import assert_consistent

# The line above redrawn, and other controls.
REDRAWN, CONTROL = re.compile("\x1b7.*?\x1b8"), re.compile(r"\x1b\[[0-9;]*[A-Za-z]|\r")
QUESTIONS = ("Which concert?", "Which seats?", "Charge how much?", "Pay ")


def lines(screen: str) -> list[str]:
    """Return what stands on the screen, as far as no line was drawn over another."""
    return CONTROL.sub("", REDRAWN.sub("", screen)).splitlines()


def test_a_customer_books_step_by_step(world):
    with person(world.box) as customer:
        customer.answers()
        assert customer.code == 0, customer.screen
        for words in (
            "Booking for user1.",
            "for user1 now?",
            "1 Concert",
            "A  1234567890",
            "Held for you: 4:59",
            "A-1, A-2",
            "₩0",
        ):
            assert words in customer.screen.replace("5:00", "4:59").replace("  1  ", "1 "), words
    assert_booked_once(world)


def test_the_end_of_the_hold_is_seen_to_come(world):
    with person(world.box, "1", BOXOFFICE_HOLD_SECONDS="3") as customer:
        customer.answers(until="Charge how much?")
        for left in ("0:02", "0:01"):
            customer.sees(f"\x1b7\x1b[1A\rHeld for you: {left} left\x1b[K\x1b8")
        customer.sees("The hold has ended and its seats are free for anybody.")
        customer.sees("Which seats?")
    assert labels(world, "sold") == set()


def test_a_hold_that_ended_on_the_server_leads_back_to_the_seats(world):
    with person(world.box, "1") as customer:
        customer.answers(until="Pay ")
        end_holds(world.box)
        customer.type("y")
        customer.sees("The hold has ended and its seats are free for anybody.")
        customer.answers()
        assert customer.code == 0, customer.screen
    assert_booked_once(world)


def test_seats_that_somebody_took_meanwhile_are_told_and_shown_taken(world):
    with person(world.box, "1") as customer:
        customer.answers(until="Which seats?")
        world.office.reserve(world.performance, staff("user2"), seats=["A-2"], key=key())
        customer.type("A-1 A-2")
        customer.sees("Seat A-2 is already taken.")
        customer.sees("A  1.34567890")
        customer.sees("Which seats?")
        customer.type("best 2")
        customer.answers()
        assert customer.code == 0, customer.screen
    assert payments(world) == 1
    assert labels(world, "held") == {"A-2"}


def test_whose_turn_has_ended_queues_again_and_goes_on_at_the_seats(world):
    with person(world.box, "1") as customer:
        customer.answers(until="Which seats?")
        (session,) = world.box.home.glob("session*.json")
        world.office.leave(json.loads(session.read_text())["token"])
        customer.type("A-1 A-2")
        customer.sees("It is your turn.")
        customer.answers()
        assert customer.code == 0, customer.screen
    assert_booked_once(world)


def test_a_balance_is_charged_by_more_than_is_missing_and_never_by_nonsense(world):
    with person(world.box, "1") as customer:
        customer.answers(until="Charge how much?")
        for nonsense in ("much", "-5", "0", "99999999999999999999"):
            customer.type(nonsense)
            customer.sees("Charge how much?")
        customer.type("150,000")
        customer.answers()
        assert customer.code == 0, customer.screen
    assert entries(world) == [("charge", 150_000), ("use", 2 * PRICE)]


def test_a_concert_that_is_sold_out_leads_to_the_list(world):
    for number in range(0, 50, 10):
        world.office.reserve(world.performance, staff("user2"), best=10, key=f"sold-{number}")
    with person(world.box, "1") as customer:
        customer.sees("Concert is sold out.")
        customer.sees("sold out, from")
        customer.sees("Which concert?")
        customer.type("quit")
        customer.sees("Give up your place in the queue?")
        customer.type("y")
        assert customer.code == 130
    assert line(world) == (0, 0)


def test_back_gives_the_seats_back_and_others_are_chosen(world):
    with person(world.box) as customer:
        customer.answers(until="Pay ")
        customer.type("back")
        customer.sees("Give these seats back")
        customer.type("예")
        customer.sees("Which seats?")
        assert labels(world, "held") == set()
        customer.type("back")
        customer.sees("Which concert?")
        customer.type("1")
        customer.sees("Which seats?")
        customer.type("ㅠㄷㄴㅅ 3")  # best, on a keyboard in Korean mode
        customer.answers(Pay="ㅛ")
        assert customer.code == 0, customer.screen
    assert world.seats("sold") == 3
    assert_consistent(world.box)


@pytest.mark.parametrize(("answer", "left"), [("n", {"A-1", "A-2"}), ("y", set())])
def test_who_quits_is_asked_whether_to_give_the_seats_back(world, answer, left):
    with person(world.box, "1") as customer:
        customer.answers(until="Pay ")
        customer.type("quit")
        customer.sees("Give the seats back, and your place in the queue?")
        customer.type(answer)
        assert customer.code == 130, customer.screen
    assert labels(world, "held") == left
    assert line(world) == (0, 1 if left else 0)


def test_the_end_of_input_at_any_question_gives_nothing_up(world):
    for question in QUESTIONS:
        with person(world.box) as customer:
            customer.answers(until=question)
            customer.press(CTRL_D)
            if question != "Which concert?":  # nothing to give up there
                customer.sees("[y/N]")
                customer.press(CTRL_D)
            assert customer.code == 130, customer.screen
            assert "`boxoffice book` goes on from here" in customer.screen
    with person(world.box) as customer:
        customer.answers()
        assert customer.code == 0
    assert_booked_once(world)


@pytest.mark.parametrize(
    ("answer", "waiting", "words"),
    [("leave", 0, "you have left the queue"), ("", 1, "your place is kept")],
)
def test_ctrl_c_while_waiting_asks_whether_to_leave_the_queue(world, answer, waiting, words):
    world.office.configure_queue("1", capacity=1, poll_near_seconds=0.2)
    world.office.enqueue("1", "user2")
    with person(world.box, "1") as customer:
        customer.sees("Place 1 | 0 ahead")
        customer.press(CTRL_C)
        customer.sees("Leave the queue, or keep your place?")
        customer.type(answer)
        assert customer.code == 130, customer.screen
        assert words in customer.screen
    assert line(world) == (waiting, 1)


def test_two_terminals_of_one_customer_pay_once(world):
    with person(world.box, "1") as first:
        first.answers(until="Pay ")
        with person(world.box) as second:
            second.sees("You hold A-1, A-2 from before")
            second.answers()
            assert second.code == 0
        first.type("y")
        first.sees("These seats are paid already, by another session of yours.")
        assert first.code == 0, first.screen
    assert_booked_once(world)


def test_a_terminal_elsewhere_may_take_the_place_over(world, tmp_path):
    office = world.office
    office.configure_queue("1", capacity=1, poll_near_seconds=0.2)
    other = office.enqueue("1", "user2")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with person(world.box, "1") as first:
        first.sees("Place 1 | 0 ahead")
        with person(world.box, "1", BOXOFFICE_HOME=str(elsewhere)) as second:
            second.sees("Another terminal of yours holds your place.")
            second.type("")
            second.sees("Place 1 | 0 ahead")
            first.sees("Another terminal of yours holds your place.")
            first.type("n")
            assert first.code == 4, first.screen
            office.leave(other.token)
            second.answers()
            assert second.code == 0, second.screen
    assert_booked_once(world)


@pytest.mark.parametrize("surroundings", [{"LANG": "C"}, {"PYTHONIOENCODING": "ascii"}])
def test_sixty_columns_are_enough_in_any_locale(world, surroundings):
    with person(world.box, size=(60, 20), **surroundings) as customer:
        customer.answers()
        assert customer.code == 0, customer.screen
        assert [each for each in lines(customer.screen) if cells(each) > 60] == []
        if "PYTHONIOENCODING" in surroundings:
            assert customer.screen.isascii()
            assert "KRW" in customer.screen


def test_a_dumb_terminal_gets_lines_and_no_control_codes(world):
    with person(world.box, "1", TERM="dumb", BOXOFFICE_HOLD_SECONDS="11") as customer:
        customer.answers(until="Charge how much?")
        customer.sees("Held for you: 0:10 left")  # said once more while waiting for an answer
        customer.answers()
        assert customer.code == 0
        assert "\x1b" not in customer.screen
    assert_booked_once(world)


def test_names_that_steer_terminals_or_look_like_markup_do_nothing(world):
    world.box.execute("UPDATE concerts SET name = E'[bold]x[/bold]\\x1b[31m\\u202e'")
    with person(world.box) as customer:
        customer.answers()
        assert customer.code == 0, customer.screen
        assert "[bold]x[/bold]" in customer.screen
        assert "\x1b[31m" not in customer.screen
        assert "\u202e" not in customer.screen
