"""Whose clock says how long a hold lives."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import boxoffice.commands.guided
from boxoffice.commands.guided.countdown import Countdown, count_down

FOLDER = Path(boxoffice.commands.guided.__file__).parent


def test_a_countdown_ends_when_the_clock_of_the_database_says(world):
    end = world.office.clock() + timedelta(seconds=100)
    counting = count_down(world.office, end, "{left} to go")
    assert 70 < counting.seconds <= 100
    assert count_down(world.office, end - timedelta(seconds=200), "").seconds == 0


def test_time_is_written_in_minutes_and_seconds():
    assert Countdown(ends=0, words="{left} to go").line == "0:00 to go"


def test_the_session_reads_no_clock_of_the_host():
    for path in FOLDER.glob("*.py"):
        text = path.read_text()
        for clock in ("datetime.now(", "time.time()", "utcnow(", "date.today("):
            assert clock not in text, f"{path.name}: {clock}"
