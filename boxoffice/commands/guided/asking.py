"""Ask a person: a line at a time, a countdown above it, and a way back and out at each.

The countdown stands above the line that is typed on, which is drawn anew with it. A terminal
that cannot draw anew stays in its ordinary mode, where the kernel edits the line.
"""

from __future__ import annotations

import os
import select
import sys
import termios
import time
import unicodedata
from contextlib import suppress
from typing import TYPE_CHECKING

from boxoffice.commands.guided.folding import fitted, wrapped
from boxoffice.commands.guided.keys import by_key
from boxoffice.commands.guided.line import Line
from boxoffice.core import errors, language
from boxoffice.core.language import tr
from boxoffice.core.text import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boxoffice.commands.guided.countdown import Countdown

STDIN_FD, STDERR_FD = 0, 2
LINE_BYTES_MAX = 4_096
TICK_SECONDS = 1.0
COUNT_DIGITS_MAX = 9
COLUMNS, LINES = 80, 24  # of a terminal that does not say
# Where no line can be drawn anew, time is told when so much of it is left.
TOLD_SECONDS = (120, 60, 30, 10)
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
        return self._size[0] or COLUMNS

    @property
    def lines(self) -> int:
        """Return how many lines are seen at once."""
        return self._size[1] or LINES

    @property
    def _size(self) -> tuple[int, int]:
        try:
            return os.get_terminal_size(STDERR_FD)
        except OSError:
            return 0, 0

    # --- saying ---

    def say(self, words: str = "") -> None:
        """Say a line, below a live one; on a terminal it is parted between words."""
        if not self._silent:
            self.end_live()
            for line in self._wrapped(visible(words)):
                self._write(line + "\n")

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

    def _wrapped(self, words: str) -> list[str]:
        return wrapped(words, self.columns) if sys.stderr.isatty() else [words]

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
        if self._redraws and self.can_ask:
            return self._understood(self._edited(question, clock))
        return self._understood(self._answered(question, clock))

    def _edited(self, question: str, clock: Countdown | None) -> str:
        """Ask with the countdown drawn anew above what is typed; return the line."""
        line = Line(question, sys.stdin.encoding)
        with by_key(STDIN_FD):
            while True:
                rest = line.take(self._typed)
                self._typed = rest or b""
                self._write(line.drawing(clock.line if clock else None, self.columns))
                if line.is_ended or rest is not None or (clock and clock.seconds <= 0):
                    break
                if self._wait(TICK_SECONDS):
                    self._typed = self._read() or b""
                    if not self._typed:
                        raise Quit(gone=True)
        self._write("\n")
        if line.is_ended:
            raise Quit
        if rest is None:
            raise TimeIsUp
        return line.text

    def _answered(self, question: str, clock: Countdown | None) -> str:
        """Ask where lines stay, and tell the time when little is left of it; return the line."""
        told = clock.seconds if clock else 0.0
        if clock:
            self._write(clock.line + "\n")
        self._write(f"{question} ")
        while (line := self._line(TICK_SECONDS)) is None:
            if clock and clock.seconds <= 0:
                self._write("\n")
                raise TimeIsUp
            if clock and any(clock.seconds <= mark < told for mark in TOLD_SECONDS):
                self._write(f"\n{clock.line}\n{question} ")
                told = clock.seconds
        return line

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
            self.say(tr("Type y for yes or n for no, `back` or `quit`."))

    def choose(
        self,
        question: str,
        named: Sequence[Sequence[str]],
        clock: Countdown | None = None,
        *,
        default: int | None = None,
    ) -> int:
        """Ask which of several until it is clear, and return its place in the list.

        Each may be said by its number from 1 on, or by the beginning of one of its names.
        """
        hint = f"1-{len(named)}" if default is None else str(default)
        while True:
            answer = self.ask(f"{question} [{hint}]", clock) or str(default or "")
            at = _place_of(answer, named)
            if at is not None:
                return at
            self.say(
                tr(
                    "Type a number from 1 to {count} or the beginning of one name, `back` or"
                    " `quit`.",
                    count=len(named),
                )
            )

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


def _place_of(answer: str, named: Sequence[Sequence[str]]) -> int | None:
    """Find what was meant by a number, a name, or the beginning of the names of one alone."""
    if answer.isascii() and answer.isdigit() and 1 <= int(answer[:COUNT_DIGITS_MAX]) <= len(named):
        return int(answer[:COUNT_DIGITS_MAX]) - 1
    wanted = _plain(answer)
    if not wanted:
        return None
    plain = [[_plain(name) for name in names] for names in named]
    whole = [at for at, names in enumerate(plain) if wanted in names]
    begun = [at for at, names in enumerate(plain) if any(n.startswith(wanted) for n in names)]
    return next((found[0] for found in (whole, begun) if len(found) == 1), None)


def _plain(name: str) -> str:
    """Return a name as it is compared: the same however it was typed."""
    return unicodedata.normalize("NFC", name).casefold()


def no_terminal(what: str, hint: str) -> errors.InputInvalid:
    """Build the error for an answer that nobody can give; `hint` names its option."""
    return errors.InputInvalid("{what}? there is no terminal to ask", what=what, hint=hint)
