"""Ask a person: a line at a time, a countdown above it, and a way back and out at each.

The terminal stays in its ordinary mode, where the kernel edits the line: a session that is
killed leaves nothing to restore. The countdown is therefore not on the line that is typed on
but on the one above it.
"""

from __future__ import annotations

import os
import select
import sys
import termios
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from boxoffice.core import errors, language
from boxoffice.core.language import tr
from boxoffice.core.text import cells, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boxoffice.commands.guided.countdown import Countdown

STDIN_FD, STDERR_FD = 0, 2
LINE_BYTES_MAX = 4_096
TICK_SECONDS = 1.0
COLUMNS = 80  # of a terminal that does not say
# Where no line can be drawn anew, time is told when so much of it is left.
TOLD_SECONDS = (120, 60, 30, 10)
# Drawn on the line above the one that is typed on; the cursor goes back to where it was.
ABOVE, BACK_DOWN = "\x1b7\x1b[1A\r", "\x1b[K\x1b8"
ANEW = "\r\x1b[K"

# Each with what a Korean keyboard types for its keys.
BACK_WORDS = ("back", "b", "ㅠㅁ차", "ㅠ", "뒤로")
QUIT_WORDS = ("quit", "q", "exit", "벼ㅑㅅ", "ㅂ", "그만")
YES_WORDS = ("y", "yes", "ㅛ", "예", "네")
NO_WORDS = ("n", "no", "ㅜ", "아니오", "아니요")


class Back(Exception):
    """The person wants the question before this one."""


class Quit(Exception):
    """The person wants to leave; `gone` when nobody is there to be asked anything more."""

    def __init__(self, *, gone: bool = False) -> None:
        super().__init__()
        self.gone = gone


class TimeIsUp(Exception):
    """The countdown came to its end while the person was asked."""


