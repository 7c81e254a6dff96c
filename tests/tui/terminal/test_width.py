"""The width probe asks a scripted terminal, and is harmless to any other."""

from __future__ import annotations

import io
import os
import pty
import termios
import threading
from contextlib import contextmanager

import pytest

from boxoffice.tui.terminal import probe_width

ASKED = b"\x1b[6n"
LONG_SECONDS = 30.0  # for answers that come: never waited for
SHORT_SECONDS = 0.05  # for answers that never come


@contextmanager
def terminal(answer: bytes, *, typed_ahead: bytes = b""):
    """Yield a terminal that answers like this when it is asked, and what it was sent."""
    master, slave = pty.openpty()
    heard = bytearray()

    def play():
        while ASKED not in heard:
            heard.extend(os.read(master, 1000))
        os.write(master, answer)

    os.write(master, typed_ahead)
    player = threading.Thread(target=play)
    player.start()
    with os.fdopen(slave, "rb+", buffering=0) as stream:
        yield stream, heard
        player.join()
        os.close(master)


@pytest.mark.parametrize("cells", [1, 2, 3])
def test_the_cursor_tells_how_wide_the_character_was(cells):
    with terminal(b"\x1b[24;%dR" % (cells + 1)) as (stream, heard):
        assert probe_width(stream, LONG_SECONDS) == cells
        assert heard.startswith("\r■".encode())


def test_an_answer_behind_typed_keys_is_found():
    with terminal(b"abc\r\x1b[A\x1b[1;3R", typed_ahead=b"pay\r") as (stream, _):
        assert probe_width(stream, LONG_SECONDS) == 2


@pytest.mark.parametrize(
    "answer",
    [b"", b"\x1b[", b"\xff\xfe\x00 \x1b[R \x1b[;R", b"\x1b[1;1R", b"\x1b[1;99R", b"x" * 4000],
    ids=["silent", "cut off", "garbage", "did not move", "moved too far", "too much"],
)
def test_no_answer_and_nonsense_are_no_width(answer):
    with terminal(answer) as (stream, _):
        assert probe_width(stream, SHORT_SECONDS) is None


def test_the_terminal_is_left_as_it_was_with_nothing_to_read():
    with terminal(b"\x1b[1;2R and more", typed_ahead=b"\x1b[B\r") as (stream, _):
        before = termios.tcgetattr(stream)
        probe_width(stream, LONG_SECONDS)
        assert termios.tcgetattr(stream) == before
        os.set_blocking(stream.fileno(), False)
        assert stream.read(100) is None


def test_without_a_terminal_nothing_is_asked(tmp_path):
    assert probe_width(io.StringIO()) is None
    file = tmp_path / "file"
    with file.open("w+") as stream:
        assert probe_width(stream) is None
    assert file.read_text() == ""


def test_a_terminal_that_has_gone_is_no_width():
    master, slave = pty.openpty()
    os.close(master)
    with os.fdopen(slave, "rb+", buffering=0) as stream:
        assert probe_width(stream) is None
