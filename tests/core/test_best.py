import dataclasses
import itertools
import math
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boxoffice.core.best import best
from boxoffice.core.examples import stadium, theatre
from boxoffice.core.hall import hall_of, lay_out

# A hall is drawn with a letter a seat: f free, x taken, w wheelchair place (free); a blank is
# an aisle. Rows stand one behind the other, an empty line starts the next section. The
# focal point is before the middle of the first row.


@dataclasses.dataclass
class Drawn:
    hall: object
    free: list
    names: list
    sections: list
    rows: list
    apart: list


def drawn(picture, focal=None):
    names, free, sections, rows, xs, ys, apart = [], [], [], [], [], [], []
    section = row = 0
    lines = picture.strip("\n").split("\n")
    for y, line in enumerate(lines):
        if not line.strip():
            section += 1
            continue
        for x, letter in enumerate(line):
            if letter == " ":
                continue
            names.append(f"{row}:{x}")
            free.append(letter in "fw")
            apart.append(letter == "w")
            sections.append(section)
            rows.append(row)
            xs.append(float(x))
            ys.append(y * 1.2)
        row += 1
    focal = focal or ((max(map(len, lines)) - 1) / 2, -1.0)
    hall = lay_out(sections=sections, rows=rows, xs=xs, ys=ys, set_apart=apart, focal=focal)
    return Drawn(hall, free, names, sections, rows, apart)


def chosen(picture, count, **options):
    house = drawn(picture)
    choice = best(house.hall, house.free, count, **options)
    return choice and (choice.step, choice.words, [house.names[seat] for seat in choice.seats])


def test_the_middle_of_the_first_row_is_best():
    assert chosen("fffffff\nfffffff", 3) == (1, "3 together", ["0:2", "0:3", "0:4"])


def test_one_seat_is_chosen_like_a_group():
    assert chosen("fffff\nfffff", 1) == (1, "1 seat", ["0:2"])


def test_no_single_seat_is_left_beside_a_taken_one():
    assert chosen("ffffxffff", 3)[1] == "3 together, leaving a single seat"
    assert chosen("ffffxfff", 3) == (1, "3 together", ["0:5", "0:6", "0:7"])


def test_a_single_seat_left_at_a_row_end_is_an_orphan_too():
    step, _, seats = chosen("fffff", 2)
    assert (step, seats) == (1, ["0:0", "0:1"])


def test_an_aisle_ends_a_run():
    assert chosen("ff ff", 3)[:2] == (4, "2+1 apart")
    assert chosen("fff fff", 2)[:2] == (2, "2 together, leaving a single seat")


def test_a_single_seat_that_was_alone_before_does_not_count():
    assert chosen("fxff", 2)[:2] == (1, "2 together")
    assert chosen("xfx", 1) == (1, "1 seat", ["0:1"])


def test_the_orphan_rule_outranks_the_distance():
    assert chosen("xfffx\nfffff\nffxxx", 2)[2] == ["1:0", "1:1"]


def test_a_group_that_fits_no_row_sits_in_neighbouring_rows_with_nobody_alone():
    assert chosen("xffxx\nxffxx\nxffxx", 4) == (
        3,
        "2+2 in neighbouring rows",
        ["0:1", "0:2", "1:1", "1:2"],
    )
    assert chosen("fffx\nffxx", 5)[1] == "3+2 in neighbouring rows"
    assert chosen("fffx\nfffx", 4)[1] == "2+2 in neighbouring rows"
    assert chosen("ff\nff\nff", 6)[1] == "2+2+2 in neighbouring rows"


def test_an_odd_group_takes_the_three_seats_in_a_row_that_it_needs():
    assert chosen("ff ff\nxxxxxxxxfff", 5)[1] == "3+2 in neighbouring rows"


def test_a_row_cut_by_an_aisle_is_its_own_neighbour():
    assert chosen("ff ff", 4)[:2] == (3, "2+2 in one row")


def test_a_row_between_sold_out_makes_them_no_neighbours():
    assert chosen("ffx\nxxx\nffx", 4)[:2] == (4, "2+2 apart")


def test_rows_of_two_sections_are_no_neighbours():
    assert chosen("ffx\n\nffx", 4)[:2] == (4, "2+2 apart")


def test_somebody_sits_alone_only_where_nothing_else_is_left():
    assert chosen("ffx\nfxf", 4)[:2] == (4, "2+1+1 apart")
    assert chosen("fxf", 2)[:2] == (4, "1+1 apart")


def test_nothing_is_chosen_where_too_few_seats_are_free():
    assert chosen("ffxff", 5) is None
    assert chosen("x", 1) is None


