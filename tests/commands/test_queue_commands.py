"""The commands about queues: their states, their settings and the draw, once a key."""

from __future__ import annotations

import hashlib

from tests.conftest import key


def queue_of(desk, *arguments, **environment):
    return desk.json("queue", *arguments, **environment)


def test_a_queue_goes_through_its_states_and_heeds_them(desk):
    assert queue_of(desk, "show", "1")["state"] == "open"
    for command, state in (("pause", "paused"), ("resume", "open"), ("drain", "drain"),
                           ("open", "open"), ("close", "closed")):  # fmt: skip
        assert queue_of(desk, command, "Concert")["state"] == state
        assert desk.run("queue", "show", "1", "-q").out == f"{state}\n"
    assert desk.refused("enqueue", "1", "--user", "user1") == ("queue_closed", 4)


def test_only_a_paused_queue_is_resumed_for_else_a_draw_might_be_held(desk):
    queue_of(desk, "pre", "1")
    assert desk.refused("queue", "resume", "1") == ("input_invalid", 2)
    assert queue_of(desk, "show", "1")["state"] == "pre"


def test_settings_are_set_shown_and_given_back_to_the_default(desk):
    defaults = queue_of(desk, "show", "1")["settings"]
    line = queue_of(desk, "set", "1", "--capacity", "7", "--rate", "90", "--claim", "45.5")
    assert (line["capacity"], line["rate_per_minute"]) == (7, 90)
    changed = {"capacity": 7, "rate_per_minute": 90, "claim_seconds": 45.5}
    assert queue_of(desk, "show", "1")["settings"] == defaults | changed
    queue_of(desk, "set", "1", "--capacity", "default", "--claim", "default")
    assert queue_of(desk, "show", "1")["settings"] == defaults | {"rate_per_minute": 90}


def test_a_change_is_made_once_a_key_and_audited_with_how_it_was(desk):
    queue_of(desk, "set", "1", "--capacity", "7")
    first = queue_of(desk, "set", "1", "--capacity", "9", "--key", "k")
    queue_of(desk, "set", "1", "--capacity", "11")
    again = queue_of(desk, "set", "1", "--capacity", "9", "--key", "k")
    assert again == first | {"replayed": True}
    assert queue_of(desk, "show", "1")["settings"]["capacity"] == 11
    assert desk.json("status", "k")["result"] == first
    assert desk.refused("queue", "set", "1", "--capacity", "8", "-k", "k") == ("key_reused", 4)
    assert desk.box.rows("SELECT detail, before FROM audit WHERE operation_key = 'k'") == [
        ({"concert": 1, "capacity": 9}, {"capacity": 7})
    ]


def test_a_rehearsal_says_what_would_be_and_changes_nothing(desk):
    before = queue_of(desk, "show", "1")
    audited = desk.box.one("SELECT count(*) FROM audit")
    ran = desk.run("queue", "set", "1", "--capacity", "7", "--dry-run", "--json")
    assert (ran.json["capacity"], ran.err) == (7, "would queue set: nothing was changed\n")
    assert desk.run("queue", "close", "1", "--dry-run", "--json").json["state"] == "closed"
    assert desk.run("queue", "pre", "1", "--dry-run", "--json").json["state"] == "pre"
    assert queue_of(desk, "show", "1") == before
    assert desk.box.one("SELECT count(*) FROM audit") == audited
    assert desk.box.rows("SELECT * FROM draws") == []
    wrong = ("queue", "set", "1", "--capacity", "-1", "--dry-run")
    assert desk.refused(*wrong) == ("input_invalid", 2)
    desk.admitted()
    assert desk.refused("queue", "pre", "1", "--dry-run") == ("draw_refused", 4)


def test_a_draw_is_committed_to_before_and_its_seed_told_after_it_was_held(desk):
    assert desk.refused("queue", "draw", "1") == ("draw_not_found", 3)
    queue_of(desk, "pre", "1")
    before = queue_of(desk, "draw", "1")
    assert (before["state"], before["seed"], before["drawn"]) == ("pre", None, None)
    desk.json("enqueue", "1", "--user", "user1")
    would = desk.run("queue", "draw", "1", "--hold", "--dry-run", "--json").json
    assert (would["state"], would["drawn"], would["seed"]) == ("paused", 1, None)
    held = queue_of(desk, "draw", "1", "--hold")
    assert (held["state"], held["drawn"]) == ("paused", 1)
    assert hashlib.sha256(held["seed"].encode()).hexdigest() == before["commitment"]
    assert queue_of(desk, "draw", "1", "--hold") == held
    assert queue_of(desk, "resume", "1")["state"] == "open"
    assert desk.refused("queue", "pre", "1") == ("draw_refused", 4)


def test_a_clerk_may_pause_and_resize_and_an_admin_sets_the_rest(desk):
    clerk = {"BOXOFFICE_ROLE": "clerk"}
    queue_of(desk, "pause", "1", **clerk)
    queue_of(desk, "set", "1", "--capacity", "3", **clerk)
    for line in (("set", "1", "--rate", "3"), ("set", "1", "--rate", "3", "--dry-run")):
        assert desk.refused("queue", *line, **clerk) == ("forbidden", 4)
    for line in (("show", "1"), ("open", "1"), ("set", "1", "--capacity", "1")):
        assert desk.refused("queue", *line, BOXOFFICE_ROLE="customer") == ("forbidden", 4)


def test_wrong_words_about_queues_are_refused_with_their_codes(desk):
    for line, code in {
        ("show", "Nothing"): ("concert_not_found", 3),
        ("open", "9"): ("concert_not_found", 3),
        ("set", "1"): ("input_invalid", 2),
        ("set", "1", "--capacity", "many"): ("input_invalid", 2),
        ("set", "1", "--capacity", "1.5"): ("input_invalid", 2),
        ("set", "1", "--claim", "nan"): ("input_invalid", 2),
        ("set", "1", "--claim", "9" * 400): ("input_invalid", 2),
    }.items():
        assert desk.refused("queue", *line) == code, line
    away = {"BOXOFFICE_REDIS_URL": "unix:///nonexistent"}
    assert desk.refused("queue", "show", "1", **away) == ("queue_unavailable", 6)
    made = desk.run("queue", "close", "1", "--key", key(), "--json", **away)
    assert made.error["code"] == "queue_unavailable"
