"""The receipt: lines of a till's paper, made of the order alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from boxoffice.core.errors import LocalDiskFailed
from boxoffice.core.model import Money, Order
from boxoffice.core.text import cells
from boxoffice.tui.receipt import receipt_lines, save_receipt

AT = datetime(2026, 11, 20, 19, 30, tzinfo=UTC)


def won(amount):
    return Money(amount=amount, currency="KRW")


ORDER = Order(
    reservation="R-1V2J-FD5T-J2HR-FAW",
    payment="P-1V2J-FD5T-J2HR-FAW",
    user=7,
    user_name="김민아",
    concert=1,
    concert_name="IU 콘서트",
    venue="올림픽홀",
    performance=3,
    date=AT,
    seats=("B-12", "B-13"),
    prices=(154_000, 132_000),
    types=("adult", "child"),
    state="paid",
    total=won(286_000),
    tender="cash",
    received=won(300_000),
    note=None,
    hold_name=None,
    hold_note=None,
    held_until=AT,
    created_at=AT,
    paid_at=AT,
    cancelled_at=None,
)


def test_a_receipt_says_what_was_bought_what_it_cost_and_how_it_was_paid():
    assert receipt_lines(ORDER) == (
        "IU 콘서트",
        "올림픽홀",
        "2026-11-20 19:30",
        "-" * 42,
        "B-12                              ₩154,000",
        "B-13 child                        ₩132,000",
        "-" * 42,
        "total                             ₩286,000",
        "paid by                               cash",
        "received                          ₩300,000",
        "change                             ₩14,000",
        "2026-11-20 19:30:00",
        "-" * 42,
        "PAID                  R-1V2J-FD5T-J2HR-FAW",
        "customer 김민아",
    )


def test_what_is_not_paid_says_so_and_names_no_tender():
    lines = receipt_lines(replace(ORDER, state="held", paid_at=None, hold_name="Kim"))
    assert not any("cash" in line for line in lines)
    assert any(line.startswith("NOT PAID") for line in lines)
    assert "for Kim" in lines


@pytest.mark.parametrize("width", [24, 32, 42, 80])
def test_no_line_is_wider_than_the_paper_whatever_the_names(width):
    long = replace(ORDER, concert_name="가" * 90, user_name="\x1b[2Jé" * 30, note="x" * 200)
    lines = receipt_lines(long, width)
    assert max(map(cells, lines)) <= width
    assert "".join(line for line in lines if line.startswith("가")) == "가" * 90
    assert not any("\x1b" in line for line in lines)


def test_a_saved_receipt_can_be_read_by_its_owner_alone(tmp_path):
    path = save_receipt(ORDER, tmp_path)
    assert path.read_text().splitlines() == list(receipt_lines(ORDER))
    assert path.stat().st_mode & 0o777 == 0o600
    assert save_receipt(ORDER, tmp_path) == path


def test_a_receipt_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "receipts").write_text("in the way")
    with pytest.raises(LocalDiskFailed):
        save_receipt(ORDER, tmp_path)
