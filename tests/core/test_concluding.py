"""A change whose answer is lost ends as done once, as not done, or as unknown with its key."""

from __future__ import annotations

import tempfile
from itertools import islice
from pathlib import Path

import psycopg
import pytest

from boxoffice.core import errors
from boxoffice.core.journal import journal_of
from boxoffice.core.model import Caller
from boxoffice.core.office import Office
from boxoffice.core.outcomes import conclude, waits
from tests.conftest import PRICE, key, plain
from tests.invariants import assert_consistent
from tests.tui.wire import wired
from tests.waiting import BLOCKED, blocked, wait_until

CHARGES = "SELECT count(*) FROM ledger_entries WHERE type = 'charge'"


@pytest.fixture
def wire(world):
    """A wire to Postgres that a test can cut, and an office at the end of it."""
    with (
        tempfile.TemporaryDirectory(prefix="wire") as folder,
        wired(world.box, Path(folder)) as (wire, settings),
    ):
        wire.office = Office(settings)
        wire.office.balance("user1")  # connected, so that there is something to cut
        yield wire
        wire.office.close()


@pytest.fixture
def locker(world):
    with psycopg.connect(plain(world.box.settings.database_url)) as connection:
        yield connection


def charge(office, **options):
    """Charge 7 under the key "k"."""
    return conclude(
        office,
        "k",
        "charge",
        lambda k: office.charge(7, "1", key=k),
        about={"amount": 7},
        **options,
    )


def test_a_request_that_could_not_be_sent_is_not_answered_with_what_its_key_did_before(world):
    charge(world.office)
    journal = journal_of(world.office.settings)
    journal.begin("k", "charge")
    journal.release("k")  # as if somebody had been killed before he was told
    with pytest.raises(errors.AmountInvalid):
        conclude(
            world.office, "k", "charge", lambda k: world.office.charge(0, "1", key=k), about={}
        )
    assert world.box.one(CHARGES) == 1


def mending(wire):
    """Return a pause that mends the wire instead of waiting."""

    def pause(_seconds: float) -> bool:
        wire.mend()
        return True

    return pause


def unresolved(office):
    return [entry.key for entry in journal_of(office.settings).unresolved()]


def test_an_answer_lost_after_the_commit_is_given_again_and_nothing_is_done_twice(world, wire):
    told = []
    wire.lose_answers()
    charged = charge(wire.office, pause=mending(wire), doubted=told.append)
    assert (charged.balance.amount, charged.replayed) == (7, True)
    assert [error.code for error in told] == ["outcome_unknown"]
    assert (world.box.one(CHARGES), unresolved(wire.office)) == (1, [])


def test_a_change_that_never_arrived_is_done_once_by_the_repeat(world, wire, locker):
    world.office.charge(1, "user1", key=key())
    locker.execute("LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE")
    with blocked(world.box, lambda: charge(wire.office, pause=mending(wire))) as running:
        ((backend,),) = world.box.rows(BLOCKED)
        wire.cut()
        world.box.rows("SELECT pg_terminate_backend(%s)", backend)
        locker.rollback()
        assert running.result(timeout=30).balance.amount == 8
    assert (world.box.one(CHARGES), unresolved(wire.office)) == (2, [])


def test_what_is_unknown_at_the_deadline_is_said_with_its_key_and_kept_in_the_journal(world, wire):
    wire.lose_answers()
    with pytest.raises(errors.OutcomeUnknown) as unknown:
        charge(wire.office, deadline_seconds=0.2)
    assert unknown.value.key == "k"
    assert unresolved(wire.office) == ["k"]
    wire.mend()
    charged = charge(wire.office)
    assert (charged.replayed, world.box.one(CHARGES), unresolved(wire.office)) == (True, 1, [])


def test_a_command_that_cannot_connect_has_sent_nothing_and_knows_it(world, wire):
    wire.cut()
    other = Office(wire.office.settings)
    with pytest.raises(errors.DatabaseUnavailable):
        charge(other)
    assert (world.box.one(CHARGES), unresolved(other)) == (0, [])


def test_a_refusal_of_the_first_attempt_is_believed_and_closes_the_entry(world):
    with pytest.raises(errors.UserNotFound):
        conclude(
            world.office, "k", "x", lambda k: world.office.charge(7, "nobody", key=k), about={}
        )
    assert unresolved(world.office) == []
    assert world.box.rows("SELECT 1 FROM operations WHERE key = 'k'") == []


def test_a_refused_repeat_is_believed_only_once_the_first_attempt_is_fenced_off(
    world, wire, locker
):
    """The payment waits in the server while its customer's turn ends, and is never made."""
    office = wire.office
    place = office.enqueue(str(world.concert), "user1")
    caller = Caller(token=place.token)
    office.charge(PRICE, "user1", key=key())
    held = office.reserve(world.performance, caller, seats=["A-1"], key=key())
    locker.execute("SELECT 1 FROM performance_seats FOR UPDATE")

    def pay():
        return conclude(
            office,
            "k",
            "pay",
            lambda k: office.pay(held.reservation, caller, key=k),
            about={},
            pause=mending(wire),
        )

    with blocked(world.box, pay) as running:
        world.office.leave(place.token)
        wire.cut()
        with pytest.raises(errors.Refused):
            running.result(timeout=30)
    assert world.box.rows(BLOCKED)  # the first attempt lives on in the server
    locker.rollback()
    wait_until(lambda: not world.box.rows(BLOCKED), "the late payment has come to its end")
    assert world.office.status("k").state == "abandoned"
    assert world.seats("sold") == 0
    assert unresolved(office) == []
    assert_consistent(world.box)


def test_what_is_in_progress_all_the_time_stays_unknown(world, wire, locker):
    locker.execute("INSERT INTO operations VALUES ('k', 'user add', 'r', NULL, '{}')")
    with blocked(world.box, lambda: charge(wire.office, deadline_seconds=1)) as running:
        wire.cut()
        wire.mend()  # and every repeat waits for the key in vain
        with pytest.raises(errors.OutcomeUnknown):
            running.result(timeout=60)
    assert unresolved(wire.office) == ["k"]


def test_a_key_of_another_request_is_refused_whatever_was_in_doubt(world):
    world.office.add_user("kim", key="k")
    journal = journal_of(world.office.settings)
    journal.begin("k", "charge")
    journal.release("k")
    with pytest.raises(errors.KeyReused):
        charge(world.office)
    assert world.box.one(CHARGES) == 0


def test_a_bug_or_a_signal_leaves_the_entry(world):
    def fail(_key: str):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        conclude(world.office, "k", "x", fail, about={})
    assert unresolved(world.office) == ["k"]


def test_a_journal_that_cannot_be_written_stops_the_change_before_it_is_sent(world):
    (world.box.settings.state_dir / "journal").write_text("in the way")
    with pytest.raises(errors.LocalDiskFailed):
        charge(world.office)
    assert world.box.one(CHARGES) == 0


def test_whoever_leaves_while_waiting_is_told_that_it_is_unknown(wire):
    wire.lose_answers()
    with pytest.raises(errors.OutcomeUnknown):
        charge(wire.office, pause=lambda _: False, deadline_seconds=float("inf"))
    assert unresolved(wire.office) == ["k"]


def test_waits_grow_from_a_tenth_to_four_seconds_and_are_anything_below():
    limits = [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 4, 4, 4]
    seen = list(zip(*(islice(waits(), len(limits)) for _ in range(200)), strict=True))
    for limit, seconds in zip(limits, seen, strict=True):
        assert 0 <= min(seconds) < limit / 4
        assert limit * 3 / 4 < max(seconds) <= limit
