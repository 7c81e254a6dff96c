"""Picking, releasing and keeping seats with keys, each counted in the database."""

from __future__ import annotations

from contextlib import contextmanager

import psycopg
import pytest

from boxoffice.core.events import HINT_CHANNEL
from boxoffice.core.model import FREE
from boxoffice.tui.sell.cart_screen import TICK_SECONDS
from tests.conftest import PRICE, SHOW, World, import_plan, key, make_world, plain, staff
from tests.invariants import assert_consistent
from tests.tui.sell.desk import at_map, labels, sells
from tests.tui.stage import assert_looks, played

SIZES = [(60, 18), (80, 24), (120, 40), (400, 120)]


@pytest.mark.parametrize("size", SIZES)
@played
async def test_a_map_opens_from_the_list_and_picks_hold_on_the_server(world, size):
    async with at_map(world, size=size) as stage:
        await sells(stage, "space", "right", "space", seats=2)
        assert labels(world, "held") == set(stage.app.screen.till.seats)
        assert world.box.one("SELECT count(*) FROM reservations") == 1
        assert world.box.one("SELECT user_id FROM reservations") == 0
        await stage.until_seen("Cart 2")


@played
async def test_picking_an_own_seat_gives_it_back_and_undo_takes_it_again(world):
    async with at_map(world) as stage:
        await sells(stage, "space", "right", "space", seats=2)
        (first, second) = stage.app.screen.till.seats
        await sells(stage, "space", seats=1)
        assert labels(world, "held") == {first}
        await sells(stage, "u", seats=2)
        assert labels(world, "held") == {first, second}
        await sells(stage, "u", seats=1)
        await sells(stage, "X", seats=0)
        assert labels(world, "held") == set()
        assert world.seats("free") == 50


@played
async def test_a_run_is_picked_as_one(world):
    async with at_map(world) as stage:
        await sells(stage, "home", "shift+right", "shift+right", "space", seats=3)
        assert labels(world, "held") == {"A-1", "A-2", "A-3"}
        assert world.box.one("SELECT max(version) FROM performance_seats") == 1


@played
async def test_digits_and_b_hold_the_best_and_n_the_next(world):
    async with at_map(world) as stage:
        await sells(stage, "4", "b", seats=4)
        best = set(stage.app.screen.till.seats)
        await stage.until_seen("4 together")
        await stage.press("n")
        await stage.until(lambda: labels(world, "held") not in (best, set()), "others are held")
        await sells(stage, seats=4)
        assert labels(world, "held") == set(stage.app.screen.till.seats)
        await stage.press("N")
        await stage.until(lambda: set(stage.app.screen.till.seats) == best, "the first are back")
        assert labels(world, "held") == best
        assert_consistent(world.box)


@played
async def test_ten_of_the_best_are_typed_with_two_digits(world):
    async with at_map(world) as stage:
        await sells(stage, "1", "0", "b", seats=10)
        assert len(labels(world, "held")) == 10


@played
async def test_a_seat_that_somebody_takes_first_shows_its_state_and_is_named(world):
    async with at_map(world) as stage:
        screen = stage.app.screen
        here = screen.seat_map.labels[screen.view.cursor]
        # Written past the core: no hint tells the map.
        world.box.execute(
            "UPDATE performance_seats SET status = 'blocked' WHERE seat_no = %s", screen.view.cursor
        )
        await stage.press("space")
        await stage.until_seen(here)
        await stage.until(lambda: screen.view.states[screen.view.cursor] != FREE, "it is shown")
        assert screen.till.held is None
        assert world.box.one("SELECT count(*) FROM reservations") == 0


@played
async def test_a_single_seat_left_alone_is_warned_of_and_not_refused(world):
    async with at_map(world) as stage:
        await sells(stage, "home", "right", "space", "right", "space", seats=2)
        await stage.until_seen("A-1 left alone")


