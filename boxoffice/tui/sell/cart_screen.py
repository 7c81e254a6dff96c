"""The cart at the seat map: shown, counted down, followed through losses."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from boxoffice.core.hall import lay_out
from boxoffice.core.language import money, tr
from boxoffice.core.model import (
    BLOCKED,
    COMPANION,
    FREE,
    HELD,
    ORDINARY,
    SOLD,
    WHEELCHAIR,
    Money,
)
from boxoffice.core.orphans import left_alone
from boxoffice.core.text import visible
from boxoffice.tui.actions import bindings
from boxoffice.tui.dialogs import Question
from boxoffice.tui.screen import counter
from boxoffice.tui.sell import cart
from boxoffice.tui.sell.clock import ServerClock
from boxoffice.tui.sell.map_screen import MapScreen
from boxoffice.tui.sell.messages import CartCompared, ClockRead, ClockUnread, PricesRead
from boxoffice.tui.sell.panels import CartLine, SidePanel, StatusLine
from boxoffice.tui.sell.till import Till
from boxoffice.tui.words import short_list

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from boxoffice.core.hall import Hall
    from boxoffice.tui.sell.messages import MapRead

LOST_SECONDS = 2.0
TICK_SECONDS = 1.0
CLOCK_SECONDS = 60.0


class CartScreen(MapScreen):
    """Tells what is in the cart, for how long, and what it would leave alone."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("map.legend")

    def __init__(self, performance: int) -> None:
        super().__init__(performance)
        self._till: Till | None = None
        self._hall: Hall | None = None
        self._clock = ServerClock()
        self._alone: list[str] = []
        self._own_prices: dict[str, int] = {}  # of the cart, where the hall says others
        self._stale = False  # seats changed since prices and lonely seats were counted
        self._warned = False

    @property
    def till(self) -> Till:
        """Return the till of this performance."""
        if self._till is None:
            self._till = Till(self.desk.office, self.performance)
        return self._till

    def compose_body(self) -> ComposeResult:
        """Yield the map, the cart and what is under the cursor."""
        yield self.make_view()
        yield CartLine()
        yield StatusLine()

    def compose_side(self) -> ComposeResult:
        """Yield prices, signs, and the cart seat by seat."""
        yield SidePanel()

    def begin(self) -> None:
        """Follow the clock and the link."""
        super().begin()
        self.set_interval(TICK_SECONDS, self._tick)
        self.set_interval(CLOCK_SECONDS, self._read_clock)
        self._read_clock()
        self.watch(self.app, "link", self._follow_link, init=False)

    def show_map(self, read: MapRead) -> None:
        """Learn where a single seat would be left."""
        super().show_map(read)
        seat_map = read.seat_map
        self._hall = lay_out(
            sections=[seat_map.row_sections[row] for row in seat_map.seat_rows],
            rows=seat_map.seat_rows,
            xs=seat_map.xs,
            ys=seat_map.ys,
            set_apart=[bool(each & (WHEELCHAIR | COMPANION)) for each in seat_map.attributes],
            focal=seat_map.focal,
        )
        self.show_all()

    # --- time ---

    def _read_clock(self) -> None:
        office = self.desk.office
        self.desk.read(
            self,
            tr("clock"),
            lambda: (office.clock().timestamp(), time.monotonic()),
            lambda read: ClockRead(*read),
            group="clock",
            refused=lambda _: ClockUnread(),
        )

    def on_clock_read(self, read: ClockRead) -> None:
        """Know the server's time from now on."""
        self._clock.set(read.server, read.own)

    def seconds_left(self) -> float:
        """Return how long the cart is held yet, by the server's clock."""
        held = self.till.held
        return self._clock.seconds_until(held.held_until) if held else 0.0

    def _tick(self) -> None:
        if self._stale:
            self._stale = False
            self.show_legend()
            self._count_alone()
        if self.till.held is None:
            return
        left = self.seconds_left()
        if left <= 0:
            self.lose_cart()
        elif left < cart.AMBER_SECONDS and not self._warned:
            self._warned = True
            self.app.bell()
        self.show_cart()

    def lose_cart(self) -> None:
        """Let go of a cart that is not ours any more, and remember what to try again."""
        self.till.lose()
        self.flash(self.till.lost)
        seats = short_list(self.till.lost)
        words = tr("the hold has ended: {seats}; Enter tries them again", seats=seats)
        counter(self).tell(words, "error")
        self.show_all()
        self.look_again()

    def flash(self, labels: Sequence[str]) -> None:
        """Show seats as lost for a moment."""
        self.view.set_lost(self.indexes(labels))
        self.set_timer(LOST_SECONDS, lambda: self.view.set_lost(()))

    # --- the link ---

    def _follow_link(self) -> None:
        offline = counter(self).link.state == "offline"
        if offline and not self.view.dimmed:
            self._read_clock()  # a single call may have failed, and then the link is live again
        elif self.view.dimmed and not offline:
            self._compare()
        self.view.dimmed = offline
        self.refresh_bindings()

    def _compare(self) -> None:
        """Ask what the cart holds: it may be another one by now."""
        held, office = self.till.held, self.desk.office
        if held is not None:
            self.desk.read(
                self,
                tr("cart"),
                lambda: office.show_order(held.reservation),
                CartCompared,
                group="cart",
            )

    def on_cart_compared(self, compared: CartCompared) -> None:
        """Say what somebody else changed."""
        order, held = compared.order, self.till.held
        if held is None or order.reservation != held.reservation:
            return
        if order.state == "paid":
            self.till.held = None
            self.show_all()
            counter(self).tell(tr("the cart was paid at another counter"), "error")
        elif order.state != "held":
            self.lose_cart()
        elif order.seats != held.seats:
            self.till.held = replace(
                held,
                seats=order.seats,
                types=order.types,
                total=order.total,
                held_until=order.held_until,
            )
            self.show_all()
            counter(self).tell(tr("the cart holds {seats}", seats=" ".join(order.seats)), "warning")

    # --- telling ---

    def seats_changed(self) -> None:
        """Count anew with the next tick, and say at once how the seat under the cursor stands."""
        self._stale = True
        self.show_status()
        seats = self.indexes(self.till.seats)
        if any(self.view.states[seat] != HELD for seat in seats) and not self.desk.busy:
            self._compare()  # somebody else cancelled it, or gave a seat back

    def show_all(self) -> None:
        """Show the cart on the map, below it and beside it."""
        self._warned = self._warned and self.till.held is not None
        self.view.set_mine(self.indexes(self.till.seats))
        self._count_alone()
        self.show_cart()
        self.show_status()
        self.show_legend()
        self.refresh_bindings()

    def _count_alone(self) -> None:
        """Find the seats that the cart would leave alone."""
        self._alone = []
        if self._hall is None or self.seat_map is None or not self.till.seats:
            return
        mine = set(self.indexes(self.till.seats))
        free = [state == FREE for state in self.view.states]
        for seat in mine:
            free[seat] = False
        self._alone = [self.seat_map.labels[seat] for seat in left_alone(self._hall, free, mine)]

    def indexes(self, labels: Sequence[str]) -> list[int]:
        """Return the seats of labels."""
        known = self.seat_map.indexes if self.seat_map else {}
        return [known[label] for label in labels if label in known]

    def show_cart(self) -> None:
        """Draw the cart."""
        held, app = self.till.held, counter(self)
        words = cart.cart_words(
            held,
            self.seconds_left(),
            app.settings.hold_seconds,
            alone=self._alone,
            lost=self.till.lost,
            ascii_only=app.ascii_only,
        )
        self.query_one(CartLine).update(words)
        seats = self.indexes(self.till.seats)
        prices = [self._price(seat) for seat in seats]
        left = self.seconds_left()
        self.query_one(SidePanel).show_cart(
            cart.cart_lines(held, prices, self.buyer_words(), left),
            [self.queue_words(), "", *app.notes],
        )

    def _price(self, seat: int) -> int:
        assert self.seat_map is not None
        label = self.seat_map.labels[seat]
        if label in self._own_prices and label in self.till.seats:
            return self._own_prices[label]
        return self.seat_map.price(seat, self.till.type_of(label)) or 0

    def follow_prices(self) -> None:
        """Read prices again where the cart costs another sum: they were changed meanwhile."""
        self._own_prices = {}
        held, office = self.till.held, self.desk.office
        told = sum(self._price(seat) for seat in self.indexes(self.till.seats))
        if held is None or told == held.total.amount:
            return
        self.desk.read(
            self,
            tr("prices"),
            lambda: (office.seat_map(self.performance), office.show_order(held.reservation)),
            lambda read: PricesRead(*read),
            group="prices",
        )

    def on_prices_read(self, read: PricesRead) -> None:
        """Show what seats cost now, and those of the cart what they cost when they were held."""
        held = self.till.held
        if self.seat_map is None or held is None or held.reservation != read.order.reservation:
            return
        prices, types = read.seat_map.prices, read.seat_map.type_prices
        self.seat_map = replace(self.seat_map, prices=prices, type_prices=types)
        self._own_prices = dict(zip(read.order.seats, read.order.prices, strict=True))
        self.show_all()

    def buyer_words(self) -> str:
        """Say whom the cart is sold to."""
        return tr("walk-in") if self.till.buyer.is_walk_in else visible(self.till.buyer.name)

    def show_legend(self) -> None:
        """Draw prices, with what is free of each."""
        if self.seat_map is not None:
            looks = self.view.appearance
            legend = cart.legend(self.seat_map, looks, self.view.states)
            self.query_one(SidePanel).show_legend(legend, cart.signs(looks))

    def action_legend(self) -> None:
        """Show prices and signs in a dialog: below 100 columns there is no other place."""
        if self.seat_map is not None:
            looks = self.view.appearance
            legend = cart.legend(self.seat_map, looks, self.view.states)
            lines = [legend.plain, "", cart.signs(looks).plain]
            self.app.push_screen(Question[None](tr("Legend"), lines, safe=tr("Back"), choices={}))

    def on_cursor_moved(self) -> None:
        """Say what is under the cursor."""
        self.show_status()

    def on_run_changed(self) -> None:
        """Say how many are chosen together."""
        self.show_status()

    def on_zoom_changed(self) -> None:
        """Say how near one looks."""
        self.show_status()

    def words_for(self, seat: int) -> str:
        """Say how a seat stands, and what it costs."""
        assert self.seat_map is not None
        category = self.seat_map.seat_categories[seat]
        names = {FREE: tr("free"), HELD: tr("held"), SOLD: tr("sold"), BLOCKED: tr("house")}
        mine = self.seat_map.labels[seat] in self.till.seats
        state = tr("yours") if mine else names[self.view.states[seat]]
        kind = self.till.type_of(self.seat_map.labels[seat])
        state += "" if kind == ORDINARY else f" {visible(kind)}"
        price = money(Money(amount=self._price(seat), currency=self.seat_map.currency))
        return f"{state}  {visible(self.seat_map.categories[category])} {price}"

    def show_status(self) -> None:
        """Draw what is under the cursor, and the rest of what a clerk has to know."""
        if self.seat_map is None or self.view.cursor is None:
            return
        label = visible(self.seat_map.labels[self.view.cursor])
        parts = [f"{label}  {self.words_for(self.view.cursor)}"]
        if self.view.run:
            parts.append(tr("{count} chosen", count=len(self.view.run)))
        if self.typed:
            parts.append(f"{self.typed}_")
        zoom = tr("zoom {name}", name=tr(self.view.zoom_name))
        parts += [self.buyer_words(), self.queue_words(), zoom]
        self.query_one(StatusLine).update(" " + "   ".join(filter(None, parts)))

    def queue_words(self) -> str:
        """Say how many wait; for subclasses."""
        return ""