def test_wheelchair_places_are_offered_only_when_asked_for():
    assert chosen("wwxff", 2)[2] == ["0:3", "0:4"]
    assert chosen("wwxff", 3) is None
    assert chosen("xwwxx", 2, include_wheelchair=True)[2] == ["0:1", "0:2"]


def test_a_section_or_a_category_alone_can_be_asked_for():
    assert chosen("fff\n\nfff", 2, section=1)[2][0].startswith("1:")
    assert chosen("ffff", 2, category=1, categories=[0, 0, 1, 1])[2] == ["0:2", "0:3"]
    assert chosen("ffff", 3, category=1, categories=[0, 0, 1, 1]) is None


def test_a_free_seat_of_another_category_is_no_orphan_while_it_has_a_neighbour():
    categories = [0, 1, 1, 0]
    assert chosen("ffff", 2, category=1, categories=categories)[0] == 2
    assert chosen("fffff", 2, category=1, categories=[0, 0, 1, 1, 1])[2] == ["0:3", "0:4"]


def test_the_next_choices_follow_by_rising_distance_and_then_end():
    assert [chosen("ffff", 2, nth=n)[2][0] for n in range(3)] == ["0:0", "0:2", "0:1"]
    assert chosen("ffff", 2, nth=3) is None


@pytest.mark.parametrize("along", ["x", "y"])
def test_a_row_given_in_another_order_still_sits_side_by_side(along):
    places, still = [0.0, 4.0, 2.0, 1.0, 3.0], [0.0] * 5
    xs, ys = (places, still) if along == "x" else (still, places)
    hall = lay_out(
        sections=[0] * 5, rows=[0] * 5, xs=xs, ys=ys, set_apart=[False] * 5, focal=(2, -1)
    )
    choice = best(hall, [True] * 5, 3)
    assert choice.step == 1
    assert sorted(places[seat] for seat in choice.seats) in ([0, 1, 2], [2, 3, 4])


def test_the_two_seats_of_a_short_row_are_measured_by_the_hall():
    assert chosen("f    f\nxxxxxx", 2)[:2] == (4, "1+1 apart")
    assert chosen("ff\nxx", 2)[:2] == (1, "2 together")


def test_a_row_along_the_side_of_the_hall_sits_side_by_side():
    hall = lay_out(
        sections=[0] * 6,
        rows=[0] * 6,
        xs=[0.0] * 6,
        ys=[0.0, 1.0, 2.0, 5.0, 6.0, 7.0],
        set_apart=[False] * 6,
        focal=(0, 0),
    )
    assert best(hall, [True] * 6, 3).seats == (0, 1, 2)
    assert best(hall, [True] * 6, 4).step == 3


def test_seats_all_at_one_point_are_one_run():
    hall = lay_out(
        sections=[0] * 4, rows=[0] * 4, xs=[0] * 4, ys=[0] * 4, set_apart=[False] * 4, focal=(0, 0)
    )
    assert best(hall, bytearray(b"\1\1\1\1"), 4).step == 1


# --- against a model that tries everything ---


def gaps_of(picture):
    """The gaps between seats in each row that speaks for itself, and in all rows together."""
    rows = [[x for x, letter in enumerate(line) if letter != " "] for line in picture.split("\n")]
    gaps = [[b - a for a, b in itertools.pairwise(row)] for row in rows]
    everything = [gap for row in gaps for gap in row]
    return [row for row in (*gaps, everything) if row]


