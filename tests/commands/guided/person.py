"""A person at a terminal of `boxoffice book`, who reads, types, is cut off and comes back."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

CUSTOMER = {"BOXOFFICE_ROLE": "customer", "BOXOFFICE_USER": "user1"}
CHUNK_BYTES = 65_536
END_SECONDS = 30
QUESTIONS_MAX = 20  # a session that asks more than this asks in a circle
# What each question is known by, and what this person answers.
ANSWERS = {
    "Which concert?": "1",
    "Which date?": "1",
    "Which seats?": "A-1 A-2",
    "Charge how much?": "",
    "Pay ": "y",
    "Book more?": "n",
}
CTRL_C, CTRL_D = "\x03", "\x04"


class Person:
    """One session in a terminal of its own; what it said is in `screen`, control codes and all."""

    def __init__(self, box, *options: str, size: tuple[int, int], **environment: str) -> None:
        self._master, slave = pty.openpty()
        columns, lines = size
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "boxoffice", "book", *options],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=box.environment | {"TERM": "xterm"} | CUSTOMER | environment,
            start_new_session=True,
            preexec_fn=_own_terminal,  # noqa: PLW1509 - one system call, before any thread
        )
        os.close(slave)
        self.screen = ""
        self._seen = 0

    # --- reading ---

    def sees(self, *words: str) -> None:
        """Wait until one of the words comes, after what was seen before."""
        wait_until(lambda: self._finds(words) or self._ended(), f"{words} in {self.screen}")
        assert self._finds(words), self.screen
        self._seen = max(self.screen.find(word, self._seen) + len(word) for word in words)

    def question(self) -> str | None:
        """Wait for the next question and return it; None at the end of the session."""
        asked = wait_until(lambda: self._asked() or self._ended(), f"a question: {self.screen}")
        if asked is True:
            return self._take(self._asked())
        return self._take(asked)

    def _asked(self) -> str | None:
        self._read()
        found = [(self.screen.find(q, self._seen), q) for q in ANSWERS]
        return min(((at, q) for at, q in found if at >= 0), default=(0, None))[1]

    def _take(self, question: str | None) -> str | None:
        if question:
            self._seen = self.screen.find(question, self._seen) + len(question)
        return question

    def _finds(self, words: tuple[str, ...]) -> bool:
        self._read()
        return any(self.screen.find(word, self._seen) >= 0 for word in words)

    def _ended(self) -> bool:
        ended = self._process.poll() is not None
        self._read()
        return ended

    def _read(self) -> None:
        while select.select([self._master], [], [], 0)[0]:
            try:
                data = os.read(self._master, CHUNK_BYTES)
            except OSError:  # nobody has the other end open any more
                return
            if not data:
                return
            self.screen += data.decode(errors="replace")

    # --- doing ---

    def type(self, text: str, end: str = "\n") -> None:
        os.write(self._master, (text + end).encode())

    def press(self, key: str) -> None:
        self.type(key, end="")

    def answers(self, until: str | None = None, **others: str) -> None:
        """Answer every question until the one given is asked, or to the end."""
        for _ in range(QUESTIONS_MAX):
            question = self.question()
            if question is None or question == until:
                break
            self.type(others.get(question.split()[0], ANSWERS[question]))
        assert question == until, self.screen

    @property
    def echoes(self) -> bool:
        """Tell whether the kernel edits lines and shows what is typed, as a shell expects."""
        usual = termios.ICANON | termios.ECHO
        return termios.tcgetattr(self._master)[3] & usual == usual

    def resize(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    # --- its end ---

    def kill(self, how: int = signal.SIGKILL) -> None:
        self._process.send_signal(how)
        self._process.wait(END_SECONDS)

    def hang_up(self) -> None:
        """Take the terminal away, as a lost connection does."""
        os.close(self._master)
        self._master = os.open(os.devnull, os.O_RDONLY)
        self._process.wait(END_SECONDS)

    @property
    def code(self) -> int:
        """Wait for the end and return the exit code."""
        wait_until(self._ended, f"the end of {self.screen}")
        return self._process.returncode

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait(END_SECONDS)
        os.close(self._master)


def _own_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@contextmanager
def person(
    box, *options: str, size: tuple[int, int] = (80, 24), **environment: str
) -> Iterator[Person]:
    """Run a session of user1 in a terminal, and leave nothing of it behind."""
    somebody = Person(box, *options, size=size, **environment)
    try:
        yield somebody
    finally:
        somebody.close()
