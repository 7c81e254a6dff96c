"""Any sequence of charges, holds and what carts do, payments, exchanges and retries is right.

The model is plain Python: who has which seat, what each reservation is, how much money each
user has. After each step the database must say the same.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from itertools import count

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from boxoffice.core import errors
from boxoffice.core.model import BALANCE, Tender
from tests.clock import end_holds
from tests.conftest import SHOW, import_plan, key, small_plan, staff
from tests.invariants import assert_consistent

PRICE = 100
LABELS = [f"{row}-{number}" for row in "AB" for number in range(1, 6)]
NAMES = ("ann", "bob", "cho")
# `make faults` asks for many more.
FULL = bool(os.environ.get("FAULTS_FULL"))
EXAMPLES = 200 if FULL else 40
STEPS = 30
STEPS_MIN = 5_000 if FULL else 500
# An empty run proves nothing: of each of these so many must have come about.
COMMANDS = ("charge", "reserve", "add seats", "release seats", "keep hold", "pay", "exchange")
DONE_MIN = 20
SERIAL = count(1)
TAKEN = count()

users = st.sampled_from(NAMES)
callers = st.none() | users  # None: whose it is, and the newest that can be acted on
CASH = Tender(kind="cash", received=10 * PRICE)
tenders = st.sampled_from(
    [
        BALANCE,
        BALANCE,
        CASH,
        Tender(kind="card", note="T-1"),
        Tender(kind="complimentary", note="press"),
    ]
)
wanted = st.lists(st.sampled_from(LABELS), min_size=1, max_size=3, unique=True)
first = st.lists(st.sampled_from(LABELS[:-3]), min_size=1, max_size=2, unique=True)
EFFECTIVE = (
    "SELECT v.label, CASE WHEN s.status = 'held' AND s.held_until <= now() THEN 'free'"
    " ELSE s.status END"
    " FROM performance_seats s JOIN venue_seats v USING (seat_no) WHERE performance_id = %s"
)
BALANCES = (
    "SELECT u.name, coalesce(a.balance, 0) FROM users u LEFT JOIN accounts a ON a.user_id = u.id"
    " WHERE u.name = ANY (%s)"
)


@dataclass
class Booked:
    """A reservation as the model knows it; `ended` is a hold past its end, not yet swept."""

    user: str
    seats: list[str]
    state: str = "held"
    refund: int = 0
    tender: Tender = BALANCE

    @property
    def shown(self) -> str:
        return "expired" if self.state == "ended" else self.state

    @property
    def total(self) -> int:
        return PRICE * len(self.seats)


OVER = {
    "paid": errors.AlreadyPaid,
    "cancelled": errors.AlreadyCancelled,
    "ended": errors.HoldExpired,
    "expired": errors.HoldExpired,
}


class BookingMachine(RuleBasedStateMachine):
    """Three users and ten seats; each example has users and a performance of its own."""

    booked = Bundle("booked")

    def __init__(self, box, office, concert):
        super().__init__()
        self.box, self.office, self.concert = box, office, concert

    @initialize(target=booked, user=users, labels=first, amount=st.integers(1, 9 * PRICE))
    def open_sale(self, user, labels, amount):
        """Begin with a cart, money and something sold, each changed once.

        Most of what can be done needs these, and not every example gets to all of it by itself.
        """
        serial = next(SERIAL)
        self.performance = self.office.create_performance(
            self.concert, SHOW + timedelta(days=serial), prices={"Standard": PRICE}, key=key()
        ).performance
        self.called = {name: f"{name} {serial}" for name in NAMES}
        for name in self.called.values():
            self.office.add_user(name, key=key())
        self.balances = dict.fromkeys(NAMES, 0)
        self.seats: dict[str, str | None] = dict.fromkeys(LABELS)
        self.reservations: dict[str, Booked] = {}
        self.done = []
        self.charge(user, amount)
        sold, cart = self.reserve("cho", LABELS[-2:]), self.reserve(user, sorted({*labels, "A-1"}))
        self.pay(sold, "cho", CASH)
        self.add_seats(cart, user, [LABELS[-3]])
        self.release_seats(cart, user, ["A-1"])
        self.assign(cart, user, "bob")
        self.exchange(sold, "cho", LABELS[-1:], CASH)
        return multiple(sold, cart)

    def execute(self, act):
        """Do something under a new key, and keep it to be tried again later."""
        name = key()
        answer = act(key=name)
        if not answer.replayed:
            self.done.append((act, name, answer))
        return answer

    def expect(self, error, act):
        """Expect a refusal, under a key that may then be used again."""
        try:
            act(key=key())
        except error:
            return
        raise AssertionError(f"{error.__name__} was expected")

    @rule(user=users, amount=st.integers(1, 3 * PRICE))
    def charge(self, user, amount):
        answer = self.execute(partial(self.office.charge, amount, self.called[user]))
        self.balances[user] += amount
        assert answer.balance.amount == self.balances[user]

    @rule(user=users, amount=st.sampled_from([0, -1, 10**7 + 1]))
    def charge_what_is_no_amount(self, user, amount):
        self.expect(errors.AmountInvalid, partial(self.office.charge, amount, self.called[user]))

    @rule(target=booked, user=users, labels=wanted)
    def reserve(self, user, labels):
        act = partial(self.office.reserve, self.performance, self.caller(user), seats=labels)
        if self.taken(labels):
            self.expect(errors.SeatTaken, act)
            return multiple()
        reservation = self.execute(act).reservation
        self.reservations[reservation] = Booked(user=user, seats=sorted(labels))
        self.seats |= dict.fromkeys(labels, reservation)
        return reservation

    @rule(reservation=booked, user=callers, labels=wanted)
    def add_seats(self, reservation, user, labels):
        reservation, known, user = self.aim(reservation, user)
        act = partial(self.office.add_seats, reservation, self.caller(user), seats=labels)
        refusal = self.refusal(known, user)
        if refusal is None and self.taken(labels):
            refusal = errors.SeatTaken
        if refusal:
            self.expect(refusal, act)
            return
        known.seats = sorted([*known.seats, *labels])
        self.seats |= dict.fromkeys(labels, reservation)
        assert list(self.execute(act).seats) == known.seats

    @rule(reservation=booked, user=callers, labels=wanted)
    def release_seats(self, reservation, user, labels):
        aimed = user is None
        reservation, known, user = self.aim(reservation, user)
        labels = known.seats[:1] if aimed else labels
        act = partial(self.office.release_seats, reservation, self.caller(user), seats=labels)
        refusal = self.refusal(known, user)
        if refusal is None and not set(labels) <= set(known.seats):
            refusal = errors.SeatNotFound
        if refusal is None and len(labels) == len(known.seats):
            refusal = errors.InputInvalid
        if refusal:
            self.expect(refusal, act)
            return
        known.seats = [label for label in known.seats if label not in labels]
        self.seats |= dict.fromkeys(labels)
        assert list(self.execute(act).seats) == known.seats

    @rule(reservation=booked, user=callers, seconds=st.integers(1, 3_600))
    def extend_hold(self, reservation, user, seconds):
        reservation, known, user = self.aim(reservation, user)
        act = partial(
            self.office.extend_hold, reservation, self.caller(user), seconds=seconds, name="Kim"
        )
        refusal = self.refusal(known, user)
        if refusal:
            self.expect(refusal, act)
        else:
            assert self.execute(act).hold_name == "Kim"

    @rule(reservation=booked, user=callers, other=users)
    def assign(self, reservation, user, other):
        reservation, known, user = self.aim(reservation, user)
        act = partial(self.office.assign, reservation, self.caller(user), user=self.called[other])
        refusal = self.refusal(known, user)
        if refusal:
            self.expect(refusal, act)
            return
        known.user = other
        self.execute(act)

    @rule(reservation=booked, user=callers, tender=tenders)
    def pay(self, reservation, user, tender):
        reservation, known, user = self.aim(reservation, user)
        act = partial(self.office.pay, reservation, self.caller(user), tender=tender)
        refusal = self.refusal(known, user)
        if refusal is None and tender == BALANCE and self.balances[user] < known.total:
            refusal = errors.InsufficientBalance
        if refusal:
            self.expect(refusal, act)
            return
        if tender == BALANCE:
            self.balances[user] -= known.total
        known.state, known.tender = "paid", tender
        assert self.execute(act).balance.amount == self.balances[user]

    @rule(target=booked, reservation=booked, user=callers, labels=wanted, tender=tenders)
    def exchange(self, reservation, user, labels, tender):
        reservation, known, user = self.aim(reservation, user, "paid")
        act = partial(
            self.office.exchange, reservation, self.caller(user), seats=labels, tender=tender
        )
        price = PRICE * len(labels)
        back = known.total if known.tender == BALANCE else 0
        refusal = None
        if user != known.user:
            refusal = errors.ReservationNotFound
        elif known.state != "paid":
            refusal = errors.ReservationNotPaid
        elif self.taken([label for label in labels if self.seats[label] != reservation]):
            refusal = errors.SeatTaken
        elif tender == BALANCE and self.balances[user] + back < price:
            refusal = errors.InsufficientBalance
        if refusal:
            self.expect(refusal, act)
            return multiple()
        done = self.execute(act)
        assert done.difference.amount == price - known.total
        self.balances[user] += back - (price if tender == BALANCE else 0)
        assert done.paid.balance.amount == self.balances[user]
        known.refund, known.state = known.total, "cancelled"
        self.free(reservation)
        new = done.paid.reservation
        self.reservations[new] = Booked(
            user=user, seats=sorted(labels), state="paid", tender=tender
        )
        self.seats |= dict.fromkeys(labels, new)
        return new

    @rule(reservation=booked, user=callers)
    def cancel(self, reservation, user):
        reservation, known, user = self.aim(reservation, user)
        act = partial(self.office.cancel, reservation, self.caller(user))
        if user != known.user:
            self.expect(errors.ReservationNotFound, act)
        elif known.state in ("ended", "expired"):
            self.expect(errors.HoldExpired, act)
        else:
            if known.state != "cancelled":
                known.refund = known.total if known.state == "paid" else 0
                self.balances[user] += known.refund if known.tender == BALANCE else 0
                known.state = "cancelled"
                self.free(reservation)
            answer = self.execute(act)
            assert answer.refund.amount == known.refund
            assert answer.balance.amount == self.balances[user]

    @rule(reservation=booked)
    def hold_ends(self, reservation):
        known = self.reservations[reservation]
        if known.state == "held":
            end_holds(self.box, reservation)
            known.state = "ended"

    @rule()
    def sweep(self):
        ended = [name for name, known in self.reservations.items() if known.state == "ended"]
        assert self.office.sweep() == len(ended)
        for reservation in ended:
            self.reservations[reservation].state = "expired"
            self.free(reservation)

    @rule(number=st.integers(0, STEPS))
    def try_again_under_an_old_key(self, number):
        """A retry gets the first answer, whatever has happened since, and changes nothing."""
        if self.done:
            act, name, answer = self.done[number % len(self.done)]
            assert act(key=name) == replace(answer, replayed=True)

    def aim(self, reservation, user, state="held"):
        """Return what is acted on and by whom; where nobody is named, the newest that can be."""
        if user is None:
            fit = [name for name, known in self.reservations.items() if known.state == state]
            reservation = fit[-1] if fit else reservation
        known = self.reservations[reservation]
        return reservation, known, user or known.user

    def refusal(self, known, user):
        """Say why a user may not change a hold, if so."""
        return errors.ReservationNotFound if user != known.user else OVER.get(known.state)

    def taken(self, labels):
        """Say whether anybody has one of these seats now."""
        owners = {self.seats[label] for label in labels} - {None}
        return any(self.reservations[owner].state in ("held", "paid") for owner in owners)

    def free(self, reservation):
        """Give back the seats that a reservation still has."""
        for label, owner in self.seats.items():
            if owner == reservation:
                self.seats[label] = None

    def caller(self, user):
        return staff(self.called[user])

    @invariant()
    def seats_stand_as_in_the_model(self):
        next(TAKEN)
        shown = {"held": "held", "paid": "sold", "ended": "free"}
        expected = {
            label: shown[self.reservations[owner].state] if owner else "free"
            for label, owner in self.seats.items()
        }
        assert dict(self.box.rows(EFFECTIVE, self.performance)) == expected

    @invariant()
    def balances_stand_as_in_the_model(self):
        found = dict(self.box.rows(BALANCES, list(self.called.values())))
        assert found == {self.called[name]: amount for name, amount in self.balances.items()}

    @invariant()
    def reservations_stand_as_in_the_model(self):
        for name in NAMES:
            told = {
                each.reservation: (each.state, sorted(each.seats), each.total.amount)
                for each in self.office.list_reservations(self.called[name])
            }
            assert told == {
                reservation: (known.shown, known.seats, known.total)
                for reservation, known in self.reservations.items()
                if known.user == name
            }

    def teardown(self):
        self.office.sweep()  # the next example counts its own
        assert_consistent(self.box)


def test_any_sequence_of_bookings_follows_the_model(box):
    office = box.office()
    import_plan(office, small_plan(rows=2, seats=5))
    concert = str(office.create_concert("Concert", "Room", key=key()).id)
    run_state_machine_as_test(
        lambda: BookingMachine(box, office, concert),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
    assert next(TAKEN) >= STEPS_MIN
    done = dict(box.rows("SELECT command, count(*) FROM operations GROUP BY command"))
    assert min(done.get(command, 0) for command in COMMANDS) >= DONE_MIN, str(done)
