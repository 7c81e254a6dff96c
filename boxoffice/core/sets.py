"""Many holds, or many payments, of staff in one transaction.

One commit and one way to the server serve the whole set. It is an attempt: what a statement does
not do, or all of them where one fails, is to be asked for alone, under the same key, to be told
why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boxoffice.core.foundation import Foundation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boxoffice.core import model


class Sets(Foundation):
    """What staff do many times at once, for users each of whom is named."""

    def reserve_set(self, orders: Sequence[model.HoldOrder]) -> list[model.HeldReservation | None]:
        """Hold named seats for the hold time of the settings; None for what was not held now.

        Raises what `reserve` does, but for a reason of one hold alone; then nothing was done.
        """
        from boxoffice.core import answers

        found = self._decide_all("hold", [self._hold_of(each) for each in orders])
        held = [
            answers.held(stored, replayed=replayed) if stored else None
            for stored, replayed in found
        ]
        self._hint(held)
        return held

    def pay_set(self, orders: Sequence[model.PaymentOrder]) -> list[model.PaidReservation | None]:
        """Pay held reservations from their owners' balances; None for what was not paid now.

        Raises what `pay` does, but for a reason of one payment alone; then nothing was done.
        """
        from boxoffice.core import answers

        payments = [self._payment_of(each) for each in orders]
        # Balances in the order of users: two sets that lock them crosswise would wait for ever.
        turns = sorted(range(len(payments)), key=lambda turn: payments[turn]["user"])
        found = self._decide_all("pay", [payments[turn] for turn in turns])
        paid: list[model.PaidReservation | None] = [None] * len(payments)
        for turn, (stored, replayed) in zip(turns, found, strict=True):
            paid[turn] = answers.paid(stored, replayed=replayed) if stored else None
        self._hint(paid)
        return paid

    def _hold_of(self, order: model.HoldOrder) -> dict[str, Any]:
        """Return what hold.sql takes."""
        from boxoffice.core import errors
        from boxoffice.core.seats import Wanted
        from boxoffice.core.terms import hold_parameters, hold_request
        from boxoffice.core.text import clean_key

        self._require_seats(order.seats, None)
        if self.stores.redis_is_away:  # each sale beside the queue would be put on record twice
            raise errors.QueueUnavailable
        key = clean_key(order.key)
        buyer, seconds = self._access.holder(
            _staff_for(order), order.performance, key=key, hold_seconds=self.settings.hold_seconds
        )
        if buyer.refusal:
            raise buyer.refusal
        request = hold_request(order.performance, Wanted(labels=order.seats), buyer, key)
        return hold_parameters(order.performance, order.seats, buyer, request, seconds)

    def _payment_of(self, order: model.PaymentOrder) -> dict[str, Any]:
        """Return what pay.sql takes."""
        from boxoffice.core.idempotency import keyed
        from boxoffice.core.model import BALANCE
        from boxoffice.core.terms import settlement
        from boxoffice.core.text import clean_key

        buyer = self._access.buyer(_staff_for(order), reservation=order.reservation)
        return keyed(*settlement("pay", order.reservation, buyer, clean_key(order.key), BALANCE))

    def _decide_all(
        self, name: str, many: list[dict[str, Any]]
    ) -> list[tuple[dict[str, Any] | None, bool]]:
        """Run a statement for all whose keys are new; return each answer, and if it is a replay."""
        from boxoffice.core.database import decide_all
        from boxoffice.core.idempotency import former_answers

        with self.stores.transaction() as connection:
            known = former_answers(connection, many)
            new = [each for each in many if each["key"] not in known]
            rows = iter(decide_all(connection, name, new))
        return [
            (known[each["key"]], True)
            if each["key"] in known
            else (STORED[name](next(rows)), False)
            for each in many
        ]

    def _hint(self, done: Sequence[model.HeldReservation | model.PaidReservation | None]) -> None:
        """Tell live seat maps, once a performance."""
        from boxoffice.core.references import parse_reservation

        changed: dict[int, list[str]] = {}
        for each in done:
            if each is not None:
                performance, _ = parse_reservation(each.reservation)
                changed.setdefault(performance, []).extend(each.seats)
        for performance, seats in changed.items():
            self.stores.hint(performance, seats)


def _held(row: tuple[Any, ...] | None) -> dict[str, Any] | None:
    """Return the stored answer of a row of hold.sql, if it says that seats were held just now."""
    assert row is not None, "the statement always says how it ended"
    outcome, _, _, stored, _ = row
    return stored if outcome == "held" else None


def _paid(row: tuple[Any, ...] | None) -> dict[str, Any] | None:
    return row[0] if row else None


STORED = {"hold": _held, "pay": _paid}


def _staff_for(order: model.HoldOrder | model.PaymentOrder) -> model.Caller:
    from boxoffice.core.model import Caller

    return Caller(staff=True, user=order.user)
