"""Keys settled by one process while others execute them: one answer, the same for everybody."""

from __future__ import annotations

from collections import Counter

import pytest

from boxoffice.core import errors
from tests.conftest import key
from tests.invariants import assert_consistent
from tests.races.crowd import DEADLINE_SECONDS, rush

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

KEYS = 300
MEETING = 5  # keys between two starts from one line
DONE, ABANDONED = "done", "abandoned"


def charge(office, name) -> str:
    try:
        office.charge(1, "1", key=name)
    except errors.OperationAbandoned:
        return ABANDONED
    return DONE


def settle(office, name) -> str:
    return office.settle(name).state


def status(office, name) -> str:
    """Only what is final counts: what was not seen, or is in progress, may go either way."""
    try:
        state = office.status(name).state
    except errors.OperationNotSeen:
        return ""
    return "" if state == "in_progress" else state


def ask(office, together, act, names):
    answers = []
    for number, name in enumerate(names):
        if number % MEETING == 0:
            together.wait(DEADLINE_SECONDS)
        answers.append(act(office, name))
    return answers


def test_keys_settled_while_they_are_executed_end_one_way_for_everybody(world):
    assert world.users[0] == 1
    names = [key() for _ in range(KEYS)]
    acts = (charge, charge, settle, status)
    told = list(zip(*rush(world.box, ask, [(act, names) for act in acts]), strict=True))
    ends = Counter()
    for name, (first, second, end, seen) in zip(names, told, strict=True):
        assert first == second == end, name
        assert seen in ("", end), name
        ends[end] += 1
    assert ends[DONE] > 0
    assert ends[ABANDONED] > 0
    assert world.balances() == ends[DONE]
    assert dict(
        world.box.rows(
            "SELECT state, count(*) FROM operations WHERE key = ANY (%s) GROUP BY 1", names
        )
    ) == dict(ends)
    assert_consistent(world.box)
