"""Lines of a batch that are done together are answered as if each had been alone."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from boxoffice.commands.batch.acting import Actor, Manner
from boxoffice.commands.batch.lines import Line
from boxoffice.commands.batch.sets import Sets
from boxoffice.commands.output import Exit
from boxoffice.core.errors import OperationNotSeen
from tests.conftest import PRICE, SHOW, make_world
from tests.invariants import assert_consistent

USERS = 8
LATER = SHOW + timedelta(days=1)
# What a line says of this very sale, and of no other.
OWN = {"reservation", "payment", "held_until", "paid_at", "performance", "entry", "user"}


def buy(at, seat, user, performance=1, **more):
    """Hold a seat, and pay what was held."""
    held = {"command": "reserve", "performance": performance, "seats": [seat], "user": user}
    return [held | {"key": f"r{at}"} | more, {"command": "pay", "reservation": f"@r{at}",
                                              "user": user}]  # fmt: skip


def sale(users, performance=1) -> list[dict]:
    """Sell to eight users, one of whom has no money, with lines that come to nothing."""
    lines = [{"command": "charge", "user": each, "amount": 3 * PRICE} for each in users[:-1]]

    def more(at, seat, user, **also):
        lines.extend(buy(f"{performance}-{at}", seat, users[user], performance, **also))

    for at in range(len(users)):
        more(at, f"A-{at + 1}", at)
    more(10, "A-1", 0)  # taken
    more(11, "Z-1", 3)  # unknown
    more(12, "B-2", 4, types=["no such type"])
    more(0, "A-1", 0)  # once more under the same key
    more(0, "B-3", 0)  # another request under it
    lines.append({"command": "reserve", "user": users[5], "performance": performance})  # no seat
    other = {"command": "pay", "user": users[6], "reservation": f"@r{performance}-0"}
    return [*lines, other, *buy("nobody", "B-1", "nobody", performance)]


@pytest.fixture
def wide(box):
    return make_world(box, users=2 * USERS)


def names(first):
    return [f"user{number}" for number in range(first, first + USERS)]


def run(world, lines, *options):
    world.office.close()
    stdin = "".join(f"{json.dumps(line)}\n" for line in lines)
    ran = world.box.run("batch", "--staff", *options, stdin=stdin)
    return [told(json.loads(line)) for line in ran.out.splitlines()], ran


def told(result):
    """Leave out what differs from sale to sale."""
    if result["ok"]:
        kept = {name: each for name, each in result["result"].items() if name not in OWN}
        return result | {"key": None, "result": kept}
    return result | {"key": None, "error": result["error"]["code"]}


def test_lines_done_together_are_answered_as_one_after_the_other(box, wide):
    prices = {"Standard": PRICE}
    other = wide.office.create_performance("1", LATER, prices=prices, key="2").performance
    alone, one = run(wide, sale(names(1)))
    together, two = run(wide, sale(names(1 + USERS), other), "--jobs", "2")
    assert together == alone
    assert (two.code, two.err) == (one.code, one.err)
    sold = box.rows(
        "SELECT performance_id, count(*) FROM performance_seats WHERE status = 'sold' GROUP BY 1"
    )
    assert sorted(sold) == [(1, USERS - 1), (other, USERS - 1)]
    assert wide.balances() == 2 * (USERS - 1) * 2 * PRICE
    assert_consistent(box)


def cut_sets(box, timing, operations_min=2):
    """Have the connection cut of every transaction that does so many operations."""
    for user in box.rows("SELECT id FROM users"):
        box.execute(f"CREATE SEQUENCE cut_{user[0]}")  # what it counts is not rolled back
    box.execute(
        "CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF (SELECT count(*) >= {operations_min} FROM operations"
        " WHERE xmin::text = pg_current_xact_id()::text) AND nextval('cut_' || NEW.user_id) > 0"
        " THEN PERFORM pg_terminate_backend(pg_backend_pid()), pg_sleep(60); END IF;"
        " RETURN NULL; END $$"
    )
    box.execute(
        f"CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON operations DEFERRABLE INITIALLY {timing}"
        " FOR EACH ROW EXECUTE FUNCTION cut()"
    )


def holds():
    """Return lines for a seat, for another, and for the first again, by three users."""
    asked = {"command": "reserve", "performance": 1}
    return [asked | {"seats": [seat], "user": f"user{at}", "key": f"h{at}"}
            for at, seat in enumerate(("A-1", "A-2", "A-1"), 1)]  # fmt: skip


def three_holds(world):
    """Do them where sets are cut."""
    answers = at_hand(world, holds())
    assert [each.exit == 0 for each in answers] == [True, True, False]
    assert [each.replayed for each in answers] == [False] * 3
    assert_consistent(world.box)


def test_what_is_refused_after_a_set_was_cut_at_its_commit_cannot_happen_later(wide):
    cut_sets(wide.box, "DEFERRED")
    three_holds(wide)
    assert wide.office.status("h3").state == "abandoned"


def test_a_set_cut_before_its_commit_leaves_no_doubt(wide):
    cut_sets(wide.box, "IMMEDIATE")
    three_holds(wide)
    with pytest.raises(OperationNotSeen):
        wide.office.status("h3")


def test_where_one_line_of_a_set_stays_in_doubt_no_other_waits(wide):
    cut_sets(wide.box, "DEFERRED", operations_min=1)
    office = wide.box.office(outcome_seconds=0.3)
    answers = at_hand(replace(wide, office=office), holds())
    assert [each.exit for each in answers] == [Exit.UNKNOWN] * 3
    tried = "SELECT count(*) FROM pg_sequences WHERE sequencename ~ '^cut_' AND last_value > 0"
    assert wide.box.one(tried) == 1
    told = [json.loads(each.written())["error"] for each in answers]
    assert [each["key"] for each in told] == ["h1", "h2", "h3"]
    assert [each["hint"].replace(each["key"], "h1") for each in told] == [told[0]["hint"]] * 3


def test_a_run_whose_sets_are_cut_says_no_more_than_its_counts(box, wide):
    cut_sets(box, "IMMEDIATE")
    lines = sale(names(1))
    _, ran = run(wide, lines, "--jobs", "2")
    assert wide.seats("sold") == USERS - 1
    assert len(ran.err.splitlines()) == 1, ran.err
    assert_consistent(box)


def at_hand(world, lines):
    """Do lines that are all there at once."""
    sets = Sets(Actor(world.office, Manner(staff=True)), world.office, Manner(staff=True))
    given = [Line(number=at, text=json.dumps(line).encode()) for at, line in enumerate(lines, 1)]
    return sets.act(given)


def test_lines_at_hand_of_different_users_share_a_transaction(wide):
    lines = sale(names(1))
    answers = at_hand(wide, lines)
    assert [each.number for each in answers] == list(range(1, len(lines) + 1))
    assert wide.seats("sold") == USERS - 1
    shared = wide.box.one(
        "SELECT max(n) FROM (SELECT count(*) AS n FROM operations GROUP BY xmin::text) each"
    )
    assert shared > 1
    assert_consistent(wide.box)


def test_the_lines_of_a_user_stay_in_their_order(wide):
    lines = [{"command": "charge", "user": "user1", "amount": 2 * PRICE}]
    lines += [*buy(1, "A-1", "user1"), *buy(2, "Z-1", "user2"), *buy(3, "A-2", "user1")]
    lines += [{"command": "cancel", "reservation": "@r1", "user": "user1"}]
    lines += [{"command": "balance", "user": "user1"}]
    answers = at_hand(wide, lines)
    assert [each.exit == 0 for each in answers] == [True] * 3 + [False] * 2 + [True] * 4
    assert answers[-1].found.balance.amount == PRICE
    assert_consistent(wide.box)
