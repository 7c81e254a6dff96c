"""`boxoffice bench`: who came, how long it took, and what the database says came of it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import pytest

from boxoffice.core import checkup
from tests.conftest import PRICE
from tests.invariants import assert_consistent
from tests.waiting import wait_until

OUTCOMES = (
    "SELECT count(*) FILTER (WHERE status = 'sold'), count(*) FILTER (WHERE status = 'held')"
    " FROM performance_seats"
)
SOLD_FOR = 1_000  # minor units a seat


@pytest.fixture
def marked(box):
    box.office().mark_for_load()
    return box


def test_a_database_without_the_mark_is_refused_and_untouched(world):
    ran = world.box.run("bench", "--buyers", "1", "--json")
    assert (ran.code, ran.error["code"]) == (4, "not_marked")
    world.office.charge(PRICE, "user1", key="charge")
    ran = world.box.run("bench", "--mark", "--json")
    assert (ran.code, ran.error["code"]) == (4, "already_in_use")
    assert world.box.one("SELECT count(*) FROM concerts") == 1


def test_the_mark_is_given_once_and_seen_by_the_doctor(box):
    def load_tests() -> str:
        return next(one.value for one in checkup.examine(box.settings) if one.name == "load tests")

    assert load_tests() == "refused"
    assert box.run("bench", "--mark", "--json").json == {"marked": True, "replayed": False}
    assert box.run("bench", "--mark", "--json").json == {"marked": True, "replayed": True}
    assert load_tests().startswith("allowed")


def test_every_kind_of_buyer_ends_as_its_kind_does_and_the_database_agrees(marked):
    given = ("--rate", "60", "--seconds", "0.7", "--seed", "5", "--admitted", "8")
    mix = ("--mix", "buy=4,browse=2,fail=2,abandon=2")
    found = marked.run("bench", *given, *mix, "--processes", "2", "--json").json
    ended, outcome = found["ended"], found["outcome"]
    assert set(ended) == {"paid", "browsed", "refused", "abandoned"}
    assert sum(ended.values()) == found["buyers"] == found["arrived"] > 20
    sold, held = marked.rows(OUTCOMES)[0]
    assert (sold, held) == (ended["paid"], ended["refused"] + ended["abandoned"])
    assert (outcome["sold"], outcome["held"], outcome["paid"]) == (sold, held, sold)
    taken = marked.one("SELECT sum(amount)::bigint FROM ledger_entries WHERE type = 'use'")
    assert outcome["taken"]["amount"] == taken == SOLD_FOR * sold
    assert (found["agrees"], found["violations"], found["failures"]) == (True, 0, {})
    assert (found["model"], found["seed"], found["interrupted"]) == ("open", 5, False)
    counted = {step["step"]: step["count"] for step in found["latencies"]}
    assert (counted["join"], counted["flow"]) == (found["buyers"], sold)
    assert counted["hold"] == sold + held
    for step in found["latencies"]:
        bars = sum(bar["count"] for bar in found["histogram"] if bar["step"] == step["step"])
        assert bars == step["count"]
        assert step["p50_ms"] <= step["p95_ms"] <= step["p99_ms"] <= step["max_ms"]
    assert_consistent(marked)


def test_more_buyers_than_seats_at_once_sell_every_seat_and_no_more(marked):
    given = ("--buyers", "40", "--seats", "25", "--mix", "buyers", "--processes", "1")
    found = marked.run("bench", *given, "--json").json
    assert found["ended"] == {"paid": 25, "sold_out": 15}
    assert (found["model"], found["outcome"]["seats"], found["agrees"]) == ("closed", 25, True)
    assert marked.rows(OUTCOMES) == [(25, 0)]
    again = marked.run("bench", "--buyers", "3", "--mix", "buyers", "--processes", "1")
    assert again.code == 0  # beside the first, under names of its own
    assert [line.split("\t")[0] for line in again.out.splitlines()][-1] == "flow"
    assert "3 payments" in again.err
    assert marked.one("SELECT count(DISTINCT name) FROM concerts") == 2
    assert marked.rows(OUTCOMES) == [(28, 0)]
    assert_consistent(marked)


def test_ctrl_c_ends_it_with_what_was_measured_so_far(marked):
    given = ("--rate", "30", "--seconds", "600", "--mix", "buyers", "--processes", "1")
    running = subprocess.Popen(
        [sys.executable, "-m", "boxoffice", "bench", *given, "--seats", "100", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=marked.environment,
        text=True,
    )
    try:
        wait_until(
            lambda: marked.one("SELECT count(*) FROM payments WHERE state = 'paid'"),
            "somebody has paid",
        )
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=60)
    finally:
        running.kill()
    assert (running.returncode, err) == (130, "")
    found = json.loads(out)
    assert (found["interrupted"], found["agrees"]) == (True, True)
    assert 0 < found["ended"]["paid"] <= found["outcome"]["paid"] <= found["arrived"]
    assert found["arrived"] < found["buyers"]
    assert marked.rows(OUTCOMES)[0][0] == found["outcome"]["sold"]
    assert_consistent(marked)


def test_a_mix_that_nobody_knows_is_refused_before_anything_is_made(marked):
    ran = marked.run("bench", "--mix", "everybody", "--json")
    assert (ran.code, ran.error["code"]) == (2, "input_invalid")
    assert marked.one("SELECT count(*) FROM venues") == 0
