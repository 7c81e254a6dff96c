"""The guided session in a real terminal: what is drawn anew, and where the cursor stays."""

from __future__ import annotations

import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.commands.guided.booking import assert_booked_once, line
from tests.commands.guided.person import CUSTOMER
from tests.tui.real.tmux import TMUX, Terminal
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(
    TMUX is None, reason="NO TMUX: a guided session in a real terminal is NOT TESTED"
)


@contextmanager
def booking(box, *options: str, size: tuple[int, int] = (80, 24)) -> Iterator[Terminal]:
    """Run a session of user1 in a window, and leave nothing of it behind."""
    folder = Path(tempfile.mkdtemp(prefix="tmux-"))  # short: it holds a socket
    command = (sys.executable, "-m", "boxoffice", "book", *options)
    terminal = Terminal(folder, *command, environment=box.environment | CUSTOMER, size=size)
    try:
        yield terminal
    finally:
        terminal.close()
        shutil.rmtree(folder)


def answer(terminal: Terminal, text: str) -> None:
    terminal.type(text)
    terminal.press("Enter")


def test_the_countdown_runs_above_what_is_typed(world):
    with booking(world.box, "1") as terminal:
        terminal.sees("Which seats?")
        answer(terminal, "A-1 A-2")
        terminal.sees("Charge how much?")
        terminal.type("100")
        terminal.sees("Held for you: 4:57 left", "[Enter: 100000] 100")
        terminal.type("000")
        shown = terminal.sees("Held for you: 4:56 left", "[Enter: 100000] 100000")
        assert shown.count("Held for you") == 1
        terminal.press("Enter")
        terminal.sees("Pay ₩100,000 for user1 now?")
        answer(terminal, "y")
        terminal.sees("left with 0")
        terminal.sees("A-1, A-2")
    assert_booked_once(world)


def test_the_countdown_is_never_drawn_over_what_is_typed(world):
    seats = "A-1 A-2 A-3 A-4 A-5 A-6 A-7 A-8 A-9 A-10 B-1 B-2 B-3 B-4 B-5 B-6"
    with booking(world.box, "1", size=(60, 20)) as terminal:
        terminal.sees("Which seats?")
        terminal.type(seats)
        for left in ("4:57", "4:56"):
            shown = terminal.sees(f"Your turn: {left} left")
            assert seats.replace(" ", "") in "".join(shown.split())
            assert shown.count("Your turn") == 1


def test_the_place_in_the_queue_is_one_line_that_is_drawn_anew(world):
    office = world.office
    office.configure_queue("1", capacity=1, poll_near_seconds=0.2)
    first, second = office.enqueue("1", "user2"), office.enqueue("1", "user3")
    with booking(world.box, "1", size=(60, 20)) as terminal:
        terminal.sees("Place 2 | 1 ahead")
        office.leave(second.token)
        shown = terminal.sees("Place 1 | 0 ahead")
        assert "Place 2" not in shown
        answer(terminal, "q")
        terminal.sees("Leave the queue, or keep your place?", "Your place is kept in")
        answer(terminal, "k")
        wait_until(lambda: terminal.exit_code is not None, "the session has ended")
        assert terminal.exit_code == 130
    assert line(world) == (1, 1)
    office.leave(first.token)
    with booking(world.box, size=(60, 20)) as terminal:
        terminal.sees("It is your turn.", "Which seats?")
        terminal.press("C-d")
        terminal.sees("Give up your place in the queue?")
        answer(terminal, "y")
        terminal.sees("left with 130")
    assert line(world) == (0, 0)
