"""What a real terminal shows: Korean, plain ASCII, and what is missing at the start."""

from __future__ import annotations

import re

from boxoffice.core.text import cells
from tests.tui.real.tmux import counter, window
from tests.waiting import wait_until

FRAMED = re.compile(r"[╭│╰].*[╮│╯]")
CLOSED = {
    "BOXOFFICE_DATABASE_URL": "postgresql://boxoffice@127.0.0.1:1/boxoffice",
    "BOXOFFICE_REDIS_URL": "redis://127.0.0.1:1/0",
}


def edges(text: str) -> set[tuple[int, int]]:
    """Return where the lines of a frame begin and end, in cells."""
    found = [line for line in text.splitlines() if FRAMED.search(line)]
    assert len(found) > 3, text
    starts = [FRAMED.search(line).span() for line in found]
    return {
        (cells(line[:start]), cells(line[:end]))
        for line, (start, end) in zip(found, starts, strict=True)
    }


def test_korean_words_are_shown_and_the_frame_of_a_dialog_is_straight(world):
    with counter(world, "--lang", "ko") as terminal:
        text = terminal.sees("실시간", "무대", "선택 좌석 없음", "A-5")
        assert all(cells(line) <= 80 for line in text.splitlines())
        terminal.press("Space")
        terminal.sees("선택 좌석 1")
        terminal.enter()
        text = terminal.sees("현금")
        assert len(edges(text)) == 1
        assert all(cells(line) <= 80 for line in text.splitlines())


def test_a_keyboard_in_korean_mode_moves_and_picks(world):
    with counter(world, "--lang", "ko") as terminal:
        terminal.sees("A-5")
        for jamo, seat in (("ㅓ", "B-5"), ("ㅏ", "A-5"), ("ㅣ", "A-6"), ("ㅗ", "A-5")):
            terminal.type(jamo)
            wait_until(lambda seat=seat: terminal.seat == seat, f"{jamo} goes to {seat}")
        terminal.type("2ㅠ")
        terminal.sees("선택 좌석 2")
        terminal.type("ㅌ")
        terminal.sees("선택 좌석 1")


def test_ascii_draws_nothing_else_but_the_sign_of_the_currency(world):
    with counter(world, "--ascii", size=(120, 30)) as terminal:
        texts = [terminal.sees("* live", "Prices", "A-5  free")]
        terminal.press("Space")
        texts.append(terminal.sees("[@]", "Cart 1"))
        terminal.enter()
        texts.append(terminal.sees("how?"))
        terminal.press("Escape")
        wait_until(lambda: "how?" not in terminal.text, "the question is closed")
        terminal.press("?")
        texts.append(terminal.sees("charge the cart"))
    assert all(text.replace("₩", "").isascii() for text in texts), texts


def test_servers_that_are_not_there_are_told_with_what_mends_them(box):
    with window(box.environment | CLOSED) as terminal:
        terminal.sees(
            "The counter cannot begin yet.",
            "start Postgres, or mend BOXOFFICE_DATABASE_URL",
            "start Redis, or mend BOXOFFICE_REDIS_URL",
        )
        terminal.press("q")
        wait_until(lambda: terminal.exit_code == 0, "it is left")


def test_bytes_that_are_no_text_are_passed_over(world):
    """A Latin-1 terminal's letters, and half a character."""
    with counter(world) as terminal:
        terminal.sees("A-5")
        for data in (b"\xe9", b"\xff\xfe", b"\xec\x95", b"\xf0\x28\x8c\x28"):
            terminal.send_bytes(data)
            terminal.press("Space")
        terminal.press("?")
        terminal.sees("Keys")
        assert terminal.exit_code is None


def test_without_colours_the_map_is_drawn_with_letters_alone(world):
    with counter(world, NO_COLOR="1") as terminal:
        terminal.sees("A-5", "a a a")
        terminal.press("Space")
        terminal.sees("Cart 1", "✓")
