"""The counter leaves in order when it can, and leaves in time when it cannot."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from boxoffice.tui.terminal.leaving import LEAVE_SECONDS, LOOK_SECONDS
from tests.tui.terminal.screen import on_screen

TERMINATED = 128 + signal.SIGTERM
HUNG_UP = 128 + signal.SIGHUP
CPU_SECONDS_MAX = 1.0  # leaving takes 0.1; a driver that spins uses it all until it is killed


def cpu_seconds(pid: int) -> float:
    """Read what a process has used, from the fields utime and stime."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_and_count(pid: int) -> tuple[int, float]:
    """Wait for the end of a child, and return its exit code and the CPU of its whole life."""
    _, status, used = os.wait4(pid, 0)
    return os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, TERMINATED), (signal.SIGHUP, HUNG_UP)]
)
def test_a_signal_ends_the_app_in_order_with_the_screen_restored(number, code):
    with on_screen("patient") as screen:
        screen.process.send_signal(number)
        assert screen.left() == (code, b"orderly\n")
        assert screen.restored()


@pytest.mark.parametrize("ways", [[], ["owns-terminal"], ["owns-terminal", "ignores-hangup"]])
def test_a_dead_terminal_ends_the_app_and_never_spins(ways):
    """Without `owns-terminal` nobody sends a signal: only the terminal's end can be seen."""
    with on_screen("patient", *ways) as screen:
        before = cpu_seconds(screen.process.pid)
        screen.hang_up()
        code, used = wait_and_count(screen.process.pid)
        screen.process.returncode = code
        assert code == HUNG_UP
        assert used - before < CPU_SECONDS_MAX


def test_a_signal_before_the_first_frame_is_not_lost():
    with on_screen("patient", "signalled-early") as screen:
        assert screen.left() == (TERMINATED, b"orderly\n")


def test_a_blocked_worker_delays_no_signal():
    with on_screen("worker-blocks") as screen:
        screen.process.send_signal(signal.SIGTERM)
        assert screen.left() == (TERMINATED, b"")
        assert screen.restored()
        assert screen.drawn.endswith(b"last words")


def test_a_blocked_worker_delays_no_quitting_by_key():
    with on_screen("worker-blocks") as screen:
        screen.press("q")
        assert screen.left() == (0, b"")
        assert screen.restored()


def test_quitting_by_key_needs_no_last_resort():
    with on_screen("patient") as screen:
        screen.press("q")
        assert screen.left() == (0, b"orderly\n")
        assert screen.restored()
        assert b"last words" not in screen.drawn


def test_a_blocked_event_loop_is_left_with_the_screen_restored():
    with on_screen("loop-blocks") as screen:
        screen.process.send_signal(signal.SIGTERM)
        assert screen.left() == (TERMINATED, b"")
        assert screen.restored()


def test_a_terminal_that_takes_nothing_any_more_is_left():
    with on_screen("draws-much", stalled=True) as screen:
        screen.process.send_signal(signal.SIGTERM)
        assert screen.left() == (TERMINATED, b"")


def test_the_last_resort_comes_within_a_second():
    assert LOOK_SECONDS + LEAVE_SECONDS < 1
