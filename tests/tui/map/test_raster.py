"""A byte a cell: at any moment what the states say, touched only where something changed."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from boxoffice.tui.map.grid import lay_out_grid
from boxoffice.tui.map.raster import (
    BLOCKED,
    FREE,
    HELD,
    IN_RUN,
    IS_HIT,
    LETTERS,
    LOST,
    MINE,
    PENDING,
    SHOWN,
    SOLD,
    VOID,
    Raster,
)
from boxoffice.tui.map.tiles import Tiles
from tests.tui.map import halls

CLUB = halls.example("club")
GRID = lay_out_grid(CLUB)
SEATS = st.integers(0, len(CLUB.labels) - 1)
LETTER = st.sampled_from(b"fhsb")
SETS = ("set_mine", "set_pending", "set_lost", "set_run", "set_hits")
STEPS = st.one_of(
    st.tuples(st.just("apply"), st.lists(st.tuples(SEATS, LETTER), max_size=20)),
    st.tuples(
        st.just("apply_all"),
        st.lists(LETTER, min_size=len(CLUB.labels), max_size=len(CLUB.labels)).map(bytes),
    ),
    st.tuples(st.sampled_from(SETS), st.frozensets(SEATS, max_size=8)),
)


def blank(states=None):
    return Raster(GRID, CLUB.seat_categories, states or b"f" * len(CLUB.labels))


class Told:
    """What a raster was told, and what a seat has to show for it."""

    def __init__(self):
        self.states = bytearray(b"f" * len(CLUB.labels))
        self.sets = dict.fromkeys(SETS, frozenset())

    def take(self, name, told):
        if name == "apply":
            for seat, letter in told:
                self.states[seat] = letter
        elif name == "apply_all":
            self.states[:] = told
        else:
            self.sets[name] = told

    def shows(self, seat):
        free = FREE + CLUB.seat_categories[seat]
        code = {"h": HELD, "s": SOLD, "b": BLOCKED}.get(chr(self.states[seat]), free)
        for name, mine in (("set_mine", MINE), ("set_lost", LOST), ("set_pending", PENDING)):
            code = mine if seat in self.sets[name] else code
        code |= IN_RUN if seat in self.sets["set_run"] else 0
        return code | (IS_HIT if seat in self.sets["set_hits"] else 0)


def shown(raster, seat):
    return raster.lines[GRID.lines[seat]][GRID.columns[seat]]


@settings(max_examples=100, deadline=None)
@given(st.lists(STEPS, max_size=12))
def test_the_raster_shows_the_states_after_any_list_of_changes(steps):
    raster, told = blank(), Told()
    for name, what in steps:
        before = [bytes(line) for line in raster.lines]
        touched = getattr(raster, name)(what)
        told.take(name, what)
        after = [bytes(line) for line in raster.lines]
        assert touched == {at for at, line in enumerate(after) if line != before[at]}
    assert [shown(raster, seat) for seat in range(len(CLUB.labels))] == [
        told.shows(seat) for seat in range(len(CLUB.labels))
    ]
    cells = sum(len(line) - line.count(VOID) for line in raster.lines)
    assert cells == len(CLUB.labels)


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, max_size=12), st.integers(1, 5), st.integers(1, 5))
def test_counters_of_tiles_kept_up_to_date_equal_counters_made_anew(steps, columns, rows):
    raster = blank()
    raster.tiles = kept = Tiles(raster, columns, rows)
    for name, what in steps:
        getattr(raster, name)(what)
    anew = Tiles(raster, columns, rows)
    assert kept.lines == anew.lines
    width, height = len(anew.lines[0]), len(anew.lines)
    for y in range(height):
        for x in range(width):
            assert kept.tenths(x, y) == anew.tenths(x, y)


def test_a_tile_tells_sold_out_and_wholly_free_from_nearly():
    raster = blank()
    whole = Tiles(raster, 100, 100)
    raster.tiles = whole
    assert whole.tenths(0, 0) == 9
    raster.apply([(seat, ord("s")) for seat in range(49)])
    assert whole.tenths(0, 0) == 1
    raster.apply([(49, ord("s"))])
    assert whole.tenths(0, 0) == 0


def test_a_seat_of_this_counter_shows_so_whatever_the_server_says():
    raster = blank(b"h" * len(CLUB.labels))
    raster.set_mine({3})
    raster.apply([(3, ord("s"))])
    assert shown(raster, 3) == MINE
    raster.set_lost({3})
    assert shown(raster, 3) == LOST
    raster.set_pending({3})
    assert shown(raster, 3) == PENDING
    for name in SETS:
        getattr(raster, name)(())
    assert shown(raster, 3) == SOLD


def test_changes_of_seats_that_the_map_does_not_have_are_passed_over():
    raster = blank()
    assert raster.apply([(-1, ord("s")), (50, ord("s")), (0, ord("f"))]) == set()


def test_the_same_states_again_touch_nothing():
    states = halls.mixed_states(CLUB)
    raster = blank(states)
    assert raster.apply_all(states) == set()


def test_counts_are_those_of_the_server():
    raster = blank(b"f" * 30 + b"h" * 10 + b"s" * 8 + b"b" * 2)
    raster.set_mine(range(30, 34))
    counts = raster.counts()
    assert (counts.free, counts.held, counts.sold, counts.blocked) == (30, 10, 8, 2)


def test_a_category_past_the_letter_z_shows_letters_again():
    raster = Raster(GRID, [at * 2 for at in range(50)], b"f" * 50)
    codes = {shown(raster, seat) & SHOWN for seat in range(50)}
    assert codes == {FREE + 2 * at for at in range(LETTERS // 2)}
