"""What seats cost by category and by type, who may say so, and what a ticket keeps of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from boxoffice.core import errors
from boxoffice.core.model import Money
from boxoffice.core.prices import parse
from tests.conftest import PRICE, SHOW, import_plan, key, small_plan, staff

CHILD = PRICE // 2
TYPES = "SELECT price_type, price FROM reservation_seats ORDER BY seat_no"


@pytest.fixture
def priced(world):
    """The usual world, where children pay half."""
    world.office.set_prices(world.performance, {"Standard:child": CHILD}, key=key())
    return world


def test_a_price_is_told_by_the_longest_category_that_fits():
    known = ["R", "R:child", "A=B"]
    asked = {"R": 1, "R:senior": 2, "R:child": 3, "R:child:student": 4, "A=B:child": 5, "A=B": 6}
    assert parse(asked, known) == {
        ("R", "adult"): 1,
        ("R", "senior"): 2,
        ("R:child", "adult"): 3,
        ("R:child", "student"): 4,
        ("A=B", "child"): 5,
        ("A=B", "adult"): 6,
    }


@pytest.mark.parametrize(
    ("amounts", "error"),
    [
        ({"X:child": 1}, errors.InputInvalid),
        ({"Standard:": 1}, errors.InputInvalid),
        ({"Standard:a:b": 1}, errors.InputInvalid),
        ({"Standard:a,b": 1}, errors.InputInvalid),
        ({"Standard:\x1b[2J": 1}, errors.InputInvalid),
        ({"Standard": 1, "Standard:adult": 2}, errors.InputInvalid),
        ({"Standard:child": -1}, errors.AmountInvalid),
        ({"Standard:child": 10**12 + 1}, errors.AmountInvalid),
    ],
)
def test_what_is_no_price_is_refused(amounts, error):
    with pytest.raises(error):
        parse(amounts, ["Standard"])


def test_a_performance_is_made_with_the_prices_of_every_type(box):
    office = box.office()
    plan = replace(small_plan("Odd", rows=1, seats=2), categories=("R:x=1",))
    import_plan(office, plan)
    concert = office.create_concert("C", "Odd", key=key())
    made = office.create_performance(
        str(concert.id), SHOW, prices={"R:x=1": 9, "R:x=1:child": 4}, key=key()
    )
    told = [(p.category, p.type, p.price.amount) for p in office.list_prices(made.performance)]
    assert told == [("R:x=1", "adult", 9), ("R:x=1", "child", 4)]
    shown = office.show_concert("C")
    assert (shown.price_from.amount, shown.price_to.amount) == (4, 9)
    assert shown.dates[0].price_types == ("child",)
    with pytest.raises(errors.InputInvalid, match="no price for"):
        office.create_performance(
            str(concert.id), SHOW + timedelta(days=1), prices={"R:x=1:child": 4}, key=key()
        )


def test_a_type_is_for_all_seats_or_one_a_seat_in_their_order(priced):
    office, one = priced.office, staff("user1")
    all_of_them = office.reserve(
        priced.performance, one, seats=["A-2", "A-1"], types=["child"], key=key()
    )
    assert (all_of_them.types, all_of_them.total.amount) == (("child", "child"), 2 * CHILD)
    each = office.reserve(
        priced.performance, one, seats=["B-2", "B-1"], types=["child", "adult"], key=key()
    )
    assert (each.seats, each.types) == (("B-1", "B-2"), ("adult", "child"))
    assert each.total.amount == PRICE + CHILD
    best = office.reserve(priced.performance, one, best=2, types=["child", "adult"], key=key())
    assert (best.types, best.total.amount) == (("child", "adult"), PRICE + CHILD)
    plain = office.reserve(priced.performance, one, seats=["E-1"], types=["adult"], key=key())
    assert plain.types == ()
    assert priced.office.verify() == ()
    with pytest.raises(errors.InputInvalid, match="2 price types for 3 seats"):
        office.reserve(
            priced.performance, one, seats=["C-1", "C-2", "C-3"], types=["child"] * 2, key=key()
        )
    with pytest.raises(errors.PriceTypeNotFound) as refused:
        office.reserve(priced.performance, one, seats=["C-1"], types=["pensioner"], key=key())
    assert refused.value.advice == "this performance has: adult, child"


def test_a_key_remembers_types_and_an_old_request_without_them_is_the_same(priced):
    office, one = priced.office, staff("user1")

    def reserve(name, labels, *types):
        return office.reserve(priced.performance, one, seats=labels, types=types, key=name)

    first = reserve("k", ["A-1", "A-2"], "child", "adult")
    assert not first.replayed
    again = reserve("k", ["A-2", "A-1"], "adult", "child")
    assert (again.replayed, again.types) == (True, ("child", "adult"))
    with pytest.raises(errors.KeyReused):
        reserve("k", ["A-1", "A-2"], "adult", "child")
    reserve("plain", ["B-1"])
    assert reserve("plain", ["B-1"], "adult").replayed
    # As it was remembered before there were types: a stored answer does not name any.
    priced.box.execute("UPDATE operations SET result = result - 'types' WHERE key = 'plain'")
    assert reserve("plain", ["B-1"]).types == ()
    assert office.status("k").result.types == ("child", "adult")


def test_what_is_held_or_sold_keeps_its_price_and_a_change_is_on_record(priced):
    office, one = priced.office, staff("user1")
    held = office.reserve(priced.performance, one, seats=["A-1"], types=["child"], key=key())
    told = office.set_prices(
        priced.performance, {"Standard": 70_000, "Standard:child": 1}, key="change"
    )
    assert [p.price for p in told.prices] == [Money(amount=a, currency="KRW") for a in (70_000, 1)]
    office.charge(CHILD, "user1", key=key())
    assert office.pay(held.reservation, one, key=key()).paid.amount == CHILD
    later = office.reserve(priced.performance, one, seats=["A-2"], key=key())
    assert later.total.amount == 70_000
    assert office.show_order(held.reservation).prices == (CHILD,)
    ((before,),) = priced.box.rows("SELECT before FROM audit WHERE operation_key = 'change'")
    assert [p["price"]["amount"] for p in before["prices"]] == [PRICE, CHILD]
    again = office.set_prices(
        priced.performance, {"Standard": 70_000, "Standard:child": 1}, key="change"
    )
    assert (again.prices, again.replayed) == (told.prices, True)
    assert office.verify() == ()


def test_only_an_admin_sets_prices_and_everybody_reads_them(priced):
    clerk, anybody = priced.box.office(role="clerk"), priced.box.office(role="customer")
    with pytest.raises(errors.Forbidden):
        clerk.set_prices(priced.performance, {"Standard": 0}, key=key())
    assert len(anybody.list_prices(priced.performance)) == 2
    for wrong in (99, 0, 2**63):
        with pytest.raises(errors.PerformanceNotFound):
            anybody.list_prices(wrong)
        with pytest.raises(errors.PerformanceNotFound):
            priced.office.set_prices(wrong, {"Standard": 1}, key=key())


def test_a_cart_changes_the_type_of_a_seat_at_the_price_of_now(priced):
    office, one = priced.office, staff("user1")
    held = office.reserve(priced.performance, one, seats=["A-1", "A-2"], key=key())
    change = {"seats": ["A-2"], "price_type": "child"}
    young = office.set_price_type(held.reservation, one, **change, key="t")
    assert (young.types, young.total.amount) == (("adult", "child"), PRICE + CHILD)
    assert office.set_price_type(held.reservation, one, **change, key="t").replayed
    grown = office.add_seats(held.reservation, one, seats=["A-3"], key=key())
    assert grown.types == ("adult", "child", "adult")
    assert grown.total.amount == 2 * PRICE + CHILD
    kept = office.extend_hold(held.reservation, one, key=key())
    assert kept.types == grown.types
    shrunk = office.release_seats(held.reservation, one, seats=["A-1"], key=key())
    assert (shrunk.types, shrunk.total.amount) == (("child", "adult"), PRICE + CHILD)
    assert priced.box.rows(TYPES) == [("child", CHILD), ("adult", PRICE)]
    old = office.set_price_type(held.reservation, one, seats=["A-2"], price_type="adult", key=key())
    assert (old.types, old.total.amount) == ((), 2 * PRICE)
    assert office.verify() == ()
    refused = [
        ({"seats": ["A-2"], "price_type": "dog"}, errors.PriceTypeNotFound),
        ({"seats": ["B-9"], "price_type": "child"}, errors.SeatNotFound),
    ]
    for wrong, error in refused:
        with pytest.raises(error):
            office.set_price_type(held.reservation, one, **wrong, key=key())
    office.charge(2 * PRICE, "user1", key=key())
    office.pay(held.reservation, one, key=key())
    with pytest.raises(errors.AlreadyPaid):
        office.set_price_type(held.reservation, one, **change, key=key())


def test_an_exchange_charges_the_ordinary_price_unless_a_type_is_said(priced):
    office, one = priced.office, staff("user1")
    office.charge(3 * PRICE, "user1", key=key())
    held = office.reserve(priced.performance, one, seats=["A-1"], types=["child"], key=key())
    office.pay(held.reservation, one, key=key())
    plain = office.exchange(held.reservation, one, seats=["A-2"], key=key())
    assert plain.difference.amount == PRICE - CHILD
    young = office.exchange(
        plain.paid.reservation, one, seats=["A-3"], types=["child"], key="young"
    )
    assert young.difference.amount == CHILD - PRICE
    assert office.verify() == ()