@played
async def test_extending_and_a_long_hold_last_longer_and_bear_a_name(world):
    async with at_map(world) as stage:
        await sells(stage, "space", seats=1)
        before = world.box.one("SELECT held_until FROM reservations")
        await stage.press("e")
        await stage.until(
            lambda: world.box.one("SELECT held_until FROM reservations") > before, "it is longer"
        )
        await stage.press("H")
        await stage.type("Kim")
        await stage.press("enter")
        await stage.type("comes at 8")
        await stage.press("enter", "enter")
        await stage.until_seen("held for Kim until")
        await stage.press("escape")
        assert stage.app.screen.till.held is None  # the next customer begins with nothing
        assert stage.app.screen.seats_held() == 0
        assert world.box.rows("SELECT hold_name, hold_note FROM reservations") == [
            ("Kim", "comes at 8")
        ]
        assert world.box.one("SELECT held_until > now() + interval '23 hours' FROM reservations")
        assert_consistent(world.box)


@played
async def test_what_others_do_is_seen_without_a_key(world):
    async with at_map(world) as stage:
        seat = stage.app.screen.seat_map.indexes["C-5"]
        world.office.reserve(world.performance, staff("user1"), seats=["C-5"], key=key())
        await stage.until(lambda: stage.app.screen.view.states[seat] == ord("h"), "it is held")
        await stage.until_seen("free 49 (-1)")


@played
async def test_finding_goes_to_a_seat_and_an_unknown_text_to_orders(world):
    async with at_map(world) as stage:
        await stage.press("/")
        await stage.type("d 7")
        await stage.press("enter")
        screen = stage.app.screen
        await stage.until(lambda: screen.seat_map.labels[screen.view.cursor] == "D-7", "D-7")
        await stage.press("/")
        await stage.type("user1")
        await stage.press("enter")
        await stage.until(lambda: stage.app.current_mode == "orders", "orders are shown")


@played
async def test_plain_lists_lead_to_a_seat_without_the_map(world):
    async with at_map(world) as stage:
        await stage.press("ctrl+g")
        await stage.press("enter")
        await stage.type("C")
        await stage.press("enter")
        await stage.type("C-4")
        await stage.press("enter")
        screen = stage.app.screen
        await stage.until(lambda: screen.seat_map.labels[screen.view.cursor] == "C-4", "C-4")


@played
async def test_leaving_the_map_with_a_cart_asks_and_releases(world):
    async with at_map(world) as stage:
        await sells(stage, "space", seats=1)
        await stage.press("escape")
        await stage.until_seen("Release the cart?")
        await stage.press("enter")
        assert world.seats("held") == 1
        await stage.press("escape", "right", "enter")
        await stage.until(lambda: len(stage.app.screen_stack) == 1, "the list is shown")
        await stage.until(lambda: world.seats("held") == 0, "the seat is free again")


@played
async def test_quitting_with_a_cart_asks(world):
    async with at_map(world) as stage:
        await sells(stage, "space", seats=1)
        await stage.press("q")
        await stage.until_seen("1 seats are held and not paid")


@played
async def test_a_sold_out_hall_says_so_and_offers_nothing(box):
    world = make_world(box, rows=1, seats=2)
    world.office.reserve(world.performance, staff("user1"), seats=["A-1", "A-2"], key=key())
    async with at_map(world) as stage:
        await stage.press("b")
        await stage.until_seen("no 2 seats are free")
        assert stage.app.screen.till.held is None


@pytest.mark.parametrize("size", SIZES)
@played
async def test_a_map_with_a_cart_looks_like_this(world, size):
    async with at_map(world, size=size) as stage:
        world.office.reserve(world.performance, staff("user1"), seats=["C-5", "C-6"], key=key())
        await stage.until_seen("free 48 (-2)")
        await sells(stage, "home", "right", "space", "right", "space", seats=2)
        await stage.until_seen("alone")
        await stage.until_seen("hold ")
        await stage.until_seen("waiting")
        await stage.until_gone("free 47")  # the list of prices counts once a second
        assert_looks(stage, f"sell-{size[0]}x{size[1]}")


