"""Ctrl-C at moments that no handler was written for: still one line at most, and 130."""

from __future__ import annotations

import io
import subprocess
import sys

from boxoffice.commands import run
from boxoffice.commands.output import Exit
from tests.commands.conftest import surroundings

COMMAND_SECONDS = 60
# An interrupt while a module of the program is imported, before any command is known.
EARLY = """
import sys
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "boxoffice.core.language":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupting())
from boxoffice.commands import main
main()
"""

# Ctrl-C once more, while Python shuts down.
LATE = """
import atexit, os, signal
atexit.register(os.kill, os.getpid(), signal.SIGINT)
from boxoffice.commands import main
main()
"""


class Interrupted(io.BytesIO):
    """A stream whose reader is interrupted where that comes out as another error."""

    def readline(self, _size=-1):
        error = TypeError("exceptions must derive from BaseException")  # what enum makes of it
        error.__context__ = KeyboardInterrupt()
        raise error


def run_script(box, script, *arguments):
    """Run a script that runs the command line in its own way."""
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env=box.environment,
        capture_output=True,
        timeout=COMMAND_SECONDS,
        check=False,
    )


def test_an_interrupt_before_the_command_began_is_quiet_and_130(box):
    ran = run_script(box, EARLY, "list-concerts")
    assert (ran.returncode, ran.stdout, ran.stderr) == (130, b"", b"")


def test_an_interrupt_after_the_command_ended_changes_nothing_and_is_quiet(box):
    ran = run_script(box, LATE, "--version")
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_an_interrupt_that_came_out_as_another_error_is_no_bug(box):
    with surroundings(box.environment, b""):
        sys.stdin = io.TextIOWrapper(Interrupted())
        assert run(["position", "--token", "-"]) == Exit.INTERRUPTED
        assert sys.stderr.buffer.getvalue() == b"boxoffice: interrupted. [interrupted]\n"
