"""Finding out what became of a change, without a terminal and without waiting."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice

import pytest

from boxoffice.core import errors
from boxoffice.core.model import Operation
from boxoffice.tui.outcomes import (
    BACK_OFF_SECONDS_MAX,
    BACK_OFF_SECONDS_MIN,
    JITTER,
    Abandoned,
    settle,
    waits,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Server:
    """Answers questions about a key, and calls with it, from a script."""

    def __init__(self, statuses, calls=()) -> None:
        self.statuses, self.calls = iter(statuses), iter(calls)
        self.asked, self.called, self.waited = [], [], []

    def status(self, key):
        self.asked.append(key)
        result = told(next(self.statuses))
        return Operation(key=key, state="done", command="pay", result=result, at=NOW)

    def call(self, key):
        self.called.append(key)
        return told(next(self.calls))

    def pause(self, seconds):
        self.waited.append(seconds)
        return True

    def settle(self):
        return settle("k", self.call, self.status, self.pause)


def told(answer):
    if isinstance(answer, Exception):
        raise answer
    return answer


def test_the_stored_answer_is_the_answer_and_nothing_is_sent_again():
    server = Server(["paid"])
    assert server.settle() == "paid"
    assert server.called == []


def test_it_is_asked_again_until_the_database_answers():
    server = Server([errors.DatabaseUnavailable()] * 5 + ["paid"])
    assert server.settle() == "paid"
    assert len(server.asked) == len(server.waited) == 6
    assert server.called == []


def test_a_key_nobody_has_seen_is_sent_again_with_the_same_key():
    server = Server([errors.OperationNotSeen()], ["paid"])
    assert server.settle() == "paid"
    assert server.called == ["k"]


def test_a_repeat_whose_answer_is_lost_too_is_asked_for_again():
    server = Server([errors.OperationNotSeen(), "paid"], [errors.OutcomeUnknown()])
    assert server.settle() == "paid"
    assert server.called == ["k"]


def test_a_refused_repeat_ends_it():
    server = Server([errors.OperationNotSeen()], [errors.HoldExpired()])
    with pytest.raises(errors.HoldExpired):
        server.settle()


def test_leaving_ends_it_without_an_answer():
    with pytest.raises(Abandoned):
        settle("k", Server([]).call, Server([]).status, lambda _: False)


def test_waits_double_from_half_a_second_to_eight_and_are_spread_by_a_fifth():
    expected = [0.5, 1, 2, 4, 8, 8, 8]
    assert (BACK_OFF_SECONDS_MIN, BACK_OFF_SECONDS_MAX) == (0.5, 8)
    for _ in range(100):
        for seconds, around in zip(islice(waits(), 7), expected, strict=True):
            assert around * (1 - JITTER) <= seconds <= around * (1 + JITTER)
