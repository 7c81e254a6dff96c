"""Two counters at once, in two terminals, on one performance."""

from __future__ import annotations

from tests.conftest import PRICE
from tests.invariants import assert_consistent
from tests.tui.real.selling import ENTRIES, pays_cash, wait_for
from tests.tui.real.tmux import counter
from tests.tui.sell.desk import labels
from tests.waiting import wait_until

HOLDERS = "SELECT count(*) FROM reservations"


def test_one_of_two_who_go_for_the_same_seat_has_it_and_the_other_is_told(world):
    with counter(world) as one, counter(world) as other:
        for terminal in (one, other):
            terminal.sees("A-5  free")
        for terminal in (one, other):
            terminal.press("Space")
        wait_until(lambda: "Cart 1" in one.text + other.text, "somebody has it")
        winner, loser = (one, other) if "Cart 1" in one.text else (other, one)
        loser.sees("A-5 is already taken", "A-5  held", "Cart empty", "free 49 (-1)")
        winner.sees("A-5  yours", "free 49 (-1)")
        assert world.box.one(HOLDERS) == 1
        assert labels(world, "held") == {"A-5"}
        pays_cash(winner)
        winner.press("Escape")
        for terminal in (winner, loser):
            terminal.sees("A-5  sold", "Cart empty", "free 49 ")
        assert world.box.rows(ENTRIES) == [("use", "cash", PRICE)]
    assert_consistent(world.box)


def test_two_counters_that_sell_side_by_side_see_each_other(world):
    with counter(world) as one, counter(world) as other:
        one.sees("A-5  free")
        other.sees("A-5  free")
        one.press("Space")
        other.press("Down", "Space")
        wait_for(world, "held", {"A-5", "B-5"})
        one.press("Down")
        one.sees("B-5  held", "Cart 1", "free 48 (-2)")
        other.press("Up")
        other.sees("A-5  held", "Cart 1", "free 48 (-2)")
        for terminal in (one, other):
            pays_cash(terminal)
            terminal.press("Escape")
        one.sees("B-5  sold", "free 48 ")
        other.sees("A-5  sold", "free 48 ")
        assert labels(world, "sold") == {"A-5", "B-5"}
        assert world.box.rows(ENTRIES) == [("use", "cash", PRICE)] * 2
    assert_consistent(world.box)
