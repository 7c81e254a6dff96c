"""Seat maps as a counter reads them: packed, and the same as every other list says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from boxoffice.core import errors, seat_maps
from boxoffice.core.model import BLOCKED, COMPANION, FREE, HELD, OBSTRUCTED, SOLD, WHEELCHAIR
from tests.clock import end_holds
from tests.conftest import PRICE, SHOW, World, import_plan, key, staff

ONE = staff("user1")
LETTERS = {"free": FREE, "held": HELD, "sold": SOLD, "blocked": BLOCKED}


@pytest.fixture
def hall(box, theatre):
    """A performance in a theatre of several sections and categories."""
    office = box.office()
    import_plan(office, theatre)
    concert = office.create_concert("Play", theatre.name, key=key()).id
    prices = {name: 1_000 * number for number, name in enumerate(theatre.categories, 1)}
    performance = office.create_performance(str(concert), SHOW, prices=prices, key=key())
    return World(
        box=box,
        office=office,
        concert=concert,
        performance=performance.performance,
        users=(office.add_user("user1", key=key()).user,),
    )


def some_of_each(world):
    """Seats that are sold, held, kept, held until just now, and sold and given back."""
    office, free = world.office, [seat.seat for seat in listed(world)]
    office.charge(10**7, "user1", key=key())
    sold, held, ended, back = (
        office.reserve(world.performance, ONE, seats=free[at : at + 2], key=key()).reservation
        for at in (0, 5, 9, 13)
    )
    for reservation in (sold, back):
        office.pay(reservation, ONE, key=key())
    office.cancel(back, ONE, key=key())
    end_holds(world.box, ended)
    world.box.execute("UPDATE performance_seats SET status = 'blocked' WHERE seat_no = 20")
    return held


def listed(world):
    return world.office.list_seats(world.performance, ONE, everything=True)


def test_a_list_of_a_section_or_category_is_that_part_of_the_whole_list(hall, theatre):
    some_of_each(hall)
    office, every = hall.office, listed(hall)
    assert every[0] == replace(every[0]), "every field of a listed seat has a value"
    assert {seat.price.amount for seat in every} == {
        1_000 * number for number in range(1, len(theatre.categories) + 1)
    }
    for name in theatre.sections:
        shown = office.list_seats(hall.performance, ONE, section=name, everything=True)
        assert shown == [seat for seat in every if seat.section == name] != []
    for name in theatre.categories:
        shown = office.list_seats(hall.performance, ONE, category=name)
        assert shown == [s for s in every if (s.category, s.state) == (name, "free")] != []


def test_a_map_says_of_every_seat_what_the_list_says(hall, theatre):
    shown, seats = hall.office.seat_map(hall.performance), listed(hall)
    assert shown.labels == tuple(seat.seat for seat in seats)
    assert shown.numbers == tuple(seat.number for seat in seats)
    for index, seat in enumerate(seats):
        row = shown.seat_rows[index]
        category = shown.seat_categories[index]
        assert shown.rows[row] == seat.row
        assert shown.sections[shown.row_sections[row]] == seat.section
        assert shown.categories[category] == seat.category
        assert shown.prices[category] == seat.price.amount
        assert shown.index_of(seat.seat) == index
    assert shown.index_of("nowhere") is None
    planned = {seat.label: seat for seat in theatre.seats}
    for index, label in enumerate(shown.labels):
        plan = planned[label]
        assert (shown.xs[index], shown.ys[index]) == (plan.x, plan.y)
        assert shown.attributes[index] == (
            WHEELCHAIR * plan.wheelchair + COMPANION * plan.companion + OBSTRUCTED * plan.obstructed
        )
    assert any(shown.attributes)
    assert len(set(shown.prices)) > 1


def test_a_map_says_which_performance_it_is_of(world):
    shown = world.office.seat_map(world.performance)
    detail = world.office.show_concert("Concert").dates[0]
    assert (shown.performance, shown.concert, shown.concert_name, shown.venue) == (
        world.performance,
        world.concert,
        "Concert",
        "Room",
    )
    assert (shown.date, shown.sale_opens, shown.sale_closes) == (
        detail.date,
        detail.sale_opens,
        detail.sale_closes,
    )
    assert (shown.time_zone, shown.currency, shown.prices) == ("Asia/Seoul", "KRW", (PRICE,))
    assert shown.focal == (5.0, -2.0)


def test_packed_states_are_those_of_the_list_and_their_versions_those_of_the_rows(hall):
    some_of_each(hall)
    read = hall.office.seat_states(hall.performance)
    assert read.states == bytes(LETTERS[seat.state] for seat in listed(hall))
    assert set(read.states) == set(LETTERS.values())
    rows = hall.box.rows("SELECT version FROM performance_seats ORDER BY seat_no")
    assert list(read.versions) == [version for (version,) in rows]
    assert max(read.versions) == 3
    hall.box.execute("UPDATE performance_seats SET version = 2000000000 WHERE seat_no = 1")
    assert hall.office.seat_states(hall.performance).versions[1] == 2_000_000_000


def test_some_seats_and_the_totals_read_as_the_whole_does(hall):
    some_of_each(hall)
    read = hall.office.seat_states(hall.performance)
    labels = hall.office.seat_map(hall.performance).labels
    with hall.office.stores.database() as connection:
        changes = seat_maps.read_changes(connection, hall.performance, [*labels[:25], "nowhere"])
        totals = seat_maps.read_totals(connection, hall.performance)
    assert sorted(changes) == list(
        zip(range(25), read.states[:25], read.versions[:25], strict=True)
    )
    assert totals == (sum(read.versions), read.states.count(FREE))


@pytest.mark.parametrize("performance", [0, -1, 99_999, 2**63 - 1, 2**63, 10**30])
def test_an_unknown_performance_is_not_found_however_large_its_number(world, performance):
    for act in (
        world.office.seat_map,
        world.office.seat_states,
        lambda number: world.office.find_best(number, 2),
        lambda number: world.office.watch(number).next(1),
    ):
        with pytest.raises(errors.PerformanceNotFound):
            act(performance)


def test_the_best_seats_for_a_cart_may_be_its_own(world):
    best = world.office.find_best(world.performance, 2).seats
    held = world.office.reserve(world.performance, ONE, seats=best, key=key()).reservation
    assert world.office.find_best(world.performance, 2, own=held).seats == best
    assert not set(world.office.find_best(world.performance, 2).seats) & set(best)
    with pytest.raises(errors.ReservationNotFound):
        world.office.find_best(world.performance, 2, own="R-0000")


def test_the_clock_is_the_databases(world):
    before = world.box.one("SELECT clock_timestamp()")
    now = world.office.clock()
    assert before <= now <= world.box.one("SELECT clock_timestamp()")


def test_no_customer_sees_the_map_of_a_counter(world):
    customer = world.box.office(role="customer", user="user1")
    for act in (
        customer.seat_map,
        customer.seat_states,
        customer.watch,
        lambda number: customer.find_best(number, 2),
    ):
        with pytest.raises(errors.Forbidden):
            act(world.performance)
