"""What a batch says: its result lines, how far it is, and what it came to."""

from __future__ import annotations

import json
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from boxoffice.commands import output
from boxoffice.commands.output import Exit
from boxoffice.core.errors import AnswerLost, LocalDiskFailed, Words
from boxoffice.core.language import tr

if TYPE_CHECKING:
    from collections.abc import Callable

# A run leaves with the last of these that one of its lines ended in.
WORST_LAST = (
    *(Exit.DONE, Exit.CONFLICT, Exit.REFUSED, Exit.NOT_FOUND, Exit.USAGE),
    *(Exit.UNAVAILABLE, Exit.UNKNOWN, Exit.BUG, Exit.INTERRUPTED),
)
QUIET_SECONDS, REFRESH_SECONDS = 1.0, 0.25
RUN_AGAIN = Words("give the same command again: what was done is not done twice")


class Tally:
    """Counts what the lines came to, and tells people meanwhile on a terminal."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self.done = self.replayed = self.refused = 0
        self.worst = Exit.DONE
        self._first: dict[str, Any] | None = None
        self._told_at = time.monotonic() + QUIET_SECONDS - REFRESH_SECONDS
        self._is_shown = False

    def tell(self, line: str, exit_code: int, *, replayed: bool) -> None:
        """Print a result line and count it; raises AnswerLost where nobody can read it."""
        self.count(exit_code, replayed=replayed)
        if exit_code and self._first is None:
            told = json.loads(line)
            self.remember(told["line"], told.get("error", {}).get("code"))
        self.print(lambda: output.print_line(line))

    def count(self, exit_code: int, *, replayed: bool) -> None:
        """Count a line by the exit code that it ended in."""
        if exit_code == Exit.DONE:
            self.replayed += replayed
            self.done += not replayed
        else:
            self.refused += 1
        self.worst = max(self.worst, Exit(exit_code), key=WORST_LAST.index)

    def remember(self, line: int, code: str | None) -> None:
        """Keep the first line that was not done, to name it at the end; None has no error."""
        self._first = self._first or {"line": line, "code": code}

    def print(self, write: Callable[[], None]) -> None:
        """Print what came of a line; raises AnswerLost."""
        try:
            write()
        except (BrokenPipeError, LocalDiskFailed) as error:
            reason = getattr(error, "message", None) or Words("the reader has gone")
            raise AnswerLost(
                "line {number} was done, but {reason}",
                number=self.lines,
                reason=reason,
                hint=RUN_AGAIN,
            ) from None
        self._show()

    @property
    def lines(self) -> int:
        """How many lines have been told so far."""
        return self.done + self.replayed + self.refused

    def conclude(self) -> None:
        """Say what the run came to, and which line was the first that was not done."""
        self._wipe()
        output.say(self._told())

    def _told(self) -> str:
        if self._as_json:
            return output.dump(self._counts() | {"first_refused": self._first})
        if self._first is None:
            return self._words()
        line, code = self._first["line"], self._first["code"]
        named = tr("{counts}; the first: line {line}", counts=self._words(), line=line)
        return f"{named} [{code}]" if code else named

    def _counts(self) -> dict[str, int]:
        return {"done": self.done, "replayed": self.replayed, "refused": self.refused}

    def _words(self) -> str:
        return tr(
            "{done} done, {replayed} done before, {refused} not done",
            **self._counts(),
        )

    def _show(self) -> None:
        now = time.monotonic()
        if now < self._told_at + REFRESH_SECONDS:
            return
        self._told_at = now
        if sys.stderr.isatty() and not sys.stdout.isatty():
            self._write(f"\r{self._words()}")
            self._is_shown = True

    def _wipe(self) -> None:
        if self._is_shown:
            self._write("\r\x1b[K")
            self._is_shown = False

    def _write(self, words: str) -> None:
        with suppress(OSError):  # nobody can be told
            sys.stderr.write(words)
            sys.stderr.flush()
