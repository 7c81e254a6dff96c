"""Making what is sold: all of it or nothing, whatever was typed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from boxoffice.core import errors, examples
from tests.conftest import PRICE, SHOW, import_plan, key, small_plan, staff
from tests.invariants import assert_consistent

STADIUM_SEATS = 60_000


def make(world, date=SHOW + timedelta(days=1), prices=None, **window):
    return world.office.create_performance(
        str(world.concert), date, prices=prices or {"Standard": PRICE}, key=key(), **window
    )


def refused(world, error, act):
    """Expect a refusal that leaves the programme as it was."""
    count = (
        "SELECT (SELECT count(*) FROM performances), (SELECT count(*) FROM performance_seats),"
        " (SELECT count(*) FROM concerts), (SELECT count(*) FROM venues),"
        " (SELECT count(*) FROM users), (SELECT count(*) FROM operations)"
    )
    before = world.box.rows(count)
    with pytest.raises(error) as caught:
        act()
    assert world.box.rows(count) == before
    return str(caught.value)


def test_a_performance_is_made_with_every_seat_of_its_venue_free(world):
    made = make(world)
    assert (made.total_seats, made.free_seats, made.concert) == (50, 50, world.concert)
    assert world.box.rows(
        "SELECT status, count(*) FROM performance_seats WHERE performance_id = %s GROUP BY 1",
        made.performance,
    ) == [("free", 50)]
    assert_consistent(world.box)


def test_a_stadium_of_sixty_thousand_seats_is_made_whole(world):
    plan = examples.EXAMPLES["stadium"]()
    assert len(plan.seats) == STADIUM_SEATS
    import_plan(world.office, plan)
    world.office.create_concert("Stadium", plan.name, key=key())
    prices = dict.fromkeys(plan.categories, PRICE)
    made = world.office.create_performance("Stadium", SHOW, prices=prices, key=key())
    assert made.free_seats == STADIUM_SEATS
    question = "SELECT count(*) FROM performance_seats WHERE performance_id = %s"
    assert world.box.one(question, made.performance) == STADIUM_SEATS
    held = world.office.reserve(made.performance, staff("user1"), best=4, key=key())
    assert len(held.seats) == 4
    assert_consistent(world.box)


def test_times_without_an_offset_are_the_venues_and_the_sale_is_open_until_the_start(world):
    made = make(world)
    assert made.date.utcoffset() == timedelta(hours=9)
    assert made.date.replace(tzinfo=None) == SHOW + timedelta(days=1)
    assert made.sale_closes == made.date
    assert abs(made.sale_opens - world.box.one("SELECT now()")) < timedelta(minutes=1)
    explicit = make(world, datetime(2098, 1, 1, 12, tzinfo=UTC))
    assert explicit.date == datetime(2098, 1, 1, 12, tzinfo=UTC)


def test_every_category_is_priced_once_and_within_bounds(world):
    said = refused(world, errors.InputInvalid, lambda: make(world, prices={"VIP": 1}))
    assert "unknown category VIP" in said
    both = {"Standard": 1, "VIP": 1}
    refused(world, errors.InputInvalid, lambda: make(world, prices=both))
    for amount in (-1, 10**12 + 1, 10**30):
        refused(world, errors.AmountInvalid, lambda a=amount: make(world, prices={"Standard": a}))


def test_a_sale_that_closes_before_it_opens_is_refused(world):
    window = {"sale_opens": SHOW, "sale_closes": SHOW - timedelta(days=1)}
    refused(world, errors.InputInvalid, lambda: make(world, **window))


def test_a_performance_in_the_past_without_a_sale_window_is_refused(world):
    refused(world, errors.InputInvalid, lambda: make(world, datetime(2001, 1, 1, tzinfo=UTC)))


def test_a_concert_has_one_performance_at_a_time(world):
    refused(world, errors.DateTaken, lambda: make(world, SHOW))


def test_names_are_unique_and_a_taken_one_is_refused(world):
    office = world.office
    refused(world, errors.NameTaken, lambda: office.add_user("user1", key=key()))
    refused(world, errors.NameTaken, lambda: office.create_concert("Concert", "Room", key=key()))
    refused(world, errors.NameTaken, lambda: import_plan(office, small_plan()))


@pytest.mark.parametrize(
    "name", ["", "   ", "12", "a\x1b[31m", "a\nb", "a\u202eb", "\ud800", "x" * 101, "a\x00b"]
)
def test_a_name_that_a_terminal_could_not_show_is_refused(world, name):
    refused(world, errors.InputInvalid, lambda: world.office.add_user(name, key=key()))
    refused(
        world, errors.InputInvalid, lambda: world.office.create_concert(name, "Room", key=key())
    )


def test_an_unknown_venue_or_concert_is_not_found(world):
    office = world.office
    for name in ("Nowhere", "99", "9" * 30):
        refused(
            world, errors.VenueNotFound, lambda n=name: office.create_concert("New", n, key=key())
        )
        refused(
            world,
            errors.ConcertNotFound,
            lambda n=name: office.create_performance(n, SHOW, prices={"Standard": 1}, key=key()),
        )


def test_a_performance_that_fails_half_way_leaves_nothing(world):
    """The seats are made last; a failure there takes the performance and its prices along."""
    world.box.execute(
        "ALTER TABLE performance_seats ADD CONSTRAINT broken CHECK (seat_no < 49) NOT VALID"
    )
    from sqlalchemy.exc import IntegrityError

    refused(world, IntegrityError, lambda: make(world))
    assert world.box.one("SELECT count(*) FROM prices") == 1
