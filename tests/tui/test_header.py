"""The first line: what it drops where it is narrow."""

from __future__ import annotations

from boxoffice.core.text import cells
from boxoffice.tui.header import HeaderFacts, header_parts

FACTS = HeaderFacts(title="IU 콘서트", date="11/20 19:30", free="free 611 (-10)")
LINK = "● live"


def line(facts, width):
    return "".join(header_parts(facts, LINK, "clerk 00", width))


def test_a_wide_header_says_everything():
    text = line(FACTS, 80)
    assert text.startswith(" boxoffice  IU 콘서트  11/20 19:30  ● live")
    assert text.endswith("free 611 (-10)  clerk 00 ")


def test_a_header_fills_its_line_and_no_more():
    long = HeaderFacts(title="아" * 60, date="11/20 19:30", free="free 12,345 (-1,234)")
    for facts in (FACTS, long, HeaderFacts()):
        for width in range(60, 400):
            assert cells(line(facts, width)) == width


def test_the_name_goes_first_then_the_clerk_then_the_end_of_the_title():
    long = HeaderFacts(title="아" * 20, date="11/20 19:30", free="free 611 (-10)")
    assert "boxoffice" in line(long, 100)
    assert "boxoffice" not in line(long, 86)
    assert "clerk" not in line(long, 78)
    short = line(long, 60)
    assert ".." in short
    assert LINK in short
    assert "free 611 (-10)" in short


def test_a_title_cannot_steer_the_terminal():
    assert "\x1b" not in line(HeaderFacts(title="a\x1b[2Jb"), 80)
