"""Selling by keys alone in a real terminal, each sale counted in the database."""

from __future__ import annotations

from tests.conftest import PRICE
from tests.invariants import assert_consistent
from tests.tui.real.selling import (
    ENTRIES,
    PAYMENTS,
    pays_cash,
    reaches_the_charge_button,
    wait_for,
)
from tests.tui.real.tmux import counter
from tests.tui.sell.desk import labels
from tests.waiting import wait_until

REPEATS = 30


def test_two_seats_are_sold_for_cash_by_keys_alone(world):
    with counter(world) as terminal:
        terminal.sees("A-5  free")
        terminal.press("Space", "Right", "Space")
        terminal.sees("Cart 2")
        wait_for(world, "held", {"A-5", "A-6"})
        pays_cash(terminal, "150000")
        terminal.sees("change", "₩50,000")
        assert labels(world, "sold") == {"A-5", "A-6"}
        assert world.seats("held") == 0
        assert world.box.rows(PAYMENTS) == [("paid", "cash", 150_000)]
        assert world.box.rows(ENTRIES) == [("use", "cash", 2 * PRICE)]
        terminal.press("Escape")
        terminal.sees("Cart empty", "A-6  sold", "free 48")
    assert_consistent(world.box)


def test_enter_held_down_at_the_map_charges_nothing(world):
    with counter(world) as terminal:
        terminal.sees("A-5  free")
        terminal.press("Space")
        terminal.sees("Cart 1")
        terminal.enter(times=REPEATS)
        terminal.sees("how?")
        terminal.press("Escape")  # behind all of them
        wait_until(lambda: "how?" not in terminal.text, "the question is closed")
        assert world.box.rows(ENTRIES) == []
        assert labels(world, "held") == {"A-5"}
        pays_cash(terminal)
        assert world.box.rows(ENTRIES) == [("use", "cash", PRICE)]
    assert_consistent(world.box)


def test_enter_held_down_on_the_charge_button_charges_once(world):
    with counter(world) as terminal:
        terminal.sees("A-5  free")
        terminal.press("Space")
        terminal.sees("Cart 1")
        reaches_the_charge_button(terminal)
        assert world.box.rows(ENTRIES) == []
        terminal.enter(times=REPEATS)
        terminal.sees("PAID")
        terminal.press("Escape")
        terminal.sees("Cart empty")
        assert world.box.rows(ENTRIES) == [("use", "cash", PRICE)]
        assert world.box.rows(PAYMENTS) == [("paid", "cash", PRICE)]
        assert labels(world, "sold") == {"A-5"}
    assert_consistent(world.box)


def test_a_terminal_that_becomes_too_small_and_then_large_keeps_the_cart(world):
    with counter(world) as terminal:
        terminal.sees("A-5  free")
        terminal.press("Space")
        terminal.sees("Cart 1")
        terminal.resize(58, 16)
        terminal.sees("needs 60x18")
        terminal.press("X", "Space", "Enter")  # what nobody can see is not meant
        terminal.resize(120, 40)
        terminal.sees("Prices", "Cart 1", "A-5  yours")
        assert labels(world, "held") == {"A-5"}
        pays_cash(terminal)
        assert world.box.rows(ENTRIES) == [("use", "cash", PRICE)]
    assert_consistent(world.box)
