"""`boxoffice outbox`: what is open, tried again, let go."""

from __future__ import annotations

import pytest

from tests.conftest import PRICE, key, staff

ONE = staff("user1")


@pytest.fixture
def dead(desk):
    """A desk with two events: one that was given up, one that still waits for the relay."""
    events = []
    for _ in range(2):
        desk.world.office.charge(PRICE, "user1", key=key())
        held = desk.world.office.reserve(desk.world.performance, ONE, best=1, key=key())
        desk.world.office.pay(held.reservation, ONE, key=key())
        events.append(f"pay:{held.reservation}")
    desk.box.execute("UPDATE outbox SET sent_at = now() WHERE dedupe_key = %s", events[0])
    desk.box.execute(
        "INSERT INTO deliveries SELECT performance_id, id, 'webhook', 'dead', 16, now(), 'it hung'"
        " FROM outbox WHERE sent_at IS NOT NULL"
    )
    return desk, *events


def state(desk):
    return desk.box.rows("SELECT state, attempts FROM deliveries")


def test_lists_say_what_is_open_and_in_which_state(dead):
    desk, given_up, waiting = dead
    both = desk.json("outbox", "list")
    assert [(one["event"], one["state"], one["sink"]) for one in both] == [
        (given_up, "dead", "webhook"),
        (waiting, "waiting", None),
    ]
    assert desk.run("outbox", "dead", "-q").out == f"{given_up}\n"
    assert desk.json("outbox", "list", "--state", "waiting", "--fields", "event") == [
        {"event": waiting}
    ]
    assert desk.json("outbox", "list", "--state", "sent") == []
    assert desk.refused("outbox", "list", "--state", "lost") == ("input_invalid", 2)
    assert desk.refused("outbox", "list", BOXOFFICE_ROLE="customer") == ("forbidden", 4)


def test_a_retry_makes_due_again_is_rehearsed_and_replayed_and_on_the_record(dead):
    desk, given_up, _ = dead
    ran = desk.run("outbox", "retry", "--all", "--dry-run", "--json")
    assert ran.json == {"deliveries": 1, "events": [given_up]}
    assert "nothing was changed" in ran.err
    assert state(desk) == [("dead", 16)]
    told = desk.json("outbox", "retry", given_up, "--key", "again")
    assert told == {"deliveries": 1, "events": [given_up]}
    assert state(desk) == [("waiting", 0)]
    assert desk.json("outbox", "retry", given_up, "--key", "again")["replayed"]
    assert desk.json("status", "again")["result"]["deliveries"] == 1
    assert desk.box.one("SELECT count(*) FROM audit WHERE action = 'outbox retry'") == 1


def test_any_number_that_was_given_up_is_tried_again_at_once(dead):
    desk, *_ = dead
    number, many = desk.world.performance, 25_000
    desk.box.execute(
        "INSERT INTO outbox (performance_id, type, payload, dedupe_key, sent_at)"
        f" SELECT {number}, 'reservation.paid', '{{}}', 'pay:' || n, now()"
        f" FROM generate_series(2, {many}) n"
    )
    desk.box.execute(
        "INSERT INTO deliveries SELECT performance_id, id, 'webhook', 'dead', 16, now(), 'it hung'"
        " FROM outbox WHERE sent_at IS NOT NULL ON CONFLICT DO NOTHING"
    )
    assert desk.run("outbox", "retry", "--all", "-q").out == f"{many}\n"
    assert desk.box.one("SELECT count(*) FROM deliveries WHERE state = 'waiting'") == many


def test_what_is_let_go_is_gone_and_only_what_was_given_up_can_be(dead):
    desk, given_up, waiting = dead
    assert desk.refused("outbox", "discard", waiting) == ("event_not_found", 3)
    assert desk.json("outbox", "discard", given_up)["deliveries"] == 1
    assert state(desk) == []
    assert [one["event"] for one in desk.json("outbox", "list", "--state", "sent")] == [given_up]


def test_a_retry_names_events_or_all_and_is_an_admins(dead):
    desk, given_up, _ = dead
    assert desk.refused("outbox", "retry") == ("input_invalid", 2)
    assert desk.refused("outbox", "retry", given_up, "--all") == ("input_invalid", 2)
    assert desk.refused("outbox", "retry", "pay:nothing") == ("event_not_found", 3)
    for act in ("retry", "discard"):
        assert desk.refused("outbox", act, given_up, BOXOFFICE_ROLE="clerk") == ("forbidden", 4)
    assert state(desk) == [("dead", 16)]
