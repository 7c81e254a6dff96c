"""Carts of many counters at one hall: no seat in two, none lost, and nobody waits for ever."""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from boxoffice.core import errors
from boxoffice.core.model import WALK_IN, Tender
from tests.conftest import PRICE, key, staff
from tests.invariants import assert_consistent
from tests.races.crowd import DEADLINE_SECONDS, Crowd, rush

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

ONE = staff("user1")
WALKING = staff(WALK_IN)
GIFT = Tender(kind="complimentary", note="race")
SEATS = [f"A-{number}" for number in range(1, 11)]
MORE_SEATS = [*SEATS, *(f"D-{number}" for number in range(1, 11))]
HOLD_SECONDS = 0.15
WINS = 12
ROUNDS = 20
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


def fill_a_cart(office, _, performance, home, wins):
    """Go for overlapping seats with one cart, giving some back; tell what is in it at last."""
    outcomes = Counter()
    cart = office.reserve(performance, WALKING, seats=[home], key=key())
    while outcomes["added"] < wins:
        mine = [label for label in cart.seats if label != home]
        try:
            if mine and random.random() < 0.6:
                some = random.sample(mine, random.randint(1, len(mine)))
                cart = office.release_seats(cart.reservation, WALKING, seats=some, key=key())
                outcomes["released"] += 1
            else:
                wanted = random.sample(MORE_SEATS, random.randint(1, 5))
                cart = office.add_seats(cart.reservation, WALKING, seats=wanted, key=key())
                outcomes["added"] += 1
        except errors.SeatTaken:
            outcomes["lost"] += 1
        except errors.TooManySeats:
            outcomes["full"] += 1
    if len(cart.seats) > 2:  # others still want theirs
        rest = [label for label in cart.seats if label != home][1:]
        cart = office.release_seats(cart.reservation, WALKING, seats=rest, key=key())
    return outcomes, cart.reservation, cart.seats, cart.total.amount


def test_overlapping_seats_go_into_one_cart_each_and_never_deadlock(world):
    homes = [f"{row}-{number}" for row in "BC" for number in range(1, 7)]
    told = rush(world.box, fill_a_cart, [(world.performance, home, 12) for home in homes])
    outcomes = sum((each for each, *_ in told), Counter())
    assert outcomes["added"] == 12 * 12  # nobody starves, however unlucky
    assert min(outcomes["lost"], outcomes["released"]) > 0
    held = [label for _, _, seats, _ in told for label in seats]
    assert len(held) == len(set(held)) == world.seats("held")
    orders = world.box.office()
    for _, reservation, seats, total in told:
        order = orders.show_order(reservation)
        assert (order.seats, order.total.amount) == (seats, total)
    assert world.box.one(DEADLOCKS) == 0
    assert_consistent(world.box)


def share_a_cart(office, together, plan):
    """Do one thing to each cart, at the same time as all others; tell what came of it."""
    outcomes = []
    for act, reservation, seats in plan:
        together.wait(DEADLINE_SECONDS)
        time.sleep(random.uniform(0, 0.01))  # so that each comes first now and then
        try:
            if act == "pay":
                answer = office.pay(reservation, WALKING, key=key(), tender=GIFT)
            elif act == "cancel":
                answer = office.cancel(reservation, WALKING, key=key())
            elif act == "extend":
                answer = office.extend_hold(reservation, WALKING, seconds=900, key=key())
            else:
                change = office.add_seats if act == "add" else office.release_seats
                answer = change(reservation, WALKING, seats=seats, key=key())
            outcomes.append((act, getattr(answer, "seats", ())))
        except errors.BoxOfficeError as error:
            outcomes.append((error.code, ()))
    return outcomes


