"""Ask the terminal how wide it draws the characters that Unicode calls ambiguous."""

from __future__ import annotations

import os
import re
import select
import termios
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator

PROBE_SECONDS = 0.2
ANSWER_BYTES_MAX = 4096
GLYPH = "■"
GLYPH_CELLS_MAX = len(GLYPH.encode())  # a terminal that knows no UTF-8 draws each byte
QUESTION = f"\r{GLYPH}\x1b[6n".encode()
WIPE = b"\r\x1b[K"
REPORT = re.compile(rb"\x1b\[\d{1,4};(\d{1,4})R")
LOCAL_FLAGS = 3  # the place of the local modes in what tcgetattr returns


def probe_width(stream: TextIO, timeout_seconds: float = PROBE_SECONDS) -> int | None:
    """Return how many cells an ambiguous character takes, or None where nobody answers.

    Call it with stdin and before Textual starts. What was typed ahead is dropped: it was meant
    for another screen. An answer that comes too late is one that Textual knows and ignores.
    """
    try:
        fd = stream.fileno()
        with _unbuffered(fd):
            _write(fd, QUESTION)
            answer = _read_report(fd, timeout_seconds)
            _write(fd, WIPE)
    except (OSError, ValueError, termios.error):  # no terminal, or one that has gone
        return None
    cells = int(answer.group(1)) - 1 if answer else 0
    return cells if 1 <= cells <= GLYPH_CELLS_MAX else None


@contextmanager
def _unbuffered(fd: int) -> Iterator[None]:
    """Get input at once and unseen, and afterwards the terminal's modes as they were."""
    before = termios.tcgetattr(fd)
    changed = termios.tcgetattr(fd)
    changed[LOCAL_FLAGS] &= ~(termios.ICANON | termios.ECHO)
    termios.tcsetattr(fd, termios.TCSANOW, changed)
    try:
        yield
    finally:
        with suppress(termios.error):
            termios.tcflush(fd, termios.TCIFLUSH)
            termios.tcsetattr(fd, termios.TCSANOW, before)


def _write(fd: int, data: bytes) -> None:
    """Write, unless the terminal takes nothing just now (Ctrl-S) and would keep us waiting."""
    if select.select([], [fd], [], 0)[1]:
        os.write(fd, data)


def _read_report(fd: int, timeout_seconds: float) -> re.Match[bytes] | None:
    """Read until the cursor's place is told, the time is up or too much else has come."""
    deadline = time.monotonic() + timeout_seconds
    heard = b""
    while len(heard) < ANSWER_BYTES_MAX:
        left = max(0.0, deadline - time.monotonic())
        if not select.select([fd], [], [], left)[0]:
            return None
        if not (data := os.read(fd, ANSWER_BYTES_MAX)):
            return None
        heard += data
        if report := REPORT.search(heard):
            return report
    return None
