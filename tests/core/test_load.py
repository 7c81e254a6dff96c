"""Load tests: who comes when, how durations are counted, and where load may be made at all."""

from __future__ import annotations

from itertools import pairwise
from random import Random
from time import monotonic

import pytest

from boxoffice.core import errors
from boxoffice.core.load.arrivals import arrivals
from boxoffice.core.load.crew import Arrival, Crew
from boxoffice.core.load.histogram import SPLIT, Histogram
from boxoffice.core.load.house import make_crowd, make_house
from boxoffice.core.load.populations import BUY, choose_kinds, read_mix
from boxoffice.core.load.visit import Visitor
from boxoffice.core.model import Load, Mix
from tests.conftest import key, make_world, staff
from tests.invariants import assert_consistent
from tests.waiting import wait_until

BUYERS = Mix(buy=1)


def test_durations_are_counted_to_within_two_per_cent_in_few_counters():
    found, chance = Histogram(), Random(1)
    durations = sorted(chance.expovariate(1) ** 4 for _ in range(5_000))
    for seconds in durations:
        found.add(seconds)
    for share in (0.5, 0.95, 0.99):
        exact = durations[round(share * len(durations)) - 1] * 1_000
        assert exact <= found.quantile_ms(share) <= exact * (1 + 2 / SPLIT)
    assert found.quantile_ms(1) == found.max_ms == durations[-1] * 1_000
    assert sum(count for _, count in found.bars()) == found.count == len(durations)
    found.add(10**9)  # longer than any bucket: it is counted, and the longest is told as it was
    assert found.max_ms == 10**12
    assert len(found.counts) < 2_000


def test_histograms_of_several_processes_add_up():
    one, other, both = Histogram(), Histogram(), Histogram()
    for number in range(1, 101):
        (one if number % 3 else other).add(number / 1_000)
        both.add(number / 1_000)
    one.merge(other)
    assert (one.counts, one.max_ms) == (both.counts, both.max_ms)
    assert Histogram().quantile_ms(0.99) == 0


def test_buyers_come_by_the_rate_whatever_becomes_of_those_before_them():
    moments = arrivals(Load(mix=BUYERS, rate=100, seconds=50), Random(7))
    assert moments == arrivals(Load(mix=BUYERS, rate=100, seconds=50), Random(7))
    assert moments == sorted(moments)
    assert len(moments) == pytest.approx(5_000, rel=0.1)
    gaps = [after - before for before, after in pairwise(moments)]
    long = sum(gap > 0.01 for gap in gaps) / len(gaps)  # of exponential gaps 1/e: no even pace
    assert long == pytest.approx(0.368, abs=0.05)
    assert arrivals(Load(mix=BUYERS, buyers=3), Random(7)) == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    "wrong",
    [{}, {"rate": 1, "buyers": 1}, {"buyers": 0}, {"rate": -1}, {"rate": 1, "seconds": 0}],
)
def test_a_load_that_cannot_be_meant_is_refused(wrong):
    with pytest.raises(errors.InputInvalid):
        arrivals(Load(mix=BUYERS, **wrong), Random(1))


def test_a_mix_is_named_or_given_in_shares():
    assert read_mix("buyers") == Mix(buy=100)
    assert read_mix("buy=3, browse=1") == Mix(buy=3, browse=1)
    kinds = choose_kinds(Mix(buy=3, fail=1), 4_000, Random(1))
    assert {*kinds} == {"buy", "fail"}
    assert kinds.count("buy") == pytest.approx(3_000, rel=0.1)
    for wrong in ("", "nobody", "buy", "buy=x", "buy=-1", "buy=0", "buy=1,buy=2"):
        with pytest.raises(errors.InputInvalid):
            read_mix(wrong)


