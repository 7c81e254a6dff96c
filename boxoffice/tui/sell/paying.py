"""Taking the money: how it is paid, the last question, the receipt."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from boxoffice.core import language
from boxoffice.core.language import money, tr
from boxoffice.core.model import Money, Tender
from boxoffice.core.text import cells
from boxoffice.tui.actions import bindings
from boxoffice.tui.dialogs import Field, Form, Question
from boxoffice.tui.pick import Entry, Pick
from boxoffice.tui.receipt import ReceiptDialog
from boxoffice.tui.screen import counter
from boxoffice.tui.sell.messages import (
    BalanceRead,
    Paid,
    PaymentRefused,
    PlaceEnded,
    ReceiptRead,
    ToppedUp,
)
from boxoffice.tui.sell.pricing import PricingScreen
from boxoffice.tui.sell.till import is_gone
from boxoffice.tui.words import minor_units

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.binding import BindingType

    from boxoffice.core.model import HeldReservation, Order, PaidReservation

TOP_UP = "top up"
NOTE_CELLS_MAX = 200
NOTES = {"card": "reference of the card payment", "complimentary": "reason"}


class PayingScreen(PricingScreen):
    """Charges the cart with one of the tenders; money moves by the last Enter alone."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("sell.charge", "sell.receipt", "sell.reprint")

    def action_charge(self) -> None:
        """Ask how the cart is paid; with an empty one, try again what was lost."""
        if self.till.held is None:
            self._pick_lost()
        elif self.desk.busy:
            counter(self).tell(tr("wait: a change is still under way"))
        elif self.till.buyer.is_walk_in:
            self._ask_tender(None)
        else:
            office, user = self.desk.office, self.till.buyer.user
            currency = self.till.held.total.currency
            self.desk.read(
                self,
                tr("balance"),
                lambda: office.balance(user, currency=currency),
                BalanceRead,
                group="balance",
            )

    def _pick_lost(self) -> None:
        if self.till.lost:
            self.pick(self.till.lost)
        else:
            counter(self).tell(tr("the cart is empty: Space picks a seat"))

    def on_balance_read(self, read: BalanceRead) -> None:
        """Offer the balance among the tenders."""
        self._ask_tender(read.balance.balance)

    def _ask_tender(self, balance: Money | None) -> None:
        held = self.till.held
        if held is None:
            return
        entries = [
            Entry(words=tr("cash"), value="cash"),
            Entry(words=tr("card"), value="card", help=tr("on the terminal beside you")),
        ]
        if balance is not None:
            entries.append(Entry(words=tr("balance"), value="balance", help=_cover(balance, held)))
            entries.append(Entry(words=tr("top up the balance"), value=TOP_UP))
        entries.append(Entry(words=tr("complimentary"), value="complimentary"))
        title = tr("{total} from {buyer}: how?", total=money(held.total), buyer=self.buyer_words())
        self.app.push_screen(Pick[str](title, entries), partial(self._ask_payment, held))

    def _ask_payment(self, held: HeldReservation, kind: str | None) -> None:
        if kind == "cash":
            self._ask_cash(held)
        elif kind == TOP_UP:
            self._ask_top_up(held)
        elif kind == "balance":
            question = Question[bool](
                tr("Charge {total}?", total=money(held.total)),
                [" ".join(held.seats), tr("from the balance of {buyer}", buyer=self.buyer_words())],
                safe=tr("Back"),
                choices={tr("Charge"): True},
            )
            self.app.push_screen(
                question, lambda yes: self._pay(held, Tender(kind=kind)) if yes else None
            )
        elif kind is not None:
            self._ask_note(held, kind)

    def _ask_cash(self, held: HeldReservation) -> None:
        total = held.total

        def received(text: str) -> int:
            return minor_units(text, total.currency) if text.strip() else total.amount

        def wrong(text: str) -> str:
            try:
                short = received(text) < total.amount
            except ValueError:
                return tr("an amount, please")
            return tr("that is less than {total}", total=money(total)) if short else ""

        def about(values: dict[str, str]) -> str:
            problem = wrong(values["received"])
            change = 0 if problem else received(values["received"]) - total.amount
            said = money(Money(amount=change, currency=total.currency))
            return problem or tr("change {amount}", amount=said)

        form = Form(
            tr("Cash for {total}", total=money(total)),
            [Field(name="received", words=tr("received"), check=wrong)],
            accept=tr("Charge {total}", total=money(total)),
            about=about,
            risky=True,
        )
        self.app.push_screen(
            form,
            lambda values: (
                self._pay(held, Tender(kind="cash", received=received(values["received"])))
                if values
                else None
            ),
        )

    def _ask_note(self, held: HeldReservation, kind: str) -> None:
        charge = tr("Charge {total}", total=money(held.total))
        form = Form(
            tr("{tender} for {total}", tender=tr(kind), total=money(held.total)),
            [Field(name="note", words=tr(NOTES[kind]), check=_something)],
            accept=tr("Issue free of charge") if kind == "complimentary" else charge,
            risky=True,
        )
        self.app.push_screen(
            form,
            lambda values: (
                self._pay(held, Tender(kind=kind, note=values["note"])) if values else None
            ),
        )

    def _ask_top_up(self, held: HeldReservation) -> None:
        currency, buyer = held.total.currency, self.till.buyer

        def wrong(text: str) -> str:
            try:
                return "" if minor_units(text, currency) > 0 else tr("an amount, please")
            except ValueError:
                return tr("an amount, please")

        def about(values: dict[str, str]) -> str:
            if problem := wrong(values["amount"]):
                return problem
            return money(Money(amount=minor_units(values["amount"], currency), currency=currency))

        def top_up(values: dict[str, str] | None) -> None:
            if values is not None:
                amount, office = minor_units(values["amount"], currency), self.desk.office
                self.desk.change(
                    self,
                    tr("top up"),
                    lambda key: office.charge(amount, buyer.user, currency=currency, key=key),
                    ToppedUp,
                )

        form = Form(
            tr("Top up the balance of {buyer}", buyer=self.buyer_words()),
            [Field(name="amount", words=tr("amount"), check=wrong)],
            accept=tr("Add to the balance"),
            about=about,
            risky=True,
        )
        self.app.push_screen(form, top_up)

    def on_topped_up(self, topped: ToppedUp) -> None:
        """Go on with the question how it is paid."""
        balance = topped.charge.balance
        counter(self).note(tr("top up: {amount}", amount=money(topped.charge.charged)))
        counter(self).tell(tr("the balance is {amount}", amount=money(balance)))
        self._ask_tender(balance)

    # --- paying ---

    def _pay(self, held: HeldReservation, tender: Tender) -> None:
        """Charge the cart, if it still is what the clerk saw in the dialog."""
        now = self.till.held
        if now is None or _terms(now) != _terms(held):
            self._say_not_charged(tr("the cart has changed: nothing was charged"))
            return
        self.desk.change(
            self,
            tr("payment"),
            partial(self.till.pay, tender=replace(tender, total=held.total.amount)),
            Paid,
            refused=PaymentRefused,
        )

    def on_payment_refused(self, refused: PaymentRefused) -> None:
        """Say in a dialog that nothing was charged, and why."""
        words, _ = language.of(refused.error)
        if self.till.lost and is_gone(refused.error):
            self.lose_cart()
        self.show_all()
        self._say_not_charged(words)

    def _say_not_charged(self, *lines: str) -> None:
        self.app.push_screen(Question[None](tr("Not charged"), lines, safe=tr("Back"), choices={}))

    def on_paid(self, paid: Paid) -> None:
        """Empty the cart, end the customer's place in the queue, show the receipt."""
        buyer = self.till.buyer
        if buyer.queued_for is not None:
            self._end_place(buyer.queued_for, int(buyer.user))
        self.begin_anew()
        counter(self).last_receipt = paid.paid.reservation
        counter(self).note(_paid_words(paid.paid))
        self.action_receipt()

    def _end_place(self, concert: int, user: int) -> None:
        """End the place of a customer who was served; where Redis is away, time ends it."""
        office = self.desk.office
        self.desk.read(
            self,
            tr("queue"),
            lambda: office.serve(concert, user),
            lambda _: PlaceEnded(),
            group="serve",
            refused=lambda _: PlaceEnded(),
        )

    def action_receipt(self) -> None:
        """Show the last receipt."""
        self._read_receipt(ReceiptRead)

    def action_reprint(self) -> None:
        """Show the last receipt and write it into a file again."""
        self._read_receipt(partial(ReceiptRead, save=True))

    def _read_receipt(self, done: Callable[[Order], ReceiptRead]) -> None:
        name, office = counter(self).last_receipt, self.desk.office
        if name is None:
            counter(self).tell(tr("nothing was sold here yet"))
            return
        self.desk.read(self, tr("receipt"), lambda: office.show_order(name), done, group="receipt")

    def on_receipt_read(self, read: ReceiptRead) -> None:
        """Show it, and where asked write it down."""
        dialog = ReceiptDialog(read.order)
        self.app.push_screen(dialog)
        if read.save:
            dialog.call_after_refresh(dialog.action_save)


def _cover(balance: Money, held: HeldReservation) -> str:
    """Say what the balance is, and what it lacks."""
    short = held.total.amount - balance.amount
    if short <= 0:
        return money(balance)
    lacking = money(Money(amount=short, currency=balance.currency))
    return tr("{balance}, {lacking} short", balance=money(balance), lacking=lacking)


def _paid_words(paid: PaidReservation) -> str:
    total = money(paid.paid)
    if paid.tender == "complimentary":
        return tr("issued free: {total}", total=total)
    return tr("paid: {total}", total=total) + f" ({tr(paid.tender)})"


def _terms(held: HeldReservation) -> tuple[object, ...]:
    """Return what a customer agrees to: which seats, for how much."""
    return held.reservation, held.total, held.seats


def _something(text: str) -> str:
    if cells(text) > NOTE_CELLS_MAX:
        return tr("at most {cells} cells", cells=NOTE_CELLS_MAX)
    return "" if text.strip() else tr("something must stand here")