class Terminal:
    """The person at the other end, or nobody: words go to stderr, answers come from stdin."""

    def __init__(self, *, may_ask: bool, silent: bool) -> None:
        self.can_ask = may_ask and sys.stdin.isatty() and sys.stderr.isatty()
        self._silent = silent and not self.can_ask
        self._redraws = sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        self._typed = b""
        self._live = ""
        self._asked = False

    @property
    def columns(self) -> int:
        """Return how many cells a line has."""
        try:
            return os.get_terminal_size(STDERR_FD).columns or COLUMNS
        except OSError:
            return COLUMNS

    # --- saying ---

    def say(self, words: str = "") -> None:
        """Say a line, below a live one."""
        if not self._silent:
            self.end_live()
            self._write(visible(words) + "\n")

    def tell(self, error: errors.BoxOfficeError) -> None:
        """Say what went wrong, in one line."""
        message, _ = language.of(error)
        self.say(f"{message[:1].upper()}{message[1:]}.")

    def live(self, words: str) -> None:
        """Show a line that the next one replaces; where lines stay, only what is new."""
        if self._silent or words == self._live:
            return
        self._live = words
        if self._redraws:
            self._write(ANEW + fitted(visible(words), self.columns - 1))
        else:
            self._write(visible(words) + "\n")

    def end_live(self) -> None:
        """Leave the live line as it is."""
        if self._live and self._redraws:
            self._write("\n")
        self._live = ""

    def _write(self, text: str) -> None:
        with suppress(OSError):  # nobody can be told; what is read next says so, too
            sys.stderr.write(text)
            sys.stderr.flush()

    # --- asking ---

    def ask(self, question: str, clock: Countdown | None = None, *, fresh: bool = False) -> str:
        """Return what was typed, without spaces around it.

        A `fresh` question takes nothing that was typed before it was seen. Raises Back, Quit,
        TimeIsUp, KeyboardInterrupt.
        """
        self.end_live()
        if not self._asked:
            self._asked = True
            self.say(tr("At each question `back` goes back and `quit` leaves."))
        question = visible(question)
        if fresh:
            self._forget_typed()
        told = clock.seconds if clock else 0.0
        if clock:
            self._write(clock.line + "\n")
        self._write(f"{question} ")
        while True:
            line = self._line(TICK_SECONDS)
            if line is not None:
                return self._understood(line)
            if clock and clock.seconds <= 0:
                self._write("\n")
                raise TimeIsUp
            if clock:
                told = self._tick(clock, told, question)

    def confirm(
        self, question: str, clock: Countdown | None = None, *, default: bool | None = None
    ) -> bool:
        """Ask until the answer is yes or no; raises as `ask` does."""
        choice = {True: "Y/n", False: "y/N", None: "y/n"}[default]
        while True:
            answer = self.ask(f"{question} [{choice}]", clock, fresh=True).lower()
            if answer in YES_WORDS or (default is True and not answer):
                return True
            if answer in NO_WORDS or (default is False and not answer):
                return False

    def choose(
        self,
        question: str,
        count: int,
        clock: Countdown | None = None,
        *,
        default: int | None = None,
    ) -> int:
        """Ask for a number from 1 to `count` until there is one, and return it less 1."""
        shown = "" if default is None else f" [{default}]"
        while True:
            answer = self.ask(f"{question} [1-{count}]" if not shown else question + shown, clock)
            number = answer or str(default or "")
            if number.isascii() and number.isdigit() and 1 <= int(number[:9]) <= count:
                return int(number) - 1
            self.say(tr("Type a number from 1 to {count}, `back` or `quit`.", count=count))

    def pause(self, seconds: float) -> None:
        """Wait, and hear nothing but the wish to go back or to leave; raises Back, Quit."""
        if not self.can_ask:
            time.sleep(seconds)
            return
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            line = self._line(left)
            if line is not None:
                self._understood(line)

    def _understood(self, line: str) -> str:
        answer = line.strip()
        if answer.lower() in BACK_WORDS:
            raise Back
        if answer.lower() in QUIT_WORDS:
            raise Quit
        return answer

    def _tick(self, clock: Countdown, told: float, question: str) -> float:
        """Show how much time is left; return when it was last said where lines stay."""
        left = clock.seconds
        if self._redraws:
            self._write(f"{ABOVE}{fitted(clock.line, self.columns - 1)}{BACK_DOWN}")
        elif any(left <= mark < told for mark in TOLD_SECONDS):
            self._write(f"\n{clock.line}\n{question} ")
            return left
        return told

    # --- reading ---

    def _line(self, seconds: float) -> str | None:
        """Return a line, or None when none came in so many seconds; raises Quit at the end."""
        end = time.monotonic() + seconds
        while b"\n" not in self._typed:
            left = end - time.monotonic()
            if left <= 0 or not self._wait(left):
                return None
            read = self._read()
            if not read:
                self._write("\n")
                raise Quit(gone=read is None)
            self._typed += read
        line, _, self._typed = self._typed.partition(b"\n")
        return line.decode(sys.stdin.encoding or "utf-8", errors="replace")

    def _wait(self, seconds: float) -> bool:
        poll = select.poll()
        poll.register(STDIN_FD, select.POLLIN)
        return bool(poll.poll(seconds * 1000))

    def _read(self) -> bytes | None:
        """Read what was typed; nothing at its end (Ctrl-D), None when the terminal has gone."""
        try:
            return os.read(STDIN_FD, LINE_BYTES_MAX)
        except OSError:
            return None

    def _forget_typed(self) -> None:
        self._typed = b""
        with suppress(termios.error):
            termios.tcflush(STDIN_FD, termios.TCIFLUSH)


def fitted(text: str, width: int) -> str:
    """Return a line cut to a width in cells."""
    if cells(text) <= width:
        return text
    while text and cells(text) > width:
        text = text[:-1]
    return text


def folded(facts: Sequence[str], width: int) -> list[str]:
    """Join facts by commas, in as many lines as it takes; a fact is never parted."""
    lines = [facts[0]]
    for fact in facts[1:]:
        joined = f"{lines[-1]}, {fact}"
        if cells(joined) <= width:
            lines[-1] = joined
        else:
            lines[-1] += ","
            lines.append(fact)
    return lines


def no_terminal(what: str, hint: str) -> errors.InputInvalid:
    """Build the error for an answer that nobody can give; `hint` names its option."""
    return errors.InputInvalid("{what}? there is no terminal to ask", what=what, hint=hint)