def test_only_a_database_that_was_never_used_is_marked_and_then_for_ever(box):
    office = box.office()
    with pytest.raises(errors.NotMarked):
        office.require_marked()
    assert [office.mark_for_load(), office.mark_for_load()] == [True, False]
    world = make_world(box)
    office.charge(10, "user1", key=key())
    world.office.enqueue(str(world.concert), "user1")
    assert office.mark_for_load() is False
    office.require_marked()
    assert box.one("SELECT count(*) FROM audit WHERE action = 'bench mark'") == 1
    assert_consistent(box)


@pytest.mark.parametrize(
    "wrong", [{"seats": 0}, {"seats": 60_001}, {"admitted": 0}, {"processes": 999}]
)
def test_what_is_past_a_limit_is_refused_before_anything_is_made(box, wrong):
    office = box.office()
    office.mark_for_load()
    with pytest.raises(errors.InputInvalid):
        office.run_load(Load(mix=BUYERS, buyers=1, **wrong), print)
    assert box.one("SELECT count(*) FROM venues") == 0


def test_load_is_an_admins(box):
    for role in ("customer", "clerk", "reader"):
        office = box.office(role=role)
        for act in (
            office.mark_for_load,
            office.require_marked,
            lambda office=office: office.run_load(Load(mix=BUYERS, buyers=1), print),
        ):
            with pytest.raises(errors.Forbidden):
                act()


@pytest.mark.parametrize("use", ["enqueue", "charge", "reserve"])
def test_a_database_that_was_used_is_never_marked(world, use):
    uses = {
        "enqueue": lambda: world.office.enqueue(str(world.concert), "user1"),
        "charge": lambda: world.office.charge(10, "user1", key=key()),
        "reserve": lambda: world.office.reserve(
            world.performance, staff("user1"), seats=["A-1"], key=key()
        ),
    }
    uses[use]()
    with pytest.raises(errors.AlreadyInUse):
        world.office.mark_for_load()
    for again in range(2):  # what was refused left nothing behind
        with pytest.raises(errors.NotMarked):
            world.office.run_load(Load(mix=BUYERS, buyers=1 + again), print)
    assert world.box.one("SELECT count(*) FROM venues") == 1


def test_a_step_is_timed_from_when_it_was_due_and_nobody_waits_for_anothers_answer(box):
    """Who was to come a minute ago, and is served only now, has waited a minute."""
    office = box.office(connections=8)
    load = Load(mix=BUYERS, buyers=3)
    house = make_house(office, "run", load, 3)
    make_crowd(office, "run", load, [BUY] * 3)
    crew = Crew(office, house, 1)
    late = [Arrival(number=number, seconds=number / 1_000, kind=BUY) for number in range(3)]
    crew.start(late, monotonic() - 60)
    wait_until(crew.is_done, "all have ended")
    tally = crew.tally()
    assert dict(tally.ended) == {"paid": 3}
    assert tally.steps["join"].quantile_ms(0) >= 59_900
    assert tally.steps["flow"].quantile_ms(0) >= tally.steps["join"].quantile_ms(0)
    assert tally.steps["pay"].max_ms < 60_000  # due when the hold had been answered
    assert box.one("SELECT count(*) FROM performance_seats WHERE status = 'sold'") == 3
    assert_consistent(box)


def test_a_buyer_whose_place_is_lost_joins_again(box):
    office, steps = box.office(), []
    load = Load(mix=BUYERS, buyers=2, admitted=1)
    house = make_house(office, "run", load, 2)
    make_crowd(office, "run", load, [BUY] * 2)
    office.enqueue(str(house.concert), "run-user-1")  # the one who is admitted
    visit = Visitor(office, house, lambda step, _: steps.append(step)).visit(0, BUY, Random(1))
    next(visit)
    assert visit.send(monotonic()) > 0  # waits until the next poll
    office.serve(house.concert, box.one("SELECT id FROM users WHERE name = 'run-user-0'"))
    assert visit.send(monotonic()) == 0
    assert visit.send(monotonic()) > 0
    assert steps == ["join", "poll", "join"]
