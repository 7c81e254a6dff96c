"""An exchange of seats: which new ones, what they cost, how the difference is paid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from boxoffice.core.language import tr
from boxoffice.core.model import BALANCE, Money, Tender
from boxoffice.tui.dialogs import Field, Form
from boxoffice.tui.orders.telling import difference_words
from boxoffice.tui.words import money

if TYPE_CHECKING:
    from boxoffice.core.model import Order, SeatMap

SEATS, REFERENCE = "seats", "reference"


def typed_labels(text: str) -> list[str]:
    """Return the labels in a text, apart by spaces or commas, each once and in capitals."""
    return list(dict.fromkeys(text.upper().replace(",", " ").split()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """An order and the hall it is in, which knows every price."""

    order: Order
    hall: SeatMap

    def labels(self, text: str) -> tuple[list[str], list[str]]:
        """Return the labels that are seats of this hall as it writes them, and the unknown."""
        by_capitals = {label.upper(): label for label in self.hall.labels}
        typed = typed_labels(text)
        return (
            [by_capitals[label] for label in typed if label in by_capitals],
            [label for label in typed if label not in by_capitals],
        )

    def total(self, labels: list[str]) -> int:
        """Return what seats cost together, in minor units."""
        indexes = [self.hall.index_of(label) for label in labels]
        return sum(
            self.hall.prices[self.hall.seat_categories[index]]
            for index in indexes
            if index is not None
        )

    def difference(self, labels: list[str]) -> int:
        """Return what the customer adds, or below zero gets back."""
        return self.total(labels) - self.order.total.amount

    def difference_words(self, labels: list[str]) -> str:
        """Say what the exchange will leave to collect or give back."""
        difference = self.difference(labels)
        amount = Money(amount=abs(difference), currency=self.order.total.currency)
        return difference_words(difference, money(amount), self.order.tender)

    def tender(self, labels: list[str], reference: str) -> Tender:
        """Return how the new seats are paid: the way the old ones were.

        Of cash only the difference crosses the counter, so the new price counts as received.
        """
        kind = self.order.tender
        if kind == "cash":
            return Tender(kind=kind, received=self.total(labels))
        return BALANCE if kind == "balance" else Tender(kind=kind, note=reference)

    def about(self, values: dict[str, str]) -> str:
        """Say what the typed seats mean."""
        labels, unknown = self.labels(values[SEATS])
        if unknown:
            return tr("no such seat: {seats}", seats=" ".join(unknown))
        if not labels:
            return tr("now: {seats}", seats=" ".join(self.order.seats))
        total = money(Money(amount=self.total(labels), currency=self.order.total.currency))
        return f"{' '.join(labels)}  {total}\n{self.difference_words(labels)}"

    def form(self) -> Form:
        """Return the form that asks for the new seats."""
        fields = [Field(name=SEATS, words=tr("new seats"), check=self._wrong_seats)]
        if self.order.tender in ("card", "complimentary"):
            words = tr("card reference") if self.order.tender == "card" else tr("reason")
            note = self.order.note or ""
            fields.append(Field(name=REFERENCE, words=words, value=note, check=_missing))
        title = tr("Exchange {reservation}", reservation=self.order.reservation)
        return Form(title, fields, accept=tr("Go on"), about=self.about)

    def _wrong_seats(self, text: str) -> str:
        labels, unknown = self.labels(text)
        if unknown:
            return tr("no such seat: {seats}", seats=" ".join(unknown))
        return "" if labels else tr("name at least one seat")


def _missing(text: str) -> str:
    return "" if text.strip() else tr("this is needed")
