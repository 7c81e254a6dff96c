"""The end of a counter with its terminal, or by a signal; its holds end without it."""

from __future__ import annotations

import os
import re
import signal

import psycopg
import pytest

from boxoffice.core.errors import SeatTaken
from tests.conftest import PRICE, key, plain, staff
from tests.invariants import assert_consistent
from tests.tui.real.selling import ENTRIES, reaches_the_charge_button
from tests.tui.real.tmux import counter, is_running
from tests.tui.sell.desk import labels
from tests.waiting import BLOCKED, wait_until

HOLD_SECONDS = "5"
STATUS = re.compile(r"boxoffice status ([0-9a-f]{32})")


@pytest.mark.parametrize("how", [None, signal.SIGKILL], ids=["hangs up", "dies"])
def test_a_counter_ends_with_its_terminal_and_its_hold_ends_by_itself(world, how):
    def others_can_have_it() -> bool:
        try:
            world.office.reserve(world.performance, staff("user1"), seats=["A-5"], key=key())
        except SeatTaken:
            return False
        return True

    with counter(world, BOXOFFICE_HOLD_SECONDS=HOLD_SECONDS) as terminal:
        terminal.sees("A-5  free")
        terminal.press("Space")
        wait_until(lambda: labels(world, "held") == {"A-5"}, "it is held")
        terminal.lose(how)
        wait_until(lambda: not is_running(terminal.process), "the counter has ended")
        wait_until(others_can_have_it, "the hold has ended, and the seat can be had")
        assert world.box.one("SELECT user_id FROM performance_seats s JOIN reservations r"
                             " ON r.id = s.reservation_id") == world.users[0]  # fmt: skip
    assert_consistent(world.box)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_the_terminal_as_it_was(world, number):
    with counter(world) as terminal:
        terminal.sees("A-5  free")
        assert not terminal.is_restored
        os.kill(terminal.process, number)
        wait_until(lambda: terminal.exit_code is not None, "the shell is back")
        assert terminal.exit_code == 128 + number
        assert terminal.is_restored
        assert not is_running(terminal.process)


def test_quitting_leaves_the_terminal_as_it_was(world):
    with counter(world) as terminal:
        terminal.sees("A-5  free")
        terminal.press("q")
        wait_until(lambda: terminal.exit_code is not None, "the shell is back")
        assert terminal.exit_code == 0
        assert terminal.is_restored


def test_a_signal_in_the_middle_of_a_payment_says_how_to_learn_what_became_of_it(world):
    with (
        psycopg.connect(plain(world.box.settings.database_url)) as locker,
        counter(world) as terminal,
    ):
        terminal.sees("A-5  free")
        terminal.press("Space")
        terminal.sees("Cart 1")
        reaches_the_charge_button(terminal)
        locker.execute("SELECT 1 FROM performance_seats FOR UPDATE")
        terminal.enter()
        wait_until(lambda: world.box.rows(BLOCKED), "the payment waits")
        os.kill(terminal.process, signal.SIGTERM)
        wait_until(lambda: terminal.exit_code is not None, "the shell is back")
        told = STATUS.search(terminal.text)
        assert told, terminal.text
        locker.rollback()
        wait_until(lambda: not world.box.rows(BLOCKED), "the payment is over")
        ran = world.box.run("status", told[1], "--json")
        paid = [("use", "cash", PRICE)] if ran.code == 0 else []
        assert world.box.rows(ENTRIES) == paid
    assert_consistent(world.box)
