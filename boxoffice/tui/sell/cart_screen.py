"""The cart at the seat map: picking, releasing, keeping; everything is held on the server."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical
from textual.widgets import Static

from boxoffice.core import language
from boxoffice.core.errors import Conflict
from boxoffice.core.hall import lay_out
from boxoffice.core.language import tr
from boxoffice.core.model import BLOCKED, COMPANION, FREE, HELD, SOLD, WHEELCHAIR, Money
from boxoffice.core.orphans import left_alone
from boxoffice.core.text import visible
from boxoffice.tui.actions import bindings
from boxoffice.tui.dialogs import Field, Form, Question
from boxoffice.tui.screen import counter
from boxoffice.tui.sell import cart
from boxoffice.tui.sell.map_screen import MapScreen
from boxoffice.tui.sell.messages import CartChanged, CartCompared, ClockRead, SeatsRefused
from boxoffice.tui.sell.till import Chosen, Till, Wanted
from boxoffice.tui.words import money

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from boxoffice.core.hall import Hall
    from boxoffice.tui.map.messages import CursorMoved, SeatChosen
    from boxoffice.tui.sell.messages import MapRead
    from boxoffice.tui.sell.till import Answer

BEST_COUNT = 2  # where no digits were typed
LOST_SECONDS = 2.0
TICK_SECONDS = 1.0
CLOCK_SECONDS = 60.0
LONG_HOLD_HOURS, LONG_HOLD_HOURS_MAX = 24, 720
HOUR_SECONDS = 3_600.0
WHEN_ONLINE = (
    "pick", "best", "next_best", "previous_best", "release", "release_all", "undo", "extend",
    "long_hold", "charge", "customer",
)  # fmt: skip


class CartScreen(MapScreen):
    """Seats go into the cart and out of it, each change at once on the server."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        "sell.pick",
        "sell.best",
        "sell.next_best",
        "sell.previous_best",
        "sell.release",
        "sell.release_all",
        "sell.undo",
        "sell.extend",
        "sell.long_hold",
    )

    def __init__(self, performance: int) -> None:
        super().__init__(performance)
        self._till: Till | None = None
        self._hall: Hall | None = None
        self._pending: list[str] = []
        self._done: list[tuple[str, tuple[str, ...]]] = []  # what undo takes back
        self._lost: tuple[str, ...] = ()
        self._wanted: Wanted | None = None
        self._best: tuple[str, ...] = ()
        self._clock = (0.0, 0.0)
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
        yield cart.CartLine()
        yield cart.StatusLine()

    def compose_side(self) -> ComposeResult:
        """Yield prices, signs, and the cart seat by seat."""
        with Vertical():
            yield Static("", id="legend", markup=False)
            yield Static("", id="side-cart", markup=False)
            yield Static("", id="side-queue", markup=False)

    def on_mount(self) -> None:
        """Follow the clock and the link."""
        super().on_mount()
        self.set_interval(TICK_SECONDS, self._tick)
        self.set_interval(CLOCK_SECONDS, self._read_clock)
        self._read_clock()
        self.watch(self.app, "link", self._on_link, init=False)

    # --- the server's clock ---

    def _read_clock(self) -> None:
        office = self.desk.office
        self.desk.read(
            self,
            tr("clock"),
            lambda: (office.clock().timestamp(), time.monotonic()),
            lambda read: ClockRead(*read),
            group="clock",
        )

    def on_clock_read(self, read: ClockRead) -> None:
        """Know the server's time from now on."""
        self._clock = (read.server, read.own)

    def seconds_left(self) -> float:
        """Return how long the cart is held yet, by the server's clock."""
        held = self.till.held
        if held is None:
            return 0.0
        server, own = self._clock
        now = server + time.monotonic() - own if server else time.time()
        return held.held_until.timestamp() - now

    def _tick(self) -> None:
        if self.till.held is None:
            return
        left = self.seconds_left()
        if left <= 0:
            self._expire()
        elif left < cart.AMBER_SECONDS and not self._warned:
            self._warned = True
            self.app.bell()
        self.show_cart()

    def _expire(self) -> None:
        """Let go of a cart whose hold has ended, and remember what to try again."""
        self._lost = self.till.seats
        self.till.held = None
        self._flash(self._lost)
        words = tr("the hold has ended: {seats}; Enter tries them again",
                   seats=cart.short_list(self._lost))  # fmt: skip
        counter(self).tell(words, "error")
        self._show_changed()
        self.read_states()

    # --- the link ---

    def _on_link(self) -> None:
        offline = counter(self).link.state == "offline"
        if self.view.dimmed and not offline:
            self._compare()
        self.view.dimmed = offline
        self.refresh_bindings()

    def _compare(self) -> None:
        """Ask what the cart holds now that the server is back."""
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
        """Say what changed while the server was away."""
        order, held = compared.order, self.till.held
        if held is None or order.reservation != held.reservation:
            return
        if order.state != "held":
            self._expire()
        elif order.seats != held.seats:
            fresh = replace(held, seats=order.seats, total=order.total, held_until=order.held_until)
            self.till.held = fresh
            self._show_changed()
            counter(self).tell(tr("the cart holds {seats}", seats=" ".join(order.seats)), "warning")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer no change while the server is away."""
        if action in WHEN_ONLINE and counter(self).link.state == "offline":
            return None
        return super().check_action(action, parameters)

    # --- picking and releasing ---

    def on_seat_chosen(self, chosen: SeatChosen) -> None:
        """Pick or release a seat by the mouse."""
        if self.check_action("pick", ()):
            self._toggle([chosen.index])

    def action_pick(self) -> None:
        """Pick the seat under the cursor, or the run; or give it back."""
        if self.view.cursor is not None:
            self._toggle(list(self.view.run) or [self.view.cursor])

    def _toggle(self, indexes: Sequence[int]) -> None:
        assert self.seat_map is not None
        labels = [self.seat_map.labels[index] for index in indexes]
        mine = [label for label in labels if label in self.till.seats]
        if len(mine) == len(labels):
            self.release(mine)
            return
        wanted = [label for label in labels if label not in (*self.till.seats, *self._pending)]
        if wanted:
            self.pick(wanted)
        self.view.clear_run()

    def pick(self, labels: Sequence[str], *, undoing: bool = False) -> None:
        """Ask for seats; they are shown as asked for until the server answers."""
        self._pending += labels
        self._show_pending()
        self._change(tr("pick"), partial(self.till.pick, labels=labels), labels)
        if not undoing:
            self._done.append(("pick", tuple(labels)))

    def release(self, labels: Sequence[str], *, undoing: bool = False) -> None:
        """Give seats of the cart back."""
        self._change(tr("release"), partial(self.till.release, labels=labels), labels)
        if not undoing:
            self._done.append(("release", tuple(labels)))

    def _change(
        self, words: str, call: Callable[[str], Answer], labels: Sequence[str] = ()
    ) -> None:
        till = self.till

        def done(answer: Answer) -> CartChanged:
            said = answer.best.words if isinstance(answer, Chosen) else ""
            changed = answer.best.seats if isinstance(answer, Chosen) else labels
            return CartChanged(till.take(answer), changed, said)

        self.desk.change(
            self,
            words,
            call,
            done,
            refused=lambda error: SeatsRefused(words, error, labels),
        )

    def action_release(self) -> None:
        """Release the seat under the cursor, or else the last one of the cart."""
        seats = self.till.seats
        if not seats or self.seat_map is None or self.view.cursor is None:
            return
        here = self.seat_map.labels[self.view.cursor]
        self.release([here if here in seats else seats[-1]])

    def action_release_all(self) -> None:
        """Release the whole cart."""
        if self.till.seats:
            self.release(self.till.seats)

    def action_undo(self) -> None:
        """Take the last pick or release back."""
        while self._done:
            what, labels = self._done.pop()
            if what == "pick":
                mine = [label for label in labels if label in self.till.seats]
                if mine:
                    self.release(mine, undoing=True)
                    return
            else:
                self.pick(labels, undoing=True)
                return
        counter(self).tell(tr("nothing to undo"))

    # --- the best ---

    def action_best(self) -> None:
        """Pick the best seats, as many as was typed; of the category that is filtered."""
        assert self.seat_map is not None
        count = self.take_typed() or BEST_COUNT
        shown = self.view.appearance.categories
        category = self.seat_map.categories[min(shown)] if shown else None
        self._choose(Wanted(count=count, category=category))

    def action_next_best(self) -> None:
        """Take the next best seats in place of the last best ones."""
        if self._wanted is not None:
            self._choose(replace(self._wanted, nth=self._wanted.nth + 1), self._best)

    def action_previous_best(self) -> None:
        """Go back to better ones."""
        if self._wanted is not None and self._wanted.nth > 0:
            self._choose(replace(self._wanted, nth=self._wanted.nth - 1), self._best)

    def _choose(self, wanted: Wanted, instead_of: Sequence[str] = ()) -> None:
        self._wanted = wanted
        best = partial(self.till.best, wanted=wanted, instead_of=tuple(instead_of))
        self._change(tr("best {count}", count=wanted.count), best)

    # --- keeping ---

    def action_extend(self) -> None:
        """Hold for the usual time from now."""
        if self.till.held is not None:
            self._change(tr("extend"), self.till.extend)

    def action_long_hold(self) -> None:
        """Ask for whom and for how long the cart is to be kept."""
        if self.till.held is None:
            counter(self).tell(tr("the cart is empty"))
            return
        fields = [
            Field(name="name", words=tr("name"), check=_something),
            Field(name="note", words=tr("note")),
            Field(name="hours", words=tr("hours"), value=str(LONG_HOLD_HOURS), check=_hours),
        ]
        form = Form(tr("Hold for somebody"), fields, accept=tr("Hold"))
        self.app.push_screen(form, self._hold_long)

    def _hold_long(self, values: dict[str, str] | None) -> None:
        if values is None or self.till.held is None:
            return
        seconds = int(values["hours"]) * HOUR_SECONDS
        name, note = values["name"].strip(), values["note"].strip()
        extend = partial(self.till.extend, seconds=seconds, name=name, note=note)
        self._change(tr("long hold"), extend)

    # --- answers ---

    def on_cart_changed(self, changed: CartChanged) -> None:
        """Show the cart as the server has it."""
        self._settle_pending(changed.labels)
        if changed.words:
            self._best = changed.labels
            self._done.append(("pick", changed.labels))
            counter(self).tell(f"{changed.words}: {cart.short_list(changed.labels)}")
            assert self.seat_map is not None
            self.view.go_to(self.seat_map.indexes[changed.labels[0]])
        if changed.held is not None and changed.held.hold_name:
            until = f"{changed.held.held_until:%m/%d %H:%M}"
            name = visible(changed.held.hold_name)
            counter(self).tell(tr("held for {name} until {time}", name=name, time=until))
        self._lost = ()
        self._show_changed()

    def on_seats_refused(self, refused: SeatsRefused) -> None:
        """Say which seat could not be had, and show how it stands."""
        self._settle_pending(refused.labels)
        taken = isinstance(refused.error, Conflict)
        if taken:
            self._flash(refused.labels)
        words, advice = language.of(refused.error)
        lines = words if taken or not advice else f"{words}\n{advice}"
        counter(self).tell(lines, "warning")
        self._show_changed()
        self.read_states()

    def _settle_pending(self, labels: Sequence[str]) -> None:
        self._pending = [label for label in self._pending if label not in labels]
        self._show_pending()

    def _flash(self, labels: Sequence[str]) -> None:
        """Show seats as lost for a moment."""
        self.view.set_lost(self._indexes(labels))
        self.set_timer(LOST_SECONDS, lambda: self.view.set_lost(()))

    def _show_pending(self) -> None:
        self.view.set_pending(self._indexes(self._pending))

    def _indexes(self, labels: Sequence[str]) -> list[int]:
        known = self.seat_map.indexes if self.seat_map else {}
        return [known[label] for label in labels if label in known]

    # --- telling ---

    def on_map_read(self, read: MapRead) -> None:
        """Learn where a single seat would be left."""
        super().on_map_read(read)
        hall = read.seat_map
        self._hall = lay_out(
            sections=[hall.row_sections[row] for row in hall.seat_rows],
            rows=hall.seat_rows,
            xs=hall.xs,
            ys=hall.ys,
            set_apart=[bool(each & (WHEELCHAIR | COMPANION)) for each in hall.attributes],
            focal=hall.focal,
        )
        self._show_changed()

    def seats_changed(self) -> None:
        """Tell prices and free seats anew."""
        self.show_legend()
        self.show_status()

    def _show_changed(self) -> None:
        self._warned = self._warned and self.till.held is not None
        self.view.set_mine(self._indexes(self.till.seats))
        self.show_cart()
        self.show_status()
        self.show_legend()
        self.refresh_bindings()

    def alone(self) -> list[str]:
        """Return the seats that the cart would leave alone."""
        if self._hall is None or self.seat_map is None or not self.till.seats:
            return []
        mine = set(self._indexes(self.till.seats))
        states = (self.view.state_of(seat) for seat in range(len(self.seat_map.labels)))
        free = [state == FREE and seat not in mine for seat, state in enumerate(states)]
        return [self.seat_map.labels[seat] for seat in left_alone(self._hall, free, mine)]

    def show_cart(self) -> None:
        """Draw the cart."""
        held, app = self.till.held, counter(self)
        words = cart.cart_words(
            held,
            self.seconds_left(),
            app.settings.hold_seconds,
            alone=self.alone(),
            ascii_only=app.ascii_only,
        )
        self.query_one(cart.CartLine).update(words)
        lines = cart.cart_lines(held, self._prices(), self.buyer_words())
        self.query_one("#side-cart", Static).update("\n".join(lines))

    def _prices(self) -> dict[str, int]:
        return {label: self._price(index) for label, index in
                zip(self.till.seats, self._indexes(self.till.seats), strict=False)}  # fmt: skip

    def _price(self, seat: int) -> int:
        assert self.seat_map is not None
        return self.seat_map.prices[self.seat_map.seat_categories[seat]]

    def buyer_words(self) -> str:
        """Say whom the cart is sold to."""
        return tr("walk-in") if self.till.buyer.is_walk_in else visible(self.till.buyer.name)

    def show_legend(self) -> None:
        """Draw prices, with what is free of each."""
        if self.seat_map is None:
            return
        words = cart.legend(self.seat_map, self.view.appearance, self._free_by_category())
        self.query_one("#legend", Static).update(words)

    def _free_by_category(self) -> list[int]:
        assert self.seat_map is not None
        free = [0] * len(self.seat_map.categories)
        for seat, category in enumerate(self.seat_map.seat_categories):
            free[category] += self.view.state_of(seat) == FREE
        return free

    def on_cursor_moved(self, _: CursorMoved) -> None:
        """Say what is under the cursor."""
        self.show_status()

    def on_zoom_changed(self) -> None:
        """Say how near one looks."""
        self.show_status()

    def words_for(self, seat: int) -> str:
        """Say how a seat stands, and what it costs."""
        assert self.seat_map is not None
        label = self.seat_map.labels[seat]
        category = self.seat_map.seat_categories[seat]
        names = {FREE: tr("free"), HELD: tr("held"), SOLD: tr("sold"), BLOCKED: tr("house")}
        state = tr("yours") if label in self.till.seats else names[self.view.state_of(seat)]
        price = money(Money(amount=self._price(seat), currency=self.seat_map.currency))
        return f"{state}  {visible(self.seat_map.categories[category])} {price}"

    def show_status(self) -> None:
        """Draw what is under the cursor."""
        if self.seat_map is None or self.view.cursor is None:
            return
        label = visible(self.seat_map.labels[self.view.cursor])
        typed = f"   {self.typed}_" if self.typed else ""
        run = tr("   {count} chosen", count=len(self.view.run)) if self.view.run else ""
        words = f" {label}  {self.words_for(self.view.cursor)}{run}{typed}"
        zoom = tr("zoom {name}", name=tr(self.view.zoom_name))
        buyer = self.buyer_words()
        self.query_one(cart.StatusLine).update(f"{words}   {buyer}   {zoom}{self.queue_words()}")

    def queue_words(self) -> str:
        """Say how many wait; for subclasses."""
        return ""

    def action_legend(self) -> None:
        """Show prices and signs in a dialog; below 100 columns there is no other place."""
        if self.seat_map is None:
            return
        looks = self.view.appearance
        lines = [str(cart.legend(self.seat_map, looks, self._free_by_category())), "",
                 str(cart.signs(looks))]  # fmt: skip
        self.app.push_screen(Question[None](tr("Legend"), lines, safe=tr("Back"), choices={}))

    # --- what the app asks ---

    def go_back(self) -> bool:
        """Give up a run or what was found; ask before a cart is left."""
        if self.view.run:
            self.view.clear_run()
            return True
        if not self.till.seats:
            return False
        question = Question[bool](
            tr("Release the cart?"),
            [cart.short_list(self.till.seats)],
            safe=tr("Stay"),
            choices={tr("Release and go back"): True},
        )
        self.app.push_screen(question, self._leave)
        return True

    def _leave(self, leave: bool | None) -> None:  # noqa: FBT001 - a dialog's answer
        if leave:
            self.action_release_all()
            self.app.pop_screen()

    def seats_held(self) -> int:
        """Count the seats in the cart."""
        return len(self.till.seats)


def _something(text: str) -> str:
    return "" if text.strip() else tr("a name, please")


def _hours(text: str) -> str:
    return (
        ""
        if text.strip().isdecimal() and 0 < int(text) <= LONG_HOLD_HOURS_MAX
        else tr("from 1 to 720 hours")
    )
