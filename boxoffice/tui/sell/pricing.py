"""What a seat of the cart costs whom: its price type, chosen by going through those there are."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from boxoffice.core.language import tr
from boxoffice.core.model import ORDINARY
from boxoffice.tui.actions import bindings
from boxoffice.tui.screen import counter
from boxoffice.tui.sell.picking import PickingScreen

if TYPE_CHECKING:
    from textual.binding import BindingType


class PricingScreen(PickingScreen):
    """Changes the price type of single seats, each time at once on the server."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("sell.price_type")

    def action_price_type(self) -> None:
        """Give the seat under the cursor the next price type that its category has."""
        if self.seat_map is None or self.view.cursor is None:
            return
        label = self.seat_map.labels[self.view.cursor]
        types = self._types_of(self.view.cursor)
        if label not in self.till.seats:
            counter(self).tell(tr("pick the seat first, and then say who sits there"))
        elif len(types) == 1:
            counter(self).tell(tr("this seat has one price for everybody"))
        elif self.desk.busy:
            counter(self).tell(tr("wait: a change is still under way"))
        else:
            now = self.till.type_of(label)
            following = types.index(now) + 1 if now in types else 0
            kind = types[following % len(types)]
            change = partial(self.till.set_type, label=label, price_type=kind)
            self._change(tr("price type"), change)

    def _types_of(self, seat: int) -> list[str]:
        assert self.seat_map is not None
        prices, kinds = self.seat_map.price, self.seat_map.type_prices
        return [ORDINARY, *(kind for kind in kinds if prices(seat, kind) is not None)]
