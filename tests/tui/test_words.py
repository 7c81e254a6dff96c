"""Amounts, times and texts as the counter writes and reads them; toasts said once."""

from __future__ import annotations

import pytest

from boxoffice.core.language import money
from boxoffice.core.model import Money
from boxoffice.core.text import cells
from boxoffice.tui.dialogs import ENTER_REPEAT_SECONDS, EnterRepeats
from boxoffice.tui.messages import MERGE_SECONDS, RecentWords
from boxoffice.tui.words import fitted, minor_units, minutes, padded
from tests.tui.stage import Clock


def test_amounts_are_written_in_the_unit_of_their_currency():
    assert money(Money(amount=154_000, currency="KRW")) == "₩154,000"
    assert money(Money(amount=1_250, currency="EUR")) == "€12.50"


def test_amounts_are_read_as_people_type_them():
    assert minor_units(" 154,000 ", "KRW") == 154_000
    assert minor_units("12.5", "EUR") == 1_250


@pytest.mark.parametrize("text", ["", "x", "-5", "1.5", "NaN", "1e9", "١٢", "1_000", "1" * 16])
def test_what_is_no_amount_of_won_is_refused(text):
    with pytest.raises(ValueError, match="not an amount"):
        minor_units(text, "KRW")


def test_korean_letters_take_two_cells():
    assert fitted("예매확인", 8) == "예매확인"
    assert fitted("예매확인서", 8) == "예매확.."
    assert all(cells(fitted("가나다라마바사", width)) <= width for width in range(20))
    assert cells(padded("가나", 10)) == cells(padded("가나", 10, right=True)) == 10


def test_minutes_never_fall_below_zero():
    assert (minutes(282.9), minutes(59), minutes(-3)) == ("4:42", "0:59", "0:00")


def test_the_same_words_within_five_seconds_are_said_once():
    clock = Clock()
    recent = RecentWords(clock)
    assert recent.is_news("taken")
    clock.pass_by(MERGE_SECONDS - 0.1)
    assert not recent.is_news("taken")
    assert recent.is_news("other")
    clock.pass_by(0.2)
    assert recent.is_news("taken")


def test_an_enter_that_is_held_down_is_a_repeat_however_long():
    clock = Clock()
    enter = EnterRepeats(clock)
    assert not enter.is_repeat()
    for _ in range(50):
        clock.pass_by(0.03)
        assert enter.is_repeat()
    clock.pass_by(ENTER_REPEAT_SECONDS)
    assert not enter.is_repeat()
