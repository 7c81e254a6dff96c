"""Five hundred operation keys, each executed by four processes at once: one execution each."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict

import pytest

from boxoffice.core import errors
from tests.conftest import PRICE, key, make_world, staff
from tests.invariants import assert_consistent
from tests.races.crowd import DEADLINE_SECONDS, rush

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

ONE = staff("user1")
EACH = 125
PROCESSES = 4
MEETING = 5  # operations between two starts from one line
KINDS = (
    "SELECT command, count(*) FROM operations"
    " WHERE command IN ('reserve', 'charge', 'pay', 'cancel') AND key LIKE 'race %%'"
    " GROUP BY 1 ORDER BY 1"
)


def labels(first, count):
    return [
        f"{chr(ord('A') + number // 25)}-{number % 25 + 1}"
        for number in range(first, first + count)
    ]


def plan_of(world):
    """Mix five hundred operations: what each does, and under which key."""
    office, performance = world.office, world.performance
    for _ in range(3):
        office.charge(EACH * PRICE, "user1", key=key())
    held = [
        office.reserve(performance, ONE, seats=[label], key=key()).reservation
        for label in labels(EACH, 2 * EACH)
    ]
    for reservation in held[EACH : EACH + EACH // 2]:
        office.pay(reservation, ONE, key=key())
    plan = []
    for number, label in enumerate(labels(0, EACH)):
        best = number >= EACH - 25  # when no seat is wanted by its label any more
        wanted = {"best": 1} if best else {"seats": [label]}
        plan.append(("reserve", performance, ONE, wanted))
        plan.append(("charge", number + 1, "user1", {}))
        plan.append(("pay", held[number], ONE, {}))
        plan.append(("cancel", held[EACH + number], ONE, {}))
    return [(f"race {number}", *each) for number, each in enumerate(plan)]


def execute(office, together, plan):
    """Execute everything in order and return each answer, and whether it was a replay."""
    answers = []
    for number, (name, command, what, whom, options) in enumerate(plan):
        if number % MEETING == 0:
            together.wait(DEADLINE_SECONDS)
        answer = asdict(getattr(office, command)(what, whom, key=name, **options))
        answers.append((answer.pop("replayed"), answer))
    return answers


def test_five_hundred_keys_from_four_processes_are_executed_once_and_answered_alike(box):
    world = make_world(box, rows=16, seats=25)
    plan = plan_of(world)
    assert len(plan) == 500
    charged = world.box.one("SELECT sum(amount)::bigint FROM ledger_entries WHERE type = 'charge'")
    answers = list(zip(*rush(box, execute, [(plan,)] * PROCESSES), strict=True))
    for (name, command, *_), given in zip(plan, answers, strict=True):
        assert sorted(replayed for replayed, _ in given) == [False, True, True, True], name
        assert all(answer == given[0][1] for _, answer in given), (name, command)
    assert box.rows(KINDS) == [(kind, EACH) for kind in ("cancel", "charge", "pay", "reserve")]
    assert (world.seats("sold"), world.seats("held")) == (EACH, EACH)
    assert box.one(
        "SELECT sum(amount)::bigint FROM ledger_entries WHERE type = 'charge'"
    ) == charged + sum(range(1, EACH + 1))
    assert_consistent(box)


def claim(office, together, names, amount):
    """Use keys that three others use for another request at the same time."""
    outcomes = []
    for name in names:
        together.wait(DEADLINE_SECONDS)
        try:
            outcomes.append("done" if office.charge(amount, "user1", key=name) else "")
        except errors.KeyReused:
            outcomes.append("refused")
    return outcomes


def test_a_key_that_four_processes_use_for_four_requests_is_given_to_one(world):
    names = [key() for _ in range(40)]
    outcomes = rush(world.box, claim, [(names, amount) for amount in (1, 2, 3, 4)])
    for given in zip(*outcomes, strict=True):
        assert Counter(given) == {"done": 1, "refused": 3}
    assert world.box.one("SELECT count(*) FROM ledger_entries") == 40
    assert_consistent(world.box)