@contextmanager
def kept_waiting(world):
    """Let every change of a reservation wait until the end of the block."""
    url = plain(world.box.settings.database_url)
    with psycopg.connect(url) as connection:
        connection.execute("LOCK TABLE reservations IN SHARE MODE")
        yield


@played
async def test_keys_that_come_faster_than_answers_do_each_thing_once(world):
    async with at_map(world) as stage:
        await stage.press("home")
        with kept_waiting(world):
            await stage.press("space", "space", "space", "right", "space", "u")
            await stage.until_seen("?")
        await sells(stage, seats=2)
        assert labels(world, "held") == {"A-1", "A-2"}
        with kept_waiting(world):
            await stage.press("x", "x", "x", "X", "x")
        await sells(stage, seats=0)
        assert "a bug" not in stage.text
        assert labels(world, "held") == set()
        assert world.box.rows("SELECT state, count(*) FROM reservations GROUP BY state") == [
            ("cancelled", 1)
        ]
        assert_consistent(world.box)


@played
async def test_a_forged_hint_on_the_channel_does_not_end_the_watch(world):
    async with at_map(world) as stage:
        with world.office.stores.redis() as redis:
            for forged in (b"\xff\xfe", b"1\nA-1\x00", b"1\n\xff", b"", b"99\nA-1"):
                redis.publish(HINT_CHANNEL, forged)
        seat = stage.app.screen.seat_map.indexes["C-5"]
        world.office.reserve(world.performance, staff("user1"), seats=["C-5"], key=key())
        await stage.until(lambda: stage.app.screen.view.states[seat] == ord("h"), "it is held")
        assert "a bug" not in stage.text


@played
async def test_the_hall_is_read_once_and_shown_once(world):
    async with at_map(world) as stage:
        await sells(stage, "space", seats=1)
        opened = [timer for timer in stage.app.screen._timers if timer._interval == TICK_SECONDS]
        assert len(opened) == 1


@played
async def test_a_category_can_be_filtered_and_a_map_drawn_without_colours(world):
    async with at_map(world) as stage:
        await stage.press("f")
        await stage.type("Standard")
        await stage.press("enter")
        await stage.until(
            lambda: stage.app.screen.view.appearance.categories == frozenset([0]), "it is filtered"
        )


@played
async def test_a_number_of_five_thousand_digits_is_no_number_of_hours(world):
    async with at_map(world) as stage:
        await sells(stage, "space", seats=1)
        await stage.press("H")
        await stage.type("Kim")
        await stage.press("enter", "enter")
        stage.app.screen.query("Input").last().value = "9" * 5_000
        await stage.press("enter")
        await stage.until_seen("from 1 to 720 hours")


@played
async def test_the_best_of_a_section_and_of_a_category_stay_inside_them(box, theatre):
    office = box.office()
    venue = import_plan(office, theatre)
    concert = office.create_concert("Concert", venue.name, key=key()).id
    prices = dict.fromkeys(venue.categories, PRICE)
    performance = office.create_performance(str(concert), SHOW, prices=prices, key=key())
    world = World(
        box=box, office=office, concert=concert, performance=performance.performance, users=()
    )
    async with at_map(world, size=(120, 40)) as stage:
        screen = stage.app.screen
        screen.view.go_to(len(screen.seat_map.labels) - 1)
        last = screen.seat_map.sections[screen.seat_map.row_sections[-1]]
        await sells(stage, "3", "B", seats=3)
        free = office.list_seats(performance.performance, staff("0"), section=last, everything=True)
        assert set(screen.till.seats) <= {seat.seat for seat in free}
        await sells(stage, "X", seats=0)
        await stage.press("f")
        await stage.type(venue.categories[-1])
        await stage.press("enter")
        await stage.until(lambda: screen.view.appearance.categories, "it is filtered")
        await sells(stage, "3", "b", seats=3)
        free = office.list_seats(
            performance.performance, staff("0"), category=venue.categories[-1], everything=True
        )
        assert set(screen.till.seats) <= {seat.seat for seat in free}
