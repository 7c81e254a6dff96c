"""The real counter leaves like the small app, whatever its threads and servers do."""

from __future__ import annotations

import signal
from contextlib import closing, contextmanager

import psycopg
import pytest

from tests.conftest import plain
from tests.tui.terminal.screen import Screen
from tests.waiting import BLOCKED, wait_until


@contextmanager
def counter(world):
    """Open the counter on a terminal, at the map of a performance."""
    command = ["-m", "boxoffice", "counter", "--performance", str(world.performance)]
    environment = world.box.environment | {"TERM": "xterm-256color"}
    with closing(Screen(*command, environment=environment)) as screen:
        yield screen


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_counter_with_the_screen_restored(world, number):
    with counter(world) as screen:
        wait_until(lambda: b"Floor" in screen.drawn, "the map is drawn")
        screen.process.send_signal(number)
        assert screen.left()[0] == 128 + number
        assert screen.restored()


def test_a_lost_terminal_ends_the_counter(world):
    with counter(world) as screen:
        wait_until(lambda: b"Floor" in screen.drawn, "the map is drawn")
        screen.hang_up()
        assert screen.left()[0] == 128 + signal.SIGHUP


def test_a_query_that_waits_without_end_does_not_keep_the_counter(world):
    database = plain(world.box.settings.database_url)
    with psycopg.connect(database) as blocker, counter(world) as screen:
        blocker.execute("LOCK TABLE performance_seats IN ACCESS EXCLUSIVE MODE")
        wait_until(lambda: world.box.rows(BLOCKED), "the counter waits for the lock")
        wait_until(lambda: b"\x1b[?1049h" in screen.drawn, "the counter is drawn")
        screen.process.send_signal(signal.SIGTERM)
        assert screen.left()[0] == 128 + signal.SIGTERM
        assert screen.restored()
