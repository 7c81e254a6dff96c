"""Orders in words: a line of the table, the details, what a refund or an exchange moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boxoffice.core.language import money, tr
from boxoffice.core.model import Money
from boxoffice.core.text import visible
from boxoffice.tui.receipt import TENDER_WORDS
from boxoffice.tui.words import customer_name, day_and_time, fitted, padded, short_list

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boxoffice.core.model import CancelledReservation, Exchange, Order

NAME_CELLS, SEATS_CELLS, TOTAL_CELLS = 16, 18, 10
PAID, HELD = "paid", "held"


def order_line(order: Order) -> Sequence[str]:
    """Return the cells of an order in the table; what matters most stands left."""
    return (
        order.reservation,
        tr(order.state),
        fitted(order.hold_name or customer_name(order), NAME_CELLS),
        fitted(short_list(order.seats), SEATS_CELLS),
        padded(money(order.total), TOTAL_CELLS, right=True),
        day_and_time(order.date),
        order.concert_name,
    )


def details(order: Order) -> list[str]:
    """Return everything about an order, a fact a line."""
    times = {
        tr("made"): order.created_at,
        tr("paid"): order.paid_at,
        tr("cancelled"): order.cancelled_at,
    }
    if order.state == HELD:
        times[tr("until")] = order.held_until
    facts = {
        tr("concert"): order.concert_name,
        tr("date"): f"{order.date:%Y-%m-%d %H:%M}",
        tr("seats"): " ".join(order.seats),
        tr("total"): money(order.total),
        tr("paid by"): tr(TENDER_WORDS[order.tender]) if order.paid_at else "",
        tr("reference"): order.note or "",
        tr("customer"): f"{customer_name(order)} ({order.user})",
        tr("for"): order.hold_name or "",
        tr("note"): order.hold_note or "",
    } | {words: f"{at:%Y-%m-%d %H:%M:%S}" for words, at in times.items() if at}
    lines = [order.reservation, tr(order.state), ""]
    return lines + [f"{words}: {visible(fact)}" for words, fact in facts.items() if fact]


def refund_words(order: Order) -> str:
    """Say what a cancellation will give back, and how."""
    if order.state != PAID:
        return tr("Nothing was paid; the seats become free.")
    total = money(order.total)
    words = {
        "balance": tr("{amount} goes back to the balance.", amount=total),
        "cash": tr("Give back {amount} in cash.", amount=total),
        "card": tr(
            "Give {amount} back to the card ({reference}).",
            amount=total,
            reference=order.note or "",
        ),
        "complimentary": tr("Complimentary: nothing is given back."),
    }
    return words[order.tender]


def refunded_words(cancelled: CancelledReservation) -> str:
    """Say what a cancellation gave back, and how."""
    refund = money(cancelled.refund)
    if cancelled.refund.amount == 0:
        return tr("Nothing to give back.")
    words = {
        "balance": tr(
            "{amount} went to the balance, now {balance}.",
            amount=refund,
            balance=money(cancelled.balance),
        ),
        "cash": tr("Give back {amount} in cash.", amount=refund),
        "card": tr("Give {amount} back to the card, at the terminal.", amount=refund),
    }
    return words.get(cancelled.tender, tr("Nothing to give back."))


def exchanged_words(exchange: Exchange) -> str:
    """Say what an exchange leaves to collect or to give back, and how."""
    return difference_words(
        exchange.difference.amount, money(_positive(exchange)), exchange.paid.tender
    )


def difference_words(difference: int, amount: str, tender: str) -> str:
    """Say what a difference means: above zero the customer adds it, below gets it back."""
    way = tr(TENDER_WORDS[tender])
    if difference == 0 or tender == "complimentary":
        return tr("The price is the same: nothing to collect or give back.")
    if difference > 0:
        return tr("Collect {amount} ({tender}).", amount=amount, tender=way)
    return tr("Give back {amount} ({tender}).", amount=amount, tender=way)


def _positive(exchange: Exchange) -> Money:
    difference = exchange.difference
    return Money(amount=abs(difference.amount), currency=difference.currency)