def usual_gap(gaps):
    return sorted(gaps)[(len(gaps) - 1) // 2]


def is_plain(picture):
    """Whether a seat's neighbour is the one next to it: where aisles are most gaps, who knows."""
    return all(usual_gap(gaps) == 1 for gaps in gaps_of(picture))


pictures = (
    st.lists(
        st.text("ffffxw ", min_size=1, max_size=9).filter(str.strip) | st.just(""),
        min_size=1,
        max_size=6,
    )
    .map("\n".join)
    .filter(str.strip)
    .filter(is_plain)
)


def runs_of(house):
    """The offered free seats as runs, by a rule of its own: same row, next to each other."""
    runs = []
    for seat, name in enumerate(house.names):
        if not house.free[seat] or house.apart[seat]:
            continue
        row, x = map(int, name.split(":"))
        if runs and runs[-1][-1][1:] == (row, x - 1) and not gap_before(house, seat):
            runs[-1].append((seat, row, x))
        else:
            runs.append([(seat, row, x)])
    return runs


def gap_before(house, seat):
    line = list(house.hall.seats)
    return line.index(seat) - line.index(seat - 1) > 1


def orphans(house, free):
    alone = set()
    for run in runs_of(dataclasses.replace(house, free=free)):
        if len(run) == 1:
            alone.add(run[0][0])
    return alone


def expected_step(house, count):
    runs = runs_of(house)
    before = orphans(house, house.free)
    steps = set()
    for run in runs:
        for at in range(len(run) - count + 1):
            window = {seat for seat, _, _ in run[at : at + count]}
            left = [free and seat not in window for seat, free in enumerate(house.free)]
            steps.add(1 if orphans(house, left) <= before else 2)
    if steps:
        return min(steps)
    pairs = [run for run in runs if len(run) >= 2]
    for size in range(2, len(pairs) + 1):
        for group in itertools.combinations(pairs, size):
            if connected(house, group) and fits(group, count):
                return 3
    return 4 if sum(map(len, runs)) >= count else None


def connected(house, group):
    rows = sorted({run[0][1] for run in group})
    return len({house.sections[run[0][0]] for run in group}) == 1 and all(
        b - a == 1 for a, b in itertools.pairwise(rows)
    )


def fits(group, count):
    parts = [range(2, len(run) + 1) for run in group]
    return any(sum(sizes) == count for sizes in itertools.product(*parts))


@settings(deadline=None)  # the machine may be busy
@given(pictures, st.integers(1, 8))
def test_the_step_is_the_lowest_that_any_choice_could_reach(picture, count):
    house = drawn(picture)
    choice = best(house.hall, house.free, count)
    assert (choice and choice.step) == expected_step(house, count)


@settings(deadline=None)  # the machine may be busy
@given(pictures, st.integers(1, 8), st.integers(0, 5), st.booleans())
def test_a_choice_is_free_seats_each_once_and_as_many_as_asked(picture, count, nth, wheelchair):
    house = drawn(picture)
    choice = best(house.hall, house.free, count, nth=nth, include_wheelchair=wheelchair)
    offered = [
        free and (wheelchair or not apart)
        for free, apart in zip(house.free, house.apart, strict=True)
    ]
    if choice is None:
        assert nth > 0 or sum(offered) < count
        return
    assert len(set(choice.seats)) == len(choice.seats) == count
    assert all(offered[seat] for seat in choice.seats)


@settings(deadline=None)  # the machine may be busy
@given(pictures, st.integers(4, 8))
def test_in_neighbouring_rows_nobody_sits_alone(picture, count):
    house = drawn(picture)
    for nth in range(5):
        choice = best(house.hall, house.free, count, nth=nth)
        if choice is None or choice.step != 3:
            return
        taken = [seat in choice.seats for seat in range(len(house.free))]
        parts = runs_of(dataclasses.replace(house, free=taken))
        assert all(len(part) >= 2 for part in parts)
        assert connected(house, parts)


@settings(deadline=None)  # the machine may be busy
@given(pictures, st.integers(1, 5))
def test_no_other_seats_of_the_same_step_are_nearer(picture, count):
    house = drawn(picture)
    everything = []
    for nth in itertools.count():
        choice = best(house.hall, house.free, count, nth=nth)
        if choice is None:
            break
        everything.append((choice.step, away(house, choice.seats), choice.seats))
    assert len({seats for _, _, seats in everything}) == len(everything)
    if everything and everything[0][0] <= 2:
        order = [(step, round(far, 1)) for step, far, _ in everything]
        assert order == sorted(order)
        windows = [max(0, len(run) - count + 1) for run in runs_of(house)]
        assert len(everything) == sum(windows)


def away(house, seats):
    place = {seat: at for at, seat in enumerate(house.hall.seats)}
    sums = house.hall.distances
    return math.fsum(sums[place[seat] + 1] - sums[place[seat]] for seat in seats) / 1_000


def test_the_theatre_sells_out_in_fours_from_the_stage_outwards():
    plan = theatre()
    hall = hall_of(plan)
    free = bytearray(b"\1" * 2_000)
    steps = []
    while choice := best(hall, free, 4):
        steps.append(choice.step)
        for seat in choice.seats:
            assert free[seat]
            free[seat] = 0
    wheelchair = sum(seat.wheelchair or seat.companion for seat in plan.seats)
    assert sum(free) == wheelchair
    assert len(steps) == (2_000 - wheelchair) / 4
    assert steps == sorted(steps)


@pytest.mark.parametrize("share", [1.0, 0.5, 0.1])
def test_a_stadium_is_searched_in_a_fraction_of_a_second(share):
    chance = random.Random(7)
    hall = hall_of(stadium())
    free = bytearray(chance.random() < share for _ in range(60_000))
    for count in (1, 2, 4, 10):
        started = time.process_time()
        assert len(best(hall, free, count).seats) == count
        # The aim is 0.06 s; the limit only tells a linear search from a quadratic one.
        assert time.process_time() - started < 1