def test_whatever_several_counters_do_to_one_cart_leaves_a_whole_reservation(world):
    """Each cart has two seats; others add two, give one back, keep, pay or cancel it at once."""
    carts = []
    for number in range(ROUNDS):
        row, at = "ABCDE"[number // 5], number % 5 * 2 + 1
        pair = [f"{row}-{at}", f"{row}-{at + 1}"]
        held = world.office.reserve(world.performance, WALKING, seats=pair, key=key())
        world.office.release_seats(held.reservation, WALKING, seats=pair[1:], key=key())
        carts.append((held.reservation, pair))
    plans = {
        act: [(act, reservation, [pair[1 if act == "add" else 0]]) for reservation, pair in carts]
        for act in ("add", "release", "extend", "pay", "cancel")
    }
    crowd = [plans[act] for act in ("add", "release", "extend", "pay", "add", "cancel")]
    told = rush(world.box, share_a_cart, [(plan,) for plan in crowd])
    allowed = {
        "seat_taken",
        "seat_not_found",
        "input_invalid",
        "already_paid",
        "already_cancelled",
    }
    for outcomes in zip(*told, strict=True):
        done = [code for code, _ in outcomes]
        assert set(done) <= {*plans, *allowed}, done
        assert done.count("cancel") == 1
        assert done.count("add") <= 1
    assert Counter(code for each in told for code, _ in each)["add"] > 0
    assert world.seats("free") == 50
    assert world.box.one(DEADLOCKS) == 0
    assert_consistent(world.box)


def add_one(office, together, plan):
    """Execute the same keys as all others."""
    answers = []
    for name, reservation, label in plan:
        together.wait(DEADLINE_SECONDS)
        answers.append(office.add_seats(reservation, WALKING, seats=[label], key=name))
    return [(answer.seats, answer.total, answer.replayed) for answer in answers]


def test_one_key_of_many_counters_adds_once_and_all_are_told_the_same(world):
    cart = world.office.reserve(world.performance, WALKING, seats=["E-1"], key=key()).reservation
    plan = [(key(), cart, f"A-{number}") for number in range(1, 10)]
    told = rush(world.box, add_one, [(plan,) for _ in range(6)])
    for number, answers in enumerate(zip(*told, strict=True), 2):
        assert len({(seats, total) for seats, total, _ in answers}) == 1
        assert sorted(replayed for *_, replayed in answers) == [False] + 5 * [True]
        assert len(answers[0][0]) == number
    assert world.box.one("SELECT count(*) FROM operations WHERE command = 'add seats'") == 9
    assert_consistent(world.box)


def grow_late(office, _, performance):
    """Add to a hold in the moment of its end, and pay what was held, until each came about."""
    outcomes = Counter()
    before = 0.012  # how long before the end it begins, in seconds: found out as it goes
    while min(outcomes[each] for each in ("add", "pay", "too late to add")) < WINS:
        outcomes["swept"] += office.sweep()
        first, second = random.sample(SEATS, 2)
        act = "reserve"
        try:
            held = office.reserve(performance, WALKING, seats=[first], key=key())
            until_about(
                held.held_until - timedelta(seconds=random.uniform(-0.2, 1) * before), office
            )
            act = "add"
            held = office.add_seats(held.reservation, WALKING, seats=[second], key=key())
            outcomes[act] += 1
            act = "pay"
            paid = office.pay(held.reservation, WALKING, key=key(), tender=GIFT)
            outcomes[act] += 1
            before *= 0.7
            assert paid.seats == held.seats
            office.cancel(held.reservation, WALKING, key=key())
        except errors.SeatTaken:
            outcomes["taken"] += 1
        except errors.HoldExpired:
            outcomes[f"too late to {act}"] += 1
            before = min(before * 1.3, HOLD_SECONDS)
    return outcomes


def until_about(moment, office):
    time.sleep(max(0, (moment - office.clock()).total_seconds()))


def test_a_cart_that_grows_about_its_end_is_paid_whole_or_lost_whole(world):
    """All sweep while all others add: a seat that just came into a cart is not left behind."""
    box = world.box
    short = replace(box, settings=replace(box.settings, hold_seconds=HOLD_SECONDS))
    crowd = Crowd(short, grow_late, [(world.performance,)] * 6)
    while crowd.busy():
        assert_consistent(box)
    outcomes = sum(crowd.results(), Counter())
    assert min(outcomes["taken"], outcomes["swept"]) > 0, outcomes
    world.box.office().sweep()
    assert world.seats("held") == world.seats("sold") == 0
    for label in SEATS:  # each can still be had
        world.office.reserve(world.performance, WALKING, seats=[label], key=key())
    assert box.one(DEADLOCKS) == 0
    assert_consistent(box)


def swap(office, _, reservation, wins):
    """Exchange one's seats for others', again and again."""
    outcomes = Counter()
    while outcomes["exchanged"] < wins:
        wanted = random.sample(SEATS, 2)
        try:
            done = office.exchange(reservation, ONE, seats=wanted, key=key())
            reservation = done.paid.reservation
            outcomes["exchanged"] += 1
        except errors.SeatTaken:
            outcomes["lost"] += 1
    return outcomes


def test_exchanges_of_overlapping_seats_conserve_seats_and_money(world):
    world.office.charge(6 * PRICE, "user1", key=key())
    bought = []
    for at in (0, 2, 4):
        held = world.office.reserve(world.performance, ONE, seats=SEATS[at : at + 2], key=key())
        bought.append(world.office.pay(held.reservation, ONE, key=key()).reservation)
    outcomes = sum(rush(world.box, swap, [(each, 10) for each in bought]), Counter())
    assert outcomes["exchanged"] == 30
    assert (world.seats("sold"), world.seats("free"), world.balances()) == (6, 44, 0)
    assert world.box.one(DEADLOCKS) == 0
    assert_consistent(world.box)
