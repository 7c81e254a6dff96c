"""An exchange of seats: which new ones, what they cost, how the difference is paid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from boxoffice.core.language import money, tr
from boxoffice.core.model import FREE, ORDINARY, Money, Tender
from boxoffice.tui.dialogs import Field, Form
from boxoffice.tui.orders.telling import difference_words
from boxoffice.tui.sell.finding import find_place
from boxoffice.tui.words import short_list

if TYPE_CHECKING:
    from boxoffice.core.model import Order, SeatMap, SeatStates

SEATS, REFERENCE = "seats", "reference"
NOTED = ("card", "complimentary")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """An order and the hall it is in, with every price and how the seats stood just now."""

    order: Order
    hall: SeatMap
    states: SeatStates

    def labels(self, text: str) -> tuple[list[str], list[str]]:
        """Return the seats that a text names, apart by commas or spaces, and what is none.

        A part may be a label, or a row with numbers as in `B 19-20`.
        """
        found: list[int] = []
        unknown: list[str] = []
        for part in filter(None, map(str.strip, text.split(","))):
            seats = find_place(self.hall, part)
            for word in [] if seats else part.split():
                one = find_place(self.hall, word)
                seats += one
                unknown += [] if one else [word]
            found += seats
        return [self.hall.labels[seat] for seat in dict.fromkeys(found)], unknown

    def taken(self, labels: list[str]) -> list[str]:
        """Return those of the seats that somebody else has."""
        return [
            label
            for label in labels
            if label not in self.order.seats
            and self.states.states[self.hall.indexes[label]] != FREE
        ]

    def total(self, labels: list[str]) -> int:
        """Return what seats cost together, in minor units."""
        types = self.types(labels) or (ORDINARY,) * len(labels)
        return sum(self._price(*each) or 0 for each in zip(labels, types, strict=True))

    def types(self, labels: list[str]) -> tuple[str, ...]:
        """Return the price types of the new seats: those of the old ones, where that can be."""
        types = self.order.types
        fit = len(labels) == len(types)
        fit = fit and None not in map(self._price, labels, types)
        return types if fit else ()

    def _price(self, label: str, price_type: str) -> int | None:
        index = self.hall.index_of(label)
        return None if index is None else self.hall.price(index, price_type)

    def difference(self, labels: list[str]) -> int:
        """Return what the customer adds, or below zero gets back."""
        return self.total(labels) - self.order.total.amount

    def difference_words(self, labels: list[str]) -> str:
        """Say what the exchange will leave to collect or give back."""
        difference = self.difference(labels)
        amount = Money(amount=abs(difference), currency=self.order.total.currency)
        return difference_words(difference, money(amount), self.order.tender)

    def tender(self, labels: list[str], reference: str) -> Tender:
        """Return how the new seats are paid: the way the old ones were, at the price told.

        Of cash only the difference crosses the counter, so the new price counts as received.
        """
        kind, total = self.order.tender, self.total(labels)
        if kind == "cash":
            return Tender(kind=kind, received=total, total=total)
        note = reference if kind in NOTED else None
        return Tender(kind=kind, note=note, total=total)

    def about(self, values: dict[str, str]) -> str:
        """Say what the typed seats mean."""
        labels, unknown = self.labels(values[SEATS])
        if unknown:
            return tr("no such seat: {seats}", seats=" ".join(unknown))
        if not labels:
            return tr("now: {seats}", seats=" ".join(self.order.seats))
        total = money(Money(amount=self.total(labels), currency=self.order.total.currency))
        if taken := self.taken(labels):
            return tr("taken: {seats}", seats=short_list(taken))
        return f"{short_list(labels)}  {total}\n{self.difference_words(labels)}"

    def form(self) -> Form:
        """Return the form that asks for the new seats."""
        fields = [Field(name=SEATS, words=tr("new seats"), check=self._wrong_seats)]
        if self.order.tender in NOTED:
            words = tr("card reference") if self.order.tender == "card" else tr("reason")
            note = self.order.note or ""
            fields.append(Field(name=REFERENCE, words=words, value=note, check=_missing))
        title = tr("Exchange {reservation}", reservation=self.order.reservation)
        return Form(title, fields, accept=tr("Go on"), about=self.about)

    def _wrong_seats(self, text: str) -> str:
        labels, unknown = self.labels(text)
        if unknown:
            return tr("no such seat: {seats}", seats=" ".join(unknown))
        if taken := self.taken(labels):
            return tr("taken: {seats}", seats=short_list(taken))
        return "" if labels else tr("name at least one seat")


def _missing(text: str) -> str:
    return "" if text.strip() else tr("this is needed")
