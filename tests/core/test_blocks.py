"""Seats that the house keeps: all or none, until a time, never what somebody has."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from boxoffice.core import errors
from boxoffice.core.office import Office
from tests.clock import end_holds
from tests.conftest import PRICE, key, plain, staff
from tests.invariants import assert_consistent
from tests.waiting import blocked

FAR = datetime(2099, 1, 1, 12, tzinfo=UTC)
DUE = "UPDATE seat_blocks SET release_at = now() WHERE kind = 'technical'"


def block(world, *seats, office=None, **more):
    office = office or world.office
    told = {"kind": "house", "key": key()} | more
    return office.block_seats(world.performance, seats=seats, **told)


def test_a_blocked_seat_is_for_nobody_and_staff_are_told_why(world):
    kept = block(world, "A-1", "A-2", kind="technical", until=FAR, note="mixing desk")
    assert kept.seats == ("A-1", "A-2")
    assert (kept.kind, kept.until, kept.note) == ("technical", FAR, "mixing desk")
    with pytest.raises(errors.SeatBlocked):
        world.office.reserve(world.performance, staff("user1"), seats=["A-1", "B-1"], key=key())
    listed = world.office.list_seats(world.performance, staff("user1"), everything=True)
    assert [(s.state, s.block) for s in listed[:3]] == [
        *[("blocked", "technical")] * 2,
        ("free", None),
    ]
    (first, second) = world.office.list_blocks(world.performance)
    assert (first.seat, first.section, first.row, first.kind) == ("A-1", "Floor", "A", "technical")
    assert second.until == FAR
    assert world.box.one("SELECT sum(version) FROM performance_seats") == 2
    assert_consistent(world.box)


def test_a_row_and_a_section_are_blocked_and_given_back_whole(world):
    office, performance = world.office, world.performance
    row = office.block_seats(performance, row="B", section="Floor", kind="house", key=key())
    assert len(row.seats) == 10
    whole = office.block_seats(performance, section="Floor", kind="companion", key=key())
    assert len(whole.seats) == 50  # what was blocked already is blocked as is said now
    assert {b.kind for b in office.list_blocks(performance)} == {"companion"}
    freed = office.unblock_seats(performance, row="C", key="free")
    assert freed.seats == tuple(f"C-{n}" for n in range(1, 11))
    assert office.unblock_seats(performance, row="C", key="free").replayed
    assert office.unblock_seats(performance, row="C", key=key()).seats == ()
    assert world.seats("free") == 10
    ((before,),) = world.box.rows("SELECT before FROM audit WHERE operation_key = 'free'")
    assert [b["kind"] for b in before["blocks"]] == ["companion"] * 10
    assert_consistent(world.box)


def test_what_is_held_or_sold_is_named_and_then_nothing_is_blocked(world):
    office, one = world.office, staff("user1")
    office.charge(PRICE, "user1", key=key())
    sold = office.reserve(world.performance, one, seats=["A-1"], key=key())
    office.pay(sold.reservation, one, key=key())
    office.reserve(world.performance, one, seats=["A-3"], key=key())
    with pytest.raises(errors.SeatTaken, match="held or sold: A-1, A-3"):
        block(world, "A-1", "A-2", "A-3", key="k")
    assert (world.seats("blocked"), world.office.list_blocks(world.performance)) == (0, [])
    end_holds(world.box)
    assert block(world, "A-2", "A-3", key="k").seats == ("A-2", "A-3")  # a refusal keeps no key
    office.sweep()
    assert_consistent(world.box)


def test_seats_are_released_when_their_time_has_come_by_the_clock_of_the_database(world):
    office = world.office
    block(world, "A-1", kind="technical", until=datetime.now(UTC) + timedelta(days=1))
    block(world, "A-2", until=FAR)
    block(world, "A-3", "A-4", kind="technical")
    assert office.release_blocks() == 0
    world.box.execute(f"{DUE} AND seat_no = 0")
    with pytest.raises(errors.SeatBlocked):  # until somebody releases it
        office.reserve(world.performance, staff("user1"), seats=["A-1"], key=key())
    assert [office.release_blocks(), office.release_blocks()] == [1, 0]
    assert office.reserve(world.performance, staff("user1"), seats=["A-1"], key=key())
    assert [b.seat for b in office.list_blocks(world.performance)] == ["A-2", "A-3", "A-4"]
    world.box.execute(DUE)
    assert world.box.office(role="clerk").release_blocks() == 2
    assert_consistent(world.box)


def test_a_release_is_on_the_record_with_what_the_seats_were_kept_for(world):
    block(world, "A-1", kind="technical", until=FAR, note="camera")
    block(world, "A-2", kind="house", until=FAR)
    world.box.execute(f"{DUE} AND seat_no = 0")
    with pytest.raises(errors.Forbidden):
        world.box.office(role="customer", user="user1").release_blocks()
    assert [world.office.release_blocks(), world.office.release_blocks()] == [1, 0]
    [(principal, detail, before)] = world.box.rows(
        "SELECT principal, detail, before FROM audit WHERE action = 'release blocks'"
    )
    assert principal.startswith("admin:")
    assert detail == {"performance": world.performance, "seats": ["A-1"]}
    assert [(b["seat"], b["kind"], b["note"]) for b in before["blocks"]] == [
        ("A-1", "technical", "camera")
    ]


def test_what_cannot_be_meant_or_done_is_refused_and_a_rehearsal_changes_nothing(world):
    wrong = [
        ({"seats": ["A-1"], "kind": "vip"}, errors.InputInvalid),
        ({"seats": ["A-1", "A-1"]}, errors.InputInvalid),
        ({"seats": ["A-1"], "row": "A"}, errors.InputInvalid),
        ({}, errors.InputInvalid),
        ({"row": "Z"}, errors.InputInvalid),
        ({"section": "Balcony"}, errors.InputInvalid),
        ({"seats": ["Z-9"]}, errors.SeatNotFound),
        ({"seats": ["A-1"], "until": datetime(2020, 1, 1, tzinfo=UTC)}, errors.InputInvalid),
        ({"seats": ["A-1"], "note": "\x1b[2J"}, errors.InputInvalid),
    ]
    for terms, error in wrong:
        with pytest.raises(error):
            world.office.block_seats(world.performance, **({"kind": "house", "key": key()} | terms))
    with pytest.raises(errors.PerformanceNotFound):
        world.office.block_seats(99, row="A", kind="house", key=key())
    clerk = world.box.office(role="clerk")
    for act in (
        lambda: block(world, "A-1", office=clerk),
        lambda: clerk.unblock_seats(world.performance, row="A", key=key()),
    ):
        with pytest.raises(errors.Forbidden):
            act()
    rehearsing = Office(world.box.settings, dry_run=True)
    assert block(world, "A-1", office=rehearsing).seats == ("A-1",)
    rehearsing.close()
    assert world.box.one("SELECT count(*) FROM seat_blocks") == world.seats("blocked") == 0


def test_a_block_that_is_renewed_while_its_release_waits_stays(world):
    block(world, "A-1", until=FAR)
    world.box.execute("UPDATE seat_blocks SET release_at = now()")
    with psycopg.connect(plain(world.box.settings.database_url)) as renewing:
        renewing.execute("SELECT FROM performance_seats WHERE seat_no = 0 FOR UPDATE")
        renewing.execute("UPDATE seat_blocks SET release_at = now() + interval '1 day'")
        with blocked(world.box, world.office.release_blocks) as releasing:
            renewing.commit()
    assert releasing.result() == 0
    assert world.seats("blocked") == 1
    assert_consistent(world.box)


def test_an_empty_note_is_refused_as_such(world):
    with pytest.raises(errors.InputInvalid, match="note is empty"):
        block(world, "A-1", note="")
    assert world.seats("blocked") == 0
