"""The receipt: an order as lines of a narrow printer's width, on the screen and in a file."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual.containers import VerticalScroll
from textual.widgets import Static

from boxoffice.core.errors import LocalDiskFailed
from boxoffice.core.language import money, tr
from boxoffice.core.model import ORDINARY, Money
from boxoffice.core.text import cells, visible
from boxoffice.tui.actions import bindings
from boxoffice.tui.dialogs import Dialog
from boxoffice.tui.messages import CallRefused
from boxoffice.tui.screen import counter
from boxoffice.tui.words import customer_name, fitted, padded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from boxoffice.core.model import Order

WIDTH_CELLS = 42  # of a till's paper
FOLDER, MODE = "receipts", 0o600
STATES = {"paid": "PAID", "held": "NOT PAID", "cancelled": "CANCELLED", "expired": "NOT PAID"}
TENDER_WORDS = {
    "balance": "balance",
    "cash": "cash",
    "card": "card",
    "complimentary": "complimentary",
}


def receipt_lines(order: Order, width: int = WIDTH_CELLS) -> tuple[str, ...]:
    """Return a receipt in lines of at most so many cells; it is made of the order alone."""
    rule = "-" * width
    lines = [
        *_wrapped(order.concert_name, width),
        *_wrapped(order.venue, width),
        f"{order.date:%Y-%m-%d %H:%M}",
        rule,
        *(_pair(seat, price, width) for seat, price in _prices(order)),
        rule,
        _pair(tr("total"), money(order.total), width),
        *_payment(order, width),
        rule,
        _pair(tr(STATES[order.state]), order.reservation, width),
        *_people(order, width),
    ]
    return tuple(lines)


def _prices(order: Order) -> Iterator[tuple[str, str]]:
    for seat, price, kind in zip(order.seats, order.prices, order.types, strict=True):
        words = seat if kind == ORDINARY else f"{seat} {kind}"
        yield words, money(Money(amount=price, currency=order.total.currency))


def _payment(order: Order, width: int) -> Iterator[str]:
    """Yield how it was paid; what is not paid yet has no tender."""
    if order.paid_at is None:
        return
    yield _pair(tr("paid by"), tr(TENDER_WORDS[order.tender]), width)
    if order.received is not None:
        change = order.received.amount - order.total.amount
        yield _pair(tr("received"), money(order.received), width)
        yield _pair(tr("change"), money(Money(amount=change, currency=order.total.currency)), width)
    if order.note:
        yield from _wrapped(order.note, width)
    yield f"{order.paid_at:%Y-%m-%d %H:%M:%S}"


def _people(order: Order, width: int) -> Iterator[str]:
    yield from _wrapped(f"{tr('customer')} {customer_name(order)}", width)
    if order.hold_name:
        yield from _wrapped(f"{tr('for')} {order.hold_name}", width)


def _pair(left: str, right: str, width: int) -> str:
    """Put one text at each end of a line, and let the left one give way."""
    right = visible(right)
    left = fitted(visible(left), max(0, width - cells(right) - 1))
    return left + padded(right, width - cells(left), right=True)


def _wrapped(text: str, width: int) -> Iterator[str]:
    """Break a text at its cells; names have no end of their own."""
    line = ""
    for character in visible(text):
        if cells(line + character) > width:
            yield line
            line = ""
        line += character
    yield line


def change_words(order: Order) -> str:
    """Say what the customer gets back of the cash just received; nothing for other orders."""
    if order.received is None or order.state != "paid":
        return ""
    change = order.received.amount - order.total.amount
    return tr("Change {amount}", amount=money(replace(order.total, amount=change)))


def save_receipt(order: Order, data_dir: Path) -> Path:
    """Write a receipt into a file that only its owner can read; raises LocalDiskFailed."""
    path = data_dir / FOLDER / f"{order.reservation}.txt"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, MODE)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write("\n".join(receipt_lines(order)) + "\n")
    except OSError as error:
        raise LocalDiskFailed(
            "the receipt could not be written: {reason}", reason=error.strerror
        ) from None
    return path


class ReceiptDialog(Dialog[None]):
    """A receipt on the screen."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("receipt.done", "receipt.save")]
    AUTO_FOCUS = "VerticalScroll"

    def __init__(self, order: Order) -> None:
        super().__init__(change_words(order) or tr("Receipt"))
        self._order = order

    def compose_body(self) -> ComposeResult:
        """Yield the lines; the arrows scroll."""
        with VerticalScroll(classes="lines"):
            yield Static("\n".join(receipt_lines(self._order)), markup=False)

    def action_done(self) -> None:
        """Close it."""
        self.dismiss(None)

    def action_save(self) -> None:
        """Write it into a file."""
        app = counter(self)
        try:
            path = save_receipt(self._order, app.settings.data_dir)
        except LocalDiskFailed as error:
            app.post_message(CallRefused(tr("receipt"), error))
        else:
            app.tell(tr("saved: {path}", path=path))
