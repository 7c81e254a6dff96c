"""Events for a program of one's own, on its stdin."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

from boxoffice.core.delivery.letters import Failure
from boxoffice.core.errors import InputInvalid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boxoffice.core.config import Settings
    from boxoffice.core.delivery.letters import Letter

# What a program needs to run; this one's settings hold passwords.
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR")


class CommandSink:
    """Runs a program for each event; it has taken it when it leaves with 0."""

    name = "command"
    lanes = 1
    at_once = 1

    def __init__(self, settings: Settings, command: str) -> None:
        try:
            self._words = shlex.split(command)
        except ValueError:
            self._words = []
        if not self._words:
            raise InputInvalid("event_command is no command", hint="write PROGRAM ARGUMENT...")
        self._seconds = settings.delivery_seconds
        self._environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}

    def deliver(self, letters: Sequence[Letter]) -> Failure | None:
        """Run the program with one event on its stdin, without a shell."""
        (letter,) = letters
        try:
            program = subprocess.Popen(  # noqa: S603 - the words of the one who set it up
                self._words,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=self._environment,
                start_new_session=True,
            )
        except OSError as error:
            return Failure(reason=f"event_command cannot be run: {error.strerror}", means="away")
        with program:
            try:
                program.communicate(letter.line(), timeout=self._seconds)
            except subprocess.TimeoutExpired:
                return Failure(reason=f"event_command ran for {self._seconds:g} s")
            finally:
                with suppress(ProcessLookupError):  # and whatever it left behind
                    os.killpg(program.pid, signal.SIGKILL)
        if program.returncode:
            return Failure(reason=f"event_command left with {program.returncode}")
        return None

    def close(self) -> None:
        """Nothing is kept open."""
