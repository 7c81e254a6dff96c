"""A line while it is typed: what keys do to it, and how much of the screen it takes."""

from __future__ import annotations

import pytest

from boxoffice.commands.guided.folding import wrapped
from boxoffice.commands.guided.line import Line
from boxoffice.core.text import cells


def typed(keys: str) -> Line:
    line = Line("Which seats?", "utf-8")
    assert line.take(keys.encode()) is None
    return line


@pytest.mark.parametrize(
    ("keys", "left"),
    [
        ("A-1 A-22\x7f", "A-1 A-2"),
        ("한글\x7f", "한"),
        ("A-1 A-2\x17A-3", "A-1A-3"),
        ("A-1\x15B-2", "B-2"),
        ("A\x1b[C-\x1bOA1\x1b[3~", "A-1"),  # arrows and Delete
        ("A\x07-\x001", "A-1"),
        ("x" * 2_000, "x" * 1_000),
    ],
)
def test_keys_do_what_they_do_in_a_shell(keys, left):
    assert typed(keys).text == left


def test_a_character_may_come_in_pieces_and_what_follows_enter_is_kept():
    line = Line("Which seats?", "utf-8")
    whole = "심".encode()
    assert line.take(whole[:1]) is None
    assert line.take(whole[1:] + b"\ny\n") == b"y\n"
    assert line.text == "심"


def test_the_countdown_is_drawn_above_all_lines_that_are_typed():
    line = typed("Stalls/A-1 " * 8)
    assert line.drawing("4:59", 40).count("\n") == 3
    assert line.drawing("4:58", 40) == "\x1b7\x1b[3A\r4:58\x1b[K\x1b8"
    line.take(b"B")
    assert line.drawing("4:58", 40) == "B"
    assert line.drawing("4:58", 20).startswith("\r\x1b[6A\x1b[J4:58\n")  # each line became two


def test_words_wrap_between_them_whatever_their_width():
    for text in ("one two three four", "좌석이나 구역을 입력하십시오 그리고 Enter를 누르십시오"):
        for width in (13, 20, 26):
            lines = wrapped(text, width)
            assert " ".join(lines) == text
            assert max(map(cells, lines)) <= width
    assert wrapped("x" * 30, 10) == ["x" * 30]
