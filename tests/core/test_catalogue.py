"""Looking: concerts, dates, seats and reservations as they are at this moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from boxoffice.core import errors
from tests.conftest import PRICE, SHOW, import_plan, key, small_plan, staff

ONE = staff("user1")


def performance(world, date=datetime(2098, 1, 1, tzinfo=UTC), price=PRICE, **window):
    return world.office.create_performance(
        str(world.concert), date, prices={"Standard": price}, key=key(), **window
    ).performance


def test_concerts_with_a_performance_on_sale_are_listed_soonest_first(world):
    world.office.create_concert("Nothing yet", "Room", key=key())
    sooner = world.office.create_concert("Sooner", "Room", key=key())
    world.office.create_performance(
        "Sooner", SHOW - timedelta(days=1), prices={"Standard": 1}, key=key()
    )
    later = world.office.create_concert("Not open", "Room", key=key())
    world.office.create_performance(
        "Not open",
        SHOW,
        prices={"Standard": 1},
        sale_opens=SHOW - timedelta(days=1),
        key=key(),
    )
    listed = world.office.list_concerts()
    assert [concert.id for concert in listed] == [sooner.id, world.concert]
    assert later.id not in {concert.id for concert in listed}
    assert all(concert.on_sale for concert in listed)


def test_a_concert_tells_its_dates_free_seats_and_price_range(world):
    performance(world, price=1)
    world.office.reserve(world.performance, ONE, seats=["A-1"], key=key())
    detail = world.office.show_concert("Concert")
    assert (detail.id, detail.venue, detail.performances) == (world.concert, "Room", 2)
    assert (detail.free_seats, detail.price_from.amount, detail.price_to.amount) == (99, 1, PRICE)
    assert [each.free_seats for each in detail.dates] == [50, 49]
    assert detail.first_date == datetime(2098, 1, 1, tzinfo=UTC)
    assert detail.last_date == SHOW.replace(tzinfo=ZoneInfo("Asia/Seoul"))
    assert detail.last_date.utcoffset() == timedelta(hours=9)


def test_a_concert_is_named_by_id_or_by_its_unique_name_and_by_nothing_else(world):
    assert world.office.show_concert(str(world.concert)) == world.office.show_concert("Concert")
    for name in ("Concer", "concert", "0", "99", str(2**63), "9" * 100, "-1", "", "1; DROP"):
        with pytest.raises(errors.ConcertNotFound):
            world.office.show_concert(name)


def test_dates_that_are_sold_out_closed_or_not_open_are_not_listed(world):
    sold_out = performance(world)
    closed = performance(world, datetime(2097, 1, 1, tzinfo=UTC))
    coming = performance(world, datetime(2096, 1, 1, tzinfo=UTC))
    world.box.execute(
        "UPDATE performance_seats SET status = 'blocked' WHERE performance_id = %s", sold_out
    )
    world.box.execute(
        "UPDATE performances SET sale_opens = now() - interval '2 h',"
        " sale_closes = now() - interval '1 h' WHERE id = %s",
        closed,
    )
    world.box.execute(
        "UPDATE performances SET sale_opens = now() + interval '1 h' WHERE id = %s", coming
    )
    dates = world.office.list_dates("Concert", ONE)
    assert [date.performance for date in dates] == [world.performance]
    assert (dates[0].total_seats, dates[0].free_seats) == (50, 50)


def test_free_seats_are_listed_in_the_order_of_the_plan_with_their_price(world):
    world.office.reserve(world.performance, ONE, seats=["A-2"], key=key())
    world.box.execute("UPDATE performance_seats SET status = 'blocked' WHERE seat_no = 2")
    seats = world.office.list_seats(world.performance, ONE)
    assert [seat.seat for seat in seats[:3]] == ["A-1", "A-4", "A-5"]
    assert len(seats) == 48
    first = seats[0]
    assert (first.section, first.row, first.number) == ("Floor", "A", "1")
    assert (first.category, first.price.amount, first.state) == ("Standard", PRICE, "free")
    states = [s.state for s in world.office.list_seats(world.performance, ONE, everything=True)]
    assert states[:4] == ["free", "held", "blocked", "free"]
    assert len(states) == 50


def test_a_sold_out_performance_is_an_empty_list_and_no_error(world):
    world.box.execute("UPDATE performance_seats SET status = 'blocked'")
    assert world.office.list_seats(world.performance, ONE) == []
    assert world.office.list_dates("Concert", ONE) == []


def test_the_best_seats_are_listed_without_holding_them(world):
    best = [seat.seat for seat in world.office.list_seats(world.performance, ONE, best=3)]
    assert best == list(world.office.reserve(world.performance, ONE, best=3, key=key()).seats)
    with pytest.raises(errors.TooManySeats):
        world.office.list_seats(world.performance, ONE, best=11)
    with pytest.raises(errors.InputInvalid):
        world.office.list_seats(world.performance, ONE, best=0)


def test_seats_are_filtered_by_section_and_category(world):
    assert len(world.office.list_seats(world.performance, ONE, section="Floor")) == 50
    assert len(world.office.list_seats(world.performance, ONE, category="Standard")) == 50


def test_a_user_sees_all_of_their_own_reservations_newest_first_and_no_others(world):
    world.office.charge(PRICE, "user1", key=key())
    first = world.office.reserve(world.performance, ONE, seats=["A-1"], key=key())
    world.office.pay(first.reservation, ONE, key=key())
    second = world.office.reserve(world.performance, ONE, seats=["A-3", "A-2"], key=key())
    world.office.reserve(world.performance, staff("user2"), seats=["B-1"], key=key())
    told = world.office.list_reservations("user1")
    assert [(r.reservation, r.state, r.seats) for r in told] == [
        (second.reservation, "held", ("A-2", "A-3")),
        (first.reservation, "paid", ("A-1",)),
    ]
    assert (told[0].concert_name, told[0].total.amount) == ("Concert", 2 * PRICE)
    assert told[0].held_until == second.held_until
    assert world.office.list_reservations("user3") == []


def test_names_of_every_script_are_stored_and_found_as_they_were_typed(world):
    import_plan(world.office, small_plan("세종문화회관 대극장"))
    concert = world.office.create_concert(
        "아이유 🎤 Concert; -- 'x'", "세종문화회관 대극장", key=key()
    )
    assert world.office.show_concert("아이유 🎤 Concert; -- 'x'").id == concert.id
    user = world.office.add_user("O'Brien [bold] 김", key=key())
    assert world.office.balance("O'Brien [bold] 김").user == user.user
