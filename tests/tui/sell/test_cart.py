"""How a cart is told in a line."""

from __future__ import annotations

import pytest

from boxoffice.tui.sell.cart import countdown
from boxoffice.tui.words import short_list


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        (["B-12"], "B-12"),
        (["B-12", "B-13", "B-14"], "B-12..14"),
        (["B-9", "B-10", "C-11"], "B-9..10 C-11"),
        (["B-12", "B-14"], "B-12 B-14"),
        (["R Box", "R Box 2"], "R Box R Box 2"),
        ([f"{row}-1" for row in "ABCDEF"], "A-1 B-1 C-1 D-1 +2"),
        ([], ""),
    ],
)
def test_neighbours_are_told_as_a_range_and_many_are_counted(labels, told):
    assert short_list(labels) == told


@pytest.mark.parametrize(
    ("left", "told"),
    [(300, "hold 5:00 ########"), (150, "hold 2:30 ####----"), (0.4, "hold 0:00 --------"),
     (-5, "hold 0:00 --------"), (86_400, "hold 1440:00 ########")],
)  # fmt: skip
def test_the_countdown_says_minutes_and_seconds_and_never_less_than_nothing(left, told):
    assert countdown(left, 300, ascii_only=True).plain == told
