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

        rows = self._decide_all("hold", [self._hold_of(each) for each in orders])
        held = [answers.held(row[3]) if _is_held(row) else None for row in rows]
        self._hint(held)
        return held

    def pay_set(self, orders: Sequence[model.PaymentOrder]) -> list[model.PaidReservation | None]:
        """Pay held reservations from their owners' balances; None for what was not paid now.

        Raises what `pay` does, but for a reason of one payment alone; then nothing was done.
        """
        from boxoffice.core import answers

        rows = self._decide_all("pay", [self._payment_of(each) for each in orders])
        paid = [answers.paid(row[0]) if row else None for row in rows]
        self._hint(paid)
        return paid

    def _hold_of(self, order: model.HoldOrder) -> dict[str, Any]:
        """Return what hold.sql takes."""
        from boxoffice.core.booking import hold_parameters, hold_request
        from boxoffice.core.seats import Wanted
        from boxoffice.core.text import clean_key

        self._require_seats(order.seats, None)
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
        from boxoffice.core.booking import settlement
        from boxoffice.core.idempotency import keyed
        from boxoffice.core.model import BALANCE
        from boxoffice.core.text import clean_key

        buyer = self._access.buyer(_staff_for(order), reservation=order.reservation)
        return keyed(*settlement("pay", order.reservation, buyer, clean_key(order.key), BALANCE))

    def _decide_all(self, name: str, many: list[dict[str, Any]]) -> list[Any]:
        from boxoffice.core.database import decide_all

        with self.stores.database(changing=True) as connection:
            return decide_all(connection, name, many)

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


def _is_held(row: tuple[Any, ...]) -> bool:
    """Tell whether a row of hold.sql says that seats were held just now."""
    outcome, _, _, stored, _ = row
    return outcome == "held" and stored is not None


def _staff_for(order: model.HoldOrder | model.PaymentOrder) -> model.Caller:
    from boxoffice.core.model import Caller

    return Caller(staff=True, user=order.user)
