"""Seats go into the cart and out of it, each change at once on the server."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from boxoffice.core import language
from boxoffice.core.errors import Conflict
from boxoffice.core.language import tr
from boxoffice.core.text import visible
from boxoffice.tui.actions import bindings
from boxoffice.tui.dialogs import Field, Form, Question
from boxoffice.tui.screen import counter
from boxoffice.tui.sell.cart_screen import CartScreen
from boxoffice.tui.sell.deeds import Deeds
from boxoffice.tui.sell.messages import CartChanged, HoldKept, SeatsRefused
from boxoffice.tui.sell.till import Chosen, Wanted, is_gone
from boxoffice.tui.words import short_list

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.binding import BindingType

    from boxoffice.core.model import HeldReservation
    from boxoffice.tui.map.messages import SeatChosen
    from boxoffice.tui.sell.till import Answer

BEST_COUNT = 2  # where no digits were typed
LONG_HOLD_HOURS, LONG_HOLD_HOURS_MAX = 24, 720
HOUR_SECONDS = 3_600.0
CHOOSING = frozenset(("pick", "best", "best_here", "next_best", "previous_best"))
KEEPING = {"extend", "long_hold", "charge", "customer", "price_type"}
CHANGES = CHOOSING | KEEPING | {"release", "release_all", "undo"}


class PickingScreen(CartScreen):
    """Picks, releases and keeps seats; a seat asked for is shown so until the server answers."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        "sell.pick",
        "sell.best",
        "sell.best_here",
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
        self.deeds = Deeds()
        self._pending: list[str] = []  # asked for, not answered yet
        self._going: list[str] = []  # given back, not answered yet
        self._wanted: Wanted | None = None  # the best that were asked for last
        self._best: tuple[str, ...] = ()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer no change while the server is away."""
        if action in CHANGES and counter(self).link.state == "offline":
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

    def _toggle(self, seats: Sequence[int]) -> None:
        assert self.seat_map is not None
        under_way = (*self._pending, *self._going)
        labels = [self.seat_map.labels[seat] for seat in seats]
        labels = [label for label in labels if label not in under_way]
        self.view.clear_run()
        wanted = [label for label in labels if label not in self.till.seats]
        if wanted:
            self.pick(wanted)
        elif labels:
            self.release(labels)

    def pick(self, labels: Sequence[str], *, undoing: bool = False) -> None:
        """Ask for seats."""
        self._pending += labels
        self._show_pending()
        self._change(tr("pick"), partial(self.till.pick, labels=labels), labels)
        if not undoing:
            self.deeds.add(labels, picked=True)

    def release(self, labels: Sequence[str], *, undoing: bool = False) -> None:
        """Give seats of the cart back."""
        self._going += labels
        self._change(tr("release"), partial(self.till.release, labels=labels), labels)
        if not undoing:
            self.deeds.add(labels, picked=False)

    def _change(
        self, words: str, call: Callable[[str], Answer], labels: Sequence[str] = ()
    ) -> None:
        till = self.till

        def done(answer: Answer) -> CartChanged:
            chosen = answer if isinstance(answer, Chosen) else None
            return CartChanged(till.take(answer), labels, chosen)

        refused = partial(SeatsRefused, words, labels=labels)
        self.desk.change(self, words, call, done, refused=refused)

    def action_release(self) -> None:
        """Release the seat under the cursor, or else the last one of the cart."""
        seats = self._staying()
        if seats and self.seat_map is not None and self.view.cursor is not None:
            here = self.seat_map.labels[self.view.cursor]
            self.release([here if here in seats else seats[-1]])

    def action_release_all(self) -> None:
        """Release the whole cart, after a question where it is kept for somebody."""
        if not self.till.is_kept:
            self._release_staying()
            return
        held = self.till.held
        assert held is not None
        question = Question[bool](
            tr("Release the hold of {name}?", name=visible(held.hold_name or "")),
            [short_list(held.seats)],
            safe=tr("Keep it"),
            choices={tr("Release"): True},
        )
        self.app.push_screen(question, lambda yes: self._release_staying() if yes else None)

    def _release_staying(self) -> None:
        seats = self._staying()
        if seats:
            self.release(seats)

    def _staying(self) -> list[str]:
        return [label for label in self.till.seats if label not in self._going]

    def action_undo(self) -> None:
        """Take the last pick or release back."""
        if self._pending or self._going:
            counter(self).tell(tr("wait: a change is still under way"))
            return
        deed = self.deeds.last(self.till.seats)
        if deed is None:
            counter(self).tell(tr("nothing to undo"))
        elif deed.picked:
            self.pick(deed.labels, undoing=True)
        else:
            self.release(deed.labels, undoing=True)

    # --- the best ---

    def action_best(self) -> None:
        """Pick the best seats, as many as was typed; of the category that is filtered."""
        self._choose_typed(section=None)

    def action_best_here(self) -> None:
        """Pick the best seats of the section under the cursor."""
        if self.seat_map is not None and self.view.cursor is not None:
            row = self.seat_map.seat_rows[self.view.cursor]
            self._choose_typed(section=self.seat_map.sections[self.seat_map.row_sections[row]])

    def _choose_typed(self, section: str | None) -> None:
        if self.seat_map is None:
            return
        count = self.take_typed() or BEST_COUNT
        shown = self.view.appearance.categories
        category = self.seat_map.categories[min(shown)] if shown else None
        self._choose(Wanted(count=count, section=section, category=category))

    def action_next_best(self) -> None:
        """Take the next best seats in place of the last best ones."""
        if self._wanted is not None and not self.desk.busy:
            self._choose(replace(self._wanted, nth=self._wanted.nth + 1), self._best)

    def action_previous_best(self) -> None:
        """Go back to better ones."""
        if self._wanted is not None and self._wanted.nth > 0 and not self.desk.busy:
            self._choose(replace(self._wanted, nth=self._wanted.nth - 1), self._best)

    def _choose(self, wanted: Wanted, instead_of: Sequence[str] = ()) -> None:
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
            Field(name="name", words=tr("name"), check=_wrong_name),
            Field(name="note", words=tr("note")),
            Field(name="hours", words=tr("hours"), value=str(LONG_HOLD_HOURS), check=_wrong_hours),
        ]
        form = Form(tr("Hold for somebody"), fields, accept=tr("Hold"))
        self.app.push_screen(form, self._hold_long)

    def _hold_long(self, values: dict[str, str] | None) -> None:
        if values is None or self.till.held is None:
            return
        extend = partial(
            self.till.extend,
            seconds=int(values["hours"]) * HOUR_SECONDS,
            name=values["name"].strip(),
            note=values["note"].strip(),
        )
        self.desk.change(
            self,
            tr("long hold"),
            extend,
            HoldKept,
            refused=partial(SeatsRefused, tr("long hold"), labels=()),
        )

    def on_hold_kept(self, kept: HoldKept) -> None:
        """Say until when, and go on with an empty cart: the next customer is waiting."""
        counter(self).note(_kept_words(kept.held))
        question = Question[None](
            _kept_words(kept.held),
            [
                short_list(kept.held.seats),
                kept.held.reservation,
                "",
                tr("Orders finds it again by the name"),
            ],
            safe=tr("Done"),
            choices={},
        )
        self.begin_anew()
        self.app.push_screen(question)

    # --- answers ---

    def on_cart_changed(self, changed: CartChanged) -> None:
        """Show the cart as the server has it."""
        self._settle_pending(changed.labels)
        if changed.chosen is not None:
            self._wanted, self._best = changed.chosen.wanted, changed.chosen.best.seats
            self.deeds.add(self._best, picked=True)
            words = language.spoken(changed.chosen.best.words)
            counter(self).tell(f"{words}: {short_list(self._best)}")
            self.view.go_to(self.indexes(self._best)[0])
        self.follow_prices()
        self.show_all()

    def on_seats_refused(self, refused: SeatsRefused) -> None:
        """Say which seat could not be had, and show how it stands."""
        self._settle_pending(refused.labels)
        if self.till.lost and is_gone(refused.error):
            self.lose_cart()
            return
        taken = isinstance(refused.error, Conflict)
        if taken:
            self.flash(refused.labels)
        counter(self).tell(language.of(refused.error)[0], "warning")
        self.show_all()
        self.look_again()

    def _settle_pending(self, labels: Sequence[str]) -> None:
        self._pending = [label for label in self._pending if label not in labels]
        self._going = [label for label in self._going if label not in labels]
        self._show_pending()

    def _show_pending(self) -> None:
        self.view.set_pending(self.indexes(self._pending))

    def begin_anew(self) -> None:
        """Forget the customer and the cart that was just paid."""
        self.till.forget()
        self.deeds.forget()
        self._best, self._wanted = (), None
        self.show_all()

    # --- what the app asks ---

    def go_back(self) -> bool:
        """Give up a run; ask before a cart is left."""
        if self.view.run:
            self.view.clear_run()
            return True
        if self.till.is_kept:  # it stays held, and can be taken again
            self.begin_anew()
            return True
        if not self.till.seats:
            return False
        question = Question[bool](
            tr("Release the cart?"),
            [short_list(self.till.seats)],
            safe=tr("Stay"),
            choices={tr("Release and go back"): True},
        )
        self.app.push_screen(question, self._leave)
        return True

    def _leave(self, leave: bool | None) -> None:  # noqa: FBT001 - a dialog's answer
        if leave:
            self.abandon()
            self.app.pop_screen()

    def abandon(self) -> None:
        """Release what is in the cart, unless it is kept for somebody."""
        if not self.till.is_kept:
            self._release_staying()

    def seats_held(self) -> int:
        """Count the seats that leaving would abandon."""
        return 0 if self.till.is_kept else len(self.till.seats)


def _kept_words(held: HeldReservation) -> str:
    until = f"{held.held_until:%m/%d %H:%M}"
    return tr("held for {name} until {time}", name=visible(held.hold_name or ""), time=until)


def _wrong_name(text: str) -> str:
    return "" if text.strip() else tr("a name, please")


def _wrong_hours(text: str) -> str:
    digits = text.strip()
    short = digits.isdecimal() and len(digits) <= len(str(LONG_HOLD_HOURS_MAX))
    fits = short and 0 < int(digits) <= LONG_HOLD_HOURS_MAX
    return "" if fits else tr("from 1 to {hours} hours", hours=LONG_HOLD_HOURS_MAX)
