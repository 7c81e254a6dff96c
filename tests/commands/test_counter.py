"""`boxoffice counter`: who may start it, and where."""

from __future__ import annotations

import pytest

from tests.commands.conftest import invoke


def test_without_a_terminal_it_says_so_in_one_line(box):
    ran = invoke(box, "counter")
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.splitlines() == [
        "boxoffice: the counter needs a terminal. [input_invalid]",
        "  hint: run it in one, or `boxoffice counter --web`",
    ]


@pytest.mark.parametrize("more", [(), ("--web",), ("--performance", "1")])
def test_it_is_not_for_customers(box, more):
    ran = invoke(box, "counter", *more, BOXOFFICE_ROLE="customer")
    assert ran.code == 4
    assert "[forbidden]" in ran.err


def test_a_language_that_is_not_spoken_is_refused(box):
    ran = invoke(box, "counter", "--lang", "tlh")
    assert ran.code == 2
    assert "[input_invalid]" in ran.err


def test_a_clerk_gets_as_far_as_the_terminal(box):
    assert "needs a terminal" in invoke(box, "counter", BOXOFFICE_ROLE="clerk").err
